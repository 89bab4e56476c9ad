import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decisionDefaults } from './defaults.ts'
import { active, facts, failures, memory, NOW_MS, peer, report, service } from './facts.fixture.ts'
import { canBeTaken, type Memory, type PlanEnd, remember, rememberEnd } from './memory.ts'

const HOUR_MS = 3_600_000
const failed: PlanEnd = { move: 'complete', failed: 'the cable is out', ownFault: true, acquired: true }
const worked: PlanEnd = { move: 'complete', failed: undefined, ownFault: false, acquired: true }

const holds = (remembered: Memory, node: string, atMs: number) => {
  const what = node === 'a' ? active() : facts({ leaseHolder: node })
  return remember(remembered, service(), what, atMs)
}

describe('moves', () => {
  it('are counted from member to member, not from nobody, nor from a member to itself', () => {
    let now = holds(memory(), 'b', 1)
    now = remember(now, service(), facts({ lease: 'free' }), 2)
    now = holds(now, 'b', 3)
    expect(now.movesMs).toEqual([])
    now = remember(now, service(), facts({ lease: 'free' }), 4)
    now = holds(now, 'a', 5)
    now = holds(now, 'b', 6)
    expect(now).toMatchObject({ movesMs: [5, 6], lastHolder: 'b' })
  })

  it('are forgotten after an hour', () => {
    const now = memory({ lastHolder: 'a', movesMs: [0, 1_000] })
    expect(holds(now, 'a', HOUR_MS).movesMs).toEqual([1_000])
    expect(holds(now, 'a', HOUR_MS + 1_000).movesMs).toEqual([])
  })
})

describe('freeSinceMs', () => {
  it('stays while the lease can be taken, and is gone when it cannot', () => {
    let now = remember(memory(), service(), facts({ lease: 'free' }), 10)
    now = remember(now, service(), facts({ lease: 'unknown' }), 20)
    expect(now.freeSinceMs).toBe(10)
    expect(remember(now, service(), facts({ lease: 'unknown', arbiterAnswers: false }), 30).freeSinceMs).toBeUndefined()
    expect(remember(now, service(), facts(), 30).freeSinceMs).toBeUndefined()
  })

  it('needs the word of the arbiter: before it has said anything, nothing can be taken', () => {
    expect(canBeTaken(facts({ lease: 'unknown', leaseHolder: undefined }))).toBe(false)
    expect(canBeTaken(facts({ lease: 'unknown' }))).toBe(true)
    expect(canBeTaken(active())).toBe(false)
  })
})

describe('failures', () => {
  it('are followed by ever longer pauses, up to a limit', () => {
    let now = memory()
    const pauses = Array.from({ length: 8 }, () => {
      now = rememberEnd(now, failed, NOW_MS)
      return (now.failures?.retryAtMs ?? 0) - NOW_MS
    })
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    expect(now.failures).toMatchObject({ attempts: 8, ownFaults: 8, move: 'complete', atMs: NOW_MS, because: 'the cable is out' })
  })

  it('of others do not speak against this node', () => {
    const now = rememberEnd(memory({ failures: failures({ ownFaults: 1 }) }), { ...failed, move: 'hand-over', ownFault: false }, NOW_MS)
    expect(now.failures).toMatchObject({ attempts: 4, ownFaults: 1, move: 'hand-over' })
  })

  it('are forgotten once the resources were had, and not because letting go of them went well', () => {
    const now = memory({ failures: failures() })
    for (const move of ['let-go', 'hand-over'] as const) {
      expect(rememberEnd(now, { ...worked, move, acquired: false }, NOW_MS).failures).toEqual(now.failures)
      const others = memory({ failures: failures({ ownFaults: 0, move }) })
      expect(rememberEnd(others, { ...worked, move, acquired: false }, NOW_MS).failures).toBeUndefined()
    }
    expect(rememberEnd(now, worked, NOW_MS).failures).toBeUndefined()
  })

  it('are forgotten after a minute without an attempt', () => {
    const now = memory({ failures: failures() })
    const endMs = NOW_MS + 1_000 + decisionDefaults.forgetMs
    expect(remember(now, service(), active(), endMs - 1).failures).toBeDefined()
    expect(remember(now, service(), active(), endMs).failures).toBeUndefined()
  })

  it('never lead to a pause beyond the limit, whatever fails how often', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ ownFault: fc.boolean(), atMs: fc.nat() }), { minLength: 1, maxLength: 2_000 }), (ends) => {
        let now = memory()
        for (const { ownFault, atMs } of ends) {
          now = rememberEnd(now, { ...failed, ownFault }, atMs)
          const pauseMs = (now.failures?.retryAtMs ?? Infinity) - atMs
          expect(pauseMs >= decisionDefaults.retryBaseMs && pauseMs <= decisionDefaults.retryCapMs).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })
})

describe('preferred', () => {
  const members = ['b', 'c', 'a']
  const see = (remembered: Memory, peers: Parameters<typeof active>[0], atMs: number) => {
    return remember(remembered, service({ members }), active(peers), atMs)
  }

  it('is nobody for a node that is not active, or is the preferred one itself', () => {
    expect(remember(memory(), service({ members }), facts(), 1).preferred).toBeUndefined()
    expect(remember(memory(), service(), active(), 1).preferred).toBeUndefined()
  })

  it('counts from when it was seen well without a break', () => {
    let now = see(memory(), {}, 10)
    now = see(now, {}, 20)
    expect(now.preferred).toEqual({ node: 'b', sinceMs: 10 })
    now = see(now, { peers: [peer('b', { report: report({ check: { state: 'down', because: '' } }) })] }, 30)
    expect(now.preferred).toBeUndefined()
    expect(see(now, {}, 40).preferred).toEqual({ node: 'b', sinceMs: 40 })
  })

  it('counts anew for another one', () => {
    const now = see(memory(), { peers: [peer('b', { alive: 'down' }), peer('c')] }, 10)
    expect(now.preferred).toEqual({ node: 'c', sinceMs: 10 })
    expect(see(now, {}, 20).preferred).toEqual({ node: 'b', sinceMs: 20 })
  })
})
