import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordSet } from '../value.ts'
import { type KeptRecord, recordChanges, setOf } from './records-by-id.ts'

const name = { name: 'www.example.com', type: 'TXT' } as const
const values = ['a', 'b', 'c', 'd', 'e']

const keptRecords = fc
  .array(fc.record({ value: fc.constantFrom(...values), ttlSeconds: fc.constantFrom(60, 300) }), { maxLength: 6 })
  .map((list) => list.map((record, index): KeptRecord => ({ id: String(index), ...record })))

const nextSets = fc.option(
  fc
    .record({ ttlSeconds: fc.constantFrom(60, 300), values: fc.subarray(values, { minLength: 1 }) })
    .map((parts) => recordSet({ ...name, ...parts })),
  { nil: undefined },
)

/** The records that there are after every step, in the order in which a driver goes. */
function steps(kept: readonly KeptRecord[], next: ReturnType<typeof recordSet> | undefined): readonly (readonly KeptRecord[])[] {
  const { updates, creates, deletes } = recordChanges(kept, next)
  let list = kept
  const seen = [list]
  const now = (changed: readonly KeptRecord[]) => void seen.push((list = changed))
  for (const update of updates) now(list.map((record) => (record.id === update.id ? update : record)))
  for (const [index, made] of creates.entries()) now([...list, { id: `new-${index}`, ...made }])
  for (const id of deletes) now(list.filter((record) => record.id !== id))
  return seen
}

describe('recordChanges', () => {
  it('makes out of any records what is asked for, each value once', () => {
    fc.assert(
      fc.property(keptRecords, nextSets, (kept, next) => {
        const last = steps(kept, next).at(-1) ?? []
        expect(last.map(({ value }) => value).toSorted()).toEqual(next?.values ?? [])
        expect(last.every(({ ttlSeconds }) => ttlSeconds === next?.ttlSeconds)).toBe(true)
      }),
    )
  })

  it('never passes through nothing on the way from something to something', () => {
    fc.assert(
      fc.property(keptRecords, nextSets, (kept, next) => {
        fc.pre(kept.length > 0 && next !== undefined)
        for (const list of steps(kept, next)) expect(list.length).toBeGreaterThan(0)
      }),
    )
  })

  it('never makes a twin on the way, where there was none', () => {
    fc.assert(
      fc.property(keptRecords, nextSets, (kept, next) => {
        fc.pre(new Set(kept.map(({ value }) => value)).size === kept.length)
        for (const list of steps(kept, next)) expect(new Set(list.map(({ value }) => value)).size).toBe(list.length)
      }),
    )
  })

  it('does nothing where all is as it should be', () => {
    const next = recordSet({ ...name, ttlSeconds: 60, values: ['a', 'b'] })
    const kept = next.values.map((value, index) => ({ id: String(index), value, ttlSeconds: 60 }))
    expect(recordChanges(kept, next)).toEqual({ updates: [], creates: [], deletes: [] })
  })
})

describe('setOf', () => {
  it('has no set of no records', () => {
    expect(setOf([])).toBeUndefined()
  })

  it('has the longest TTL where records differ, so that a shorter one is a change', () => {
    const kept = [
      { id: '1', value: 'a', ttlSeconds: 60 },
      { id: '2', value: 'b', ttlSeconds: 300 },
    ]
    expect(setOf(kept)).toEqual({ ttlSeconds: 300, values: ['a', 'b'] })
  })
})
