import { expect, test } from 'vitest'
import { createPeakAverage } from './peak-average.ts'

test.each([0, -1, Number.NaN, Infinity])('a decay of %d ms is refused', (decayMs) => {
  expect(() => createPeakAverage({ decayMs })).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

test('a sample that is not later than the last one is ignored, even a peak', () => {
  const average = createPeakAverage({ decayMs: 10_000 })
  average.add(1, 1_000)
  average.add(5, 1_000)
  average.add(5, 999)
  expect(average.at(1_000)).toBe(1)
})

test('it decays as that of linkerd does', () => {
  const average = createPeakAverage({ decayMs: 10_000 })
  average.add(1, 1_000)
  average.add(0, 11_000)
  expect(average.at(11_000)).toBe(0.367_879_441_171_442_33)
})

test('it jumps to a peak, and comes down as time goes by, also when nothing is heard', () => {
  const average = createPeakAverage({ decayMs: 10_000, initial: 30, startMs: 0 })
  expect(average.at(0)).toBe(30)
  average.add(400, 1)
  expect(average.at(1)).toBe(400)
  average.add(100, 10_001)
  expect(average.at(10_001)).toBeCloseTo(400 / Math.E + 100 * (1 - 1 / Math.E), 10)
  expect(average.at(20_001)).toBeCloseTo((400 / Math.E + 100 * (1 - 1 / Math.E)) / Math.E, 10)
  // Asking is not a sample.
  expect(average.at(10_001)).toBeCloseTo(400 / Math.E + 100 * (1 - 1 / Math.E), 10)
})
