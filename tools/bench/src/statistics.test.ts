import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, pairedRatio, quantile, summarise } from './statistics.ts'

const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 })

describe('quantile', () => {
  it('of nothing is undefined', () => {
    expect(quantile([], 0.5)).toBeUndefined()
    expect(median([])).toBeUndefined()
    expect(summarise([])).toBeUndefined()
  })

  it.each([
    [[7], 0.99, 7],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[1, 2, 3, 4, 5], 0.25, 2],
    [[10, 20], 0.9, 19],
    [[1, 2], -1, 1],
    [[1, 2], 7, 2],
  ])('of %j at %d is %d', (given, q, expected) => {
    expect(quantile(given, q)).toBeCloseTo(expected, 9)
  })

  it('lies between the lowest and the highest, grows with q, and changes nothing', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (given, q, other) => {
        const before = [...given]
        const [low, high] = [Math.min(q, other), Math.max(q, other)]
        const atLow = quantile(given, low)!
        const atHigh = quantile(given, high)!
        expect(atLow).toBeGreaterThanOrEqual(Math.min(...given))
        expect(atHigh).toBeLessThanOrEqual(Math.max(...given))
        expect(atLow).toBeLessThanOrEqual(atHigh + Math.abs(atHigh) * 1e-12)
        expect(given).toEqual(before)
      }),
    )
  })
})

describe('summarise', () => {
  it('gives the median between the extremes', () => {
    expect(summarise([5, 1, 9, 3])).toEqual({ median: 4, lowest: 1, highest: 9, samples: 4 })
  })
})

describe('pairedRatio', () => {
  it('is undefined where the other side has no round, or measured nothing', () => {
    expect(pairedRatio([1, 2], [])).toBeUndefined()
    expect(pairedRatio([], [1])).toBeUndefined()
    expect(pairedRatio([1, 2], [0, 0])).toBeUndefined()
  })

  it('compares within each round, so that a slow round changes nothing', () => {
    expect(pairedRatio([20, 200, 22], [10, 100, 11])).toBe(2)
  })

  it('leaves out rounds that one side does not have', () => {
    expect(pairedRatio([20, 40, 60], [10])).toBe(2)
  })
})
