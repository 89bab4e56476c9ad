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
  return ['frame', 'garbage', 'heard', 'tick', 'end'].includes(input.type)
    ? (input as ConnectionInput)
    : { type: 'frame', frame: input as Frame }
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
    expect(play([[2_000, { type: 'tick', stuck: false }]]).effects).toEqual([
      expect.objectContaining({ type: 'close', reason: 'no-hello' }),
    ])
  })

  it('ends with a goodbye at any time, and does nothing after it', () => {
    expect(play([[1, { type: 'goodbye' }]]).effects).toEqual([expect.objectContaining({ type: 'close', reason: 'goodbye' })])
    const { types } = play(
      [
        [1, { type: 'goodbye' }],
        [2, request(1)],
        [9_000, { type: 'tick', stuck: false }],
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
  const tick: ConnectionInput = { type: 'tick', stuck: false }
  const heard: ConnectionInput = { type: 'heard' }

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
        [500, heard],
        [1_000, tick],
        [1_900, heard],
        [2_000, tick],
      ],
      open(),
    )
    expect(types).toEqual([])
  })

  it('is not the peer’s while we ourselves stood still: of a pause only the time until its tick was due counts', () => {
    const { types, state } = play([[60_000, tick]], open())
    expect(types).toEqual(['send ping'])
    expect(state).toMatchObject({ phase: 'open', silentMs: 1_000, dueMs: 61_000 })
  })

  // What broke: a late tick began the silence anew, so a node that was late each time never found a dead peer.
  it('is found by a node that is late again and again', () => {
    const { types, effects } = play(
      [10_000, 20_000, 30_000, 40_000].map((atMs) => [atMs, tick] as const),
      open(),
    )
    expect(types).toEqual(['send ping', 'send ping', 'send ping', 'close'])
    expect(effects.at(-1)).toMatchObject({ reason: 'silent' })
  })

  it('that ended during our own pause is forgiven: what waits is read before the connection is closed', () => {
    const { types, state } = play(
      [
        [1_000, tick],
        [2_000, tick],
        [9_000, tick],
        [9_001, heard],
        [9_010, tick],
      ],
      open(),
    )
    expect(types).toEqual(['send ping', 'send ping', 'send ping'])
    expect(state).toMatchObject({ phase: 'open', lastLook: false })
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
          state = stepConnection(state, heard, nowMs, rules).state
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

describe('what waits to be sent', () => {
  const stuck: ConnectionInput = { type: 'tick', stuck: true }
  const heard: ConnectionInput = { type: 'heard' }

  it('closes the connection when nothing of it leaves for as long as a silence may be, though the peer is heard', () => {
    const { effects } = play(
      [1_000, 2_000, 3_000].flatMap((atMs) => [[atMs - 1, heard] as const, [atMs, stuck] as const]),
      open(),
    )
    expect(effects).toEqual([expect.objectContaining({ type: 'close', reason: 'not-reading' })])
  })

  it('closes it as well when each of our ticks is late', () => {
    const { types } = play(
      [1_500, 3_000, 4_500, 4_600].flatMap((atMs) => [[atMs - 1, heard] as const, [atMs, stuck] as const]),
      open(),
    )
    expect(types).toEqual(['close'])
  })

  it('does not while some of it leaves', () => {
    const { state } = play(
      [1_000, 2_000, 3_000, 4_000, 5_000].flatMap((atMs) => [
        [atMs - 1, heard] as const,
        [atMs, { type: 'tick', stuck: atMs !== 3_000 }] as const,
      ]),
      open(),
    )
    expect(state).toMatchObject({ phase: 'open', stuckMs: 2_000 })
  })
})
