import fc from 'fast-check'
import { expect, it } from 'vitest'
import { initialOutlierState, stepOutliers } from './machine.ts'
import { outlierOptionsSchema } from './options.ts'
import type { OutlierTarget } from './state.ts'
import { TargetTable } from './target-table.ts'

const [fresh] = stepOutliers(
  initialOutlierState,
  { type: 'targets', ids: ['a'], atMs: 0 },
  outlierOptionsSchema.parse({}),
).state.targets.values()
const target = (errors: number): OutlierTarget => ({ ...fresh!, errors })

it('holds what a map would, and leaves the table that it was made of as it is', () => {
  // Sizes on both sides of a row.
  const anySize = fc.constantFrom(0, 1, 99, 100, 101, 250)
  fc.assert(
    fc.property(anySize, fc.array(fc.tuple(fc.nat({ max: 260 }), fc.nat({ max: 3 })), { maxLength: 30 }), (size, changes) => {
      const ids = Array.from({ length: size }, (_, index) => `t${index}`)
      let table = TargetTable.of(ids.map((id) => [id, target(0)]))
      const model = new Map(ids.map((id) => [id, target(0)]))
      for (const [index, errors] of changes) {
        const id = `t${index}`
        const before = table
        const was = before.get(id)?.errors
        table = table.with(id, target(errors))
        expect(before.get(id)?.errors).toBe(was)
        if (model.has(id)) model.set(id, target(errors))
        const fits = (other: OutlierTarget) => other.errors === errors
        const count = [...model].filter(([otherId, other]) => otherId !== id && fits(other)).length
        expect([table.countOthers(id, fits), table.hasOther(id, fits)]).toEqual([count, count > 0])
        expect(table.some(fits)).toBe([...model.values()].some(fits))
      }
      expect([...table.ids()]).toEqual(ids)
      expect(table.size).toBe(size)
      expect(table.values()).toEqual([...model.values()])
      const more = table.map((one, id) => target(one.errors + (id === 't1' ? 1 : 0)))
      expect(more.values()).toEqual([...model].map(([id, one]) => target(one.errors + (id === 't1' ? 1 : 0))))
    }),
  )
})
