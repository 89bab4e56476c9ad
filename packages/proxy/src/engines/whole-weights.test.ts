import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wholeWeights } from './whole-weights.ts'

describe('wholeWeights', () => {
  it.for([
    [[1], [1]],
    [[0.001], [1]],
    [
      [5, 5, 5],
      [1, 1, 1],
    ],
    [
      [1_000, 500],
      [2, 1],
    ],
    [
      [1 / 3, 2 / 3],
      [1, 2],
    ],
    [
      [0.7, 0.3],
      [7, 3],
    ],
    [
      [35, 35, 30],
      [7, 7, 6],
    ],
    [
      [1, 1_000],
      [1, 256],
    ],
    [
      [256, 255],
      [256, 255],
    ],
  ] as const)('says %j as %j', ([shares, expected]) => {
    expect(wholeWeights(shares, 256)).toEqual(expected)
  })

  it('stays within 1 and the largest, keeps the order, and is nowhere off by more than half a step', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 20 }), (shares) => {
        const whole = wholeWeights(shares, 256)
        const largest = Math.max(...shares)
        const top = Math.max(...whole)
        for (const [index, share] of shares.entries()) {
          const weight = whole[index]!
          expect(Number.isInteger(weight) && weight >= 1 && weight <= 256).toBe(true)
          expect(Math.abs(weight - Math.max(1, (share / largest) * top))).toBeLessThanOrEqual(0.5 + 1e-6)
        }
      }),
    )
  })

  it('keeps proportions of small whole numbers exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 10 }),
        fc.double({ min: 0.001, max: 9, noNaN: true }),
        (parts, unit) => {
          const whole = wholeWeights(
            parts.map((part) => part * unit),
            256,
          )
          for (const [index, weight] of whole.entries()) expect(weight * parts[0]!).toBe(whole[0]! * parts[index]!)
        },
      ),
    )
  })
})
