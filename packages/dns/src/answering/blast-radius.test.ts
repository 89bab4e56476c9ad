import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BlastLimit, judgeBlast, type PendingRecord, type Withdrawal } from './blast-radius.ts'

const limit: BlastLimit = { share: 0.5, atLeast: 10, withinMs: 60_000 }

/** Records of two values each; the first `failing` lose one, or both. */
function records(count: number, failing: number, lost = 1): readonly PendingRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `r${index}`,
    published: ['192.0.2.1', '192.0.2.2'],
    desired: index < failing ? ['192.0.2.1', '192.0.2.2'].slice(lost) : ['192.0.2.1', '192.0.2.2'],
  }))
}

describe('judgeBlast', () => {
  it('refuses that more than the share disappears at once, and names what is held', () => {
    expect(judgeBlast(records(10, 6, 2), { lately: [], limit, atMs: 0 })).toEqual({
      kind: 'refused',
      held: ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'],
      withdrawn: 12,
      published: 20,
    })
  })

  it('allows the share itself: one of two data centres', () => {
    expect(judgeBlast(records(10, 10, 1), { lately: [], limit, atMs: 0 })).toMatchObject({ kind: 'allowed' })
  })

  it('refuses a cascade one by one as it refuses the whole', () => {
    const allowed = judgeBlast(records(10, 5, 2), { lately: [], limit, atMs: 0 })
    if (allowed.kind !== 'allowed') throw new Error('half is allowed')
    // What was withdrawn is published no more.
    const after = records(10, 0).map((record, index) =>
      index < 5 ? { ...record, published: [], desired: [] } : index === 5 ? { ...record, desired: ['192.0.2.1'] } : record,
    )
    const within = { lately: allowed.withdrawals, limit, atMs: 59_999 }
    expect(judgeBlast(after, within)).toEqual({ kind: 'refused', held: ['r5'], withdrawn: 11, published: 20 })
    expect(judgeBlast(after, { ...within, atMs: 60_000 })).toMatchObject({ kind: 'allowed' })
  })

  it('does not count what has come back', () => {
    const lately: readonly Withdrawal[] = records(10, 5, 2)
      .slice(0, 5)
      .flatMap(({ key, published }) => published.map((value) => ({ key, value, atMs: 0 })))
    expect(judgeBlast(records(10, 4, 2), { lately, limit, atMs: 1 })).toMatchObject({ kind: 'allowed' })
  })

  it('counts a value that goes, comes back and goes again once', () => {
    const lately: readonly Withdrawal[] = [1, 2, 3].map((atMs) => ({ key: 'r0', value: '192.0.2.9', atMs }))
    const verdict = judgeBlast(records(10, 0), { lately, limit, atMs: 4 })
    expect(verdict.kind === 'allowed' && verdict.withdrawals).toHaveLength(1)
  })

  it('says nothing of a few values: a share of them is no sign of anything', () => {
    expect(judgeBlast(records(4, 4, 2), { lately: [], limit, atMs: 0 })).toMatchObject({ kind: 'allowed' })
  })

  it('never holds what only adds', () => {
    const text = fc.constantFrom('a', 'b', 'c', 'd')
    const record = fc.record({ published: fc.uniqueArray(text), desired: fc.uniqueArray(text) })
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (parts, share) => {
        const all = parts.map((part, index) => ({ ...part, key: String(index) }))
        const verdict = judgeBlast(all, { lately: [], limit: { ...limit, share }, atMs: 0 })
        if (verdict.kind === 'allowed') return
        for (const key of verdict.held) {
          const { published, desired } = all[Number(key)]!
          expect(published.some((value) => !desired.includes(value))).toBe(true)
        }
        expect(verdict.withdrawn).toBeGreaterThan(share * verdict.published)
      }),
    )
  })
})
