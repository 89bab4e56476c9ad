import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mean, median, medianDeviation, percentile, populationDeviation, spreadOfOthers } from './statistics.ts'

describe('the statistics', () => {
  it('are 0 of nothing', () => {
    expect([mean([]), median([]), medianDeviation([]), populationDeviation([]), percentile([], 95)]).toEqual([0, 0, 0, 0, 0])
    expect(spreadOfOthers([7])(7)).toEqual({ median: 0, deviation: 0 })
  })

  it.each([
    { values: [4], middle: 4, deviation: 0 },
    { values: [1, 3], middle: 2, deviation: 1 },
    // The usual example of the median absolute deviation.
    { values: [1, 1, 2, 2, 4, 6, 9], middle: 2, deviation: 1 },
  ])('have $middle for the median of $values, and $deviation for their median deviation', ({ values, middle, deviation }) => {
    expect([median(values), medianDeviation(values)]).toEqual([middle, deviation])
  })

  it('of all others are those of the list without the one, for every one', () => {
    // Few different numbers, so that many are alike.
    const anyValues = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 1 })
    fc.assert(
      fc.property(anyValues, (values) => {
        const spread = spreadOfOthers(values)
        for (const [index, value] of values.entries()) {
          const others = values.toSpliced(index, 1)
          expect(spread(value)).toEqual({ median: median(others), deviation: medianDeviation(others) })
        }
      }),
    )
  })
})
