import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectionInput, type ConnectionRules, type ConnectionState, greet, stepConnection } from './connection-machine.ts'
import type { Frame, HelloFrame } from './frame.ts'

const ours: HelloFrame = { type: 'hello', node: 'a', session: 'aaaaaaaa', protocol: { current: 1, oldest: 1 }, fingerprint: 'f' }
const theirs: HelloFrame = { ...ours, node: 'b', session: 'bbbbbbbb' }
const rules: ConnectionRules = { ours, peer: 'b', helloTimeoutMs: 2_000, pingIntervalMs: 1_000, silenceMs: 3_000 }

/** Runs inputs at their times; @returns all effects with the last state. */
function play(steps: readonly (readonly [atMs: number, input: ConnectionInput | Frame])[], from?: ConnectionState) {
  let state = from ?? greet(rules, 0).state
  const effects = steps.flatMap(([atMs, input]) => {
    const step = stepConnection(state, asInput(input), atMs, rules)
    state = step.state
    return step.effects
  })
  return { state, effects, types: effects.map((effect) => (effect.type === 'send' ? `send ${effect.frame.type}` : effect.type)) }
}

function asInput(input: ConnectionInput | Frame): ConnectionInput {
  return ['frame', 'garbage', 'tick', 'end'].includes(input.type) ? (input as ConnectionInput) : { type: 'frame', frame: input as Frame }
}

const open = () => play([[0, theirs]]).state
const request = (id: number): Frame => ({ type: 'request', id, method: 'm', remainingMs: 1 })

describe('a connection', () => {
  it.each<readonly [string, Frame]>([
    ['a request', request(1)],
    ['a ping', { type: 'ping' }],
    ['an answer', { type: 'response', id: 1 }],
  ])('does not take %s before the hello', (_, frame) => {
    expect(play([[1, frame]]).effects).toEqual([expect.objectContaining({ type: 'close', reason: 'garbage' })])
  })

  it.each<readonly [string, readonly Frame[]]>([
    ['a second hello', [theirs]],
    ['a request with the id of an earlier one', [request(2), request(2)]],
    ['a request with an older id', [request(2), request(1)]],
  ])('is closed over %s', (_, frames) => {
    const { state, effects } = play(
      frames.map((frame) => [1, frame]),
      open(),
    )
    expect(state.phase).toBe('closed')
    expect(effects.at(-1)).toMatchObject({ type: 'close', reason: 'garbage', tell: { type: 'refused', reason: 'garbage' } })
  })

  it('tells the other side which versions do not fit', () => {
    const { effects } = play([[1, { ...theirs, protocol: { current: 9, oldest: 9 } }]])
    expect(effects).toEqual([expect.objectContaining({ reason: 'protocol-version', tell: expect.objectContaining({ type: 'refused' }) })])
  })

  it('is closed when no hello comes in time', () => {
    expect(play([[2_000, { type: 'tick' }]]).effects).toEqual([expect.objectContaining({ type: 'close', reason: 'no-hello' })])
  })

  it('ends with a goodbye at any time, and does nothing after it', () => {
    expect(play([[1, { type: 'goodbye' }]]).effects).toEqual([expect.objectContaining({ type: 'close', reason: 'goodbye' })])
    const { types } = play(
      [
        [1, { type: 'goodbye' }],
        [2, request(1)],
        [9_000, { type: 'tick' }],
      ],
      open(),
    )
    expect(types).toEqual(['close'])
  })

  it('passes on what is for others, and answers a ping', () => {
    const { types } = play(
      [
        [1, request(1)],
        [2, { type: 'cancel', id: 1 }],
        [3, { type: 'response', id: 1 }],
        [4, { type: 'ping' }],
        [5, { type: 'pong' }],
      ],
      open(),
    )
    expect(types).toEqual(['serve', 'cancel', 'settle', 'send pong'])
  })
})

describe('silence', () => {
  const tick: ConnectionInput = { type: 'tick' }

  it('is pinged, and closes the connection when it goes on', () => {
    const { types, effects } = play(
      [
        [1_000, tick],
        [2_000, tick],
        [3_000, tick],
      ],
      open(),
    )
    expect(types).toEqual(['send ping', 'send ping', 'close'])
    expect(effects.at(-1)).toMatchObject({ reason: 'silent' })
  })

  it('is not there while anything is heard', () => {
    const { types } = play(
      [
        [500, { type: 'ping' }],
        [1_000, tick],
        [1_900, { type: 'pong' }],
        [2_000, tick],
      ],
      open(),
    )
    expect(types).toEqual(['send pong'])
  })

  it('is not the peer’s when we ourselves stood still: it begins anew, with a ping', () => {
    const { types, state } = play([[60_000, tick]], open())
    expect(types).toEqual(['send ping'])
    expect(state).toMatchObject({ phase: 'open', heardMs: 60_000, dueMs: 61_000 })
  })

  it('is found no later than its limit, however frames and ticks fall', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 999 }), { maxLength: 20 }), (gaps) => {
        let state = open()
        let nowMs = 0
        let heardMs = 0
        const runTicks = (untilMs: number) => {
          while (state.phase !== 'closed' && state.dueMs <= untilMs) state = stepConnection(state, tick, state.dueMs, rules).state
        }
        for (const gap of gaps) {
          nowMs += gap
          runTicks(nowMs)
          state = stepConnection(state, { type: 'frame', frame: { type: 'pong' } }, nowMs, rules).state
          heardMs = nowMs
        }
        expect(state.phase).toBe('open')
        runTicks(heardMs + rules.silenceMs - 1)
        expect(state.phase).toBe('open')
        runTicks(heardMs + rules.silenceMs)
        expect(state.phase).toBe('closed')
      }),
    )
  })
})
