import { expect, test } from 'vitest'
import { successRateThreshold } from './success-rate.ts'

test.each<[string, readonly number[], number]>([
  ['no rates', [], 1.9],
  ['a rate beyond 100', [101], 1.9],
  ['a negative rate', [-1], 1.9],
  ['a rate that is none', [Number.NaN], 1.9],
  ['a negative factor', [100], -1],
  ['a factor that is none', [100], Number.NaN],
])('%s is refused', (_, rates, factor) => {
  expect(() => successRateThreshold(rates, factor)).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

test.each<[readonly number[], number, number]>([
  // Mean 90, population sigma 20.
  [[100, 100, 100, 100, 50], 1.9, 52],
  [[100, 100, 100, 100, 50], 0, 90],
  [[80, 80, 80], 1.9, 80],
  [[0, 100], 1.9, -45],
])('rates of %j and a factor of %d give %d', (rates, factor, threshold) => {
  expect(successRateThreshold(rates, factor)).toBeCloseTo(threshold, 10)
})
