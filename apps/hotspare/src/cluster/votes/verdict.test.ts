import type { HealthState, Verdict } from '@hotspare/core'
import { decideQuorum, quorumOptionsSchema } from '@hotspare/health/quorum'
import { describe, expect, it } from 'vitest'
import { countedVerdict, type CountQuestion } from './verdict.ts'

const verdict = (state: HealthState, since = 100): Verdict<HealthState> => ({ state, since, because: `the probes say ${state}` })

/** This node sees `own`, and the others what is listed. */
function count(
  own: HealthState,
  others: readonly HealthState[],
  more: Partial<CountQuestion> & { readonly alone?: 'own' | 'unknown' } = {},
) {
  const { alone, ...rest } = more
  const rules = quorumOptionsSchema.parse(alone ? { alone } : {})
  const votes = others.map((state, index) => ({ observer: `n${index + 2}`, state, atMs: 900 }))
  const decision = decideQuorum({ own: { observer: 'n1', state: own }, votes, rules, nowMs: 1_000 })
  return countedVerdict({ before: undefined, own: verdict(own), decision, isFirstWord: false, atMs: 500, ...rest })
}

describe('what counts', () => {
  it('is not down because of one observer, and its own view stands beside it', () => {
    expect(count('down', ['up', 'up'])).toEqual({
      state: 'degraded',
      since: 500,
      because: '1 of 3 observers say that it is down (n1), and it takes 2; as this node sees it, it is down: the probes say down',
    })
  })

  it('is down where the others say so, although this node reaches it', () => {
    expect(count('up', ['down', 'down'])).toMatchObject({
      state: 'down',
      because: '2 of 3 observers say that it is down (n2, n3); as this node sees it, it is up: the probes say up',
    })
  })

  it('has the reason of the probes and the votes, where it is down by both', () => {
    expect(count('down', ['down', 'up'])).toEqual({
      state: 'down',
      since: 100,
      because: 'the probes say down; 2 of 3 observers say that it is down (n1, n2)',
    })
  })

  it.each<[HealthState, HealthState[]]>([
    ['up', ['up', 'up']],
    ['up', ['down', 'up']],
    ['up', []],
    ['degraded', ['up', 'up']],
    ['unknown', []],
  ])('is its own view, %s, where %j do not speak against it', (own, others) => {
    expect(count(own, others)).toEqual(verdict(own))
  })

  it('is its own view where it is alone, and says that it is', () => {
    expect(count('down', [])).toMatchObject({
      state: 'down',
      because: "the probes say down; 1 of the 2 votes that a quorum takes: this node's own view stands",
    })
    expect(count('down', [], { alone: 'unknown' })).toMatchObject({ state: 'unknown' })
  })

  it('holds since it counts, and not since this node has seen it so', () => {
    const before = { ...verdict('degraded', 300), because: 'outvoted' }
    expect(count('down', ['up', 'up'], { before })).toMatchObject({ state: 'degraded', since: 300 })
    // The others are gone: it has been down here for long, and counts as down from now on.
    expect(count('down', [], { before })).toMatchObject({ state: 'down', since: 500 })
  })
})

describe('a node that has just begun to listen', () => {
  it('does not take for dead what the others may see', () => {
    expect(count('down', [], { isFirstWord: true })).toMatchObject({ state: 'unknown', because: expect.stringContaining('awaited') })
    expect(count('down', [], { isFirstWord: true, before: verdict('up') })).toEqual(verdict('up'))
  })

  it('waits no longer than until it has heard enough of them', () => {
    expect(count('down', ['down'], { isFirstWord: true })).toMatchObject({ state: 'down' })
    expect(count('down', ['up'], { isFirstWord: true })).toMatchObject({ state: 'degraded' })
    expect(count('up', [], { isFirstWord: true })).toEqual(verdict('up'))
  })
})
