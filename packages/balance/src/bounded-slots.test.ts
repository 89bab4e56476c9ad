import { array, assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { boundedLoadSlots } from './bounded-slots.ts'

/** HAProxy's chash_server_is_eligible, written down as it reads. */
function haproxy(weights: readonly number[], served: number, factor: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const slots = Math.floor(((served + 1) * factor + 99) / 100)
  const perWeight = Math.floor(slots / total)
  const rest = slots % total
  let before = 0
  return weights.map((weight) => {
    const extra = Math.floor(((before + weight) * rest) / total) - Math.floor((before * rest) / total)
    before += weight
    return Math.max(1, weight * perWeight + extra)
  })
}

test.each([
  [{ weights: [0], served: 0, factorPercent: 125 }],
  [{ weights: [Number.NaN], served: 0, factorPercent: 125 }],
  [{ weights: [1], served: -1, factorPercent: 125 }],
  [{ weights: [1], served: 1.5, factorPercent: 125 }],
  [{ weights: [1], served: 1, factorPercent: 99 }],
  [{ weights: [1], served: 1, factorPercent: Infinity }],
])('%j is refused', (options) => {
  expect(() => boundedLoadSlots(options)).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

test('no hosts have no slots', () => {
  expect(boundedLoadSlots({ weights: [], served: 0, factorPercent: 125 })).toEqual([])
})

test('slots are those of HAProxy, whatever the weights', () => {
  assert(
    property(
      array(integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 20 }),
      integer({ min: 0, max: 10_000 }),
      integer({ min: 100, max: 400 }),
      (weights, served, factorPercent) => {
        expect(boundedLoadSlots({ weights, served, factorPercent })).toEqual(haproxy(weights, served, factorPercent))
      },
    ),
    { numRuns: 1_000 },
  )
})
