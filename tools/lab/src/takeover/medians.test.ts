import { expect, it } from 'vitest'
import { mediansOf } from './medians.ts'

const measured = (gapMs: number, noiseMs: number, failed: number) => ({ gapMs, noiseMs, failed })

it('takes the median of each figure by itself', () => {
  expect(mediansOf([measured(100, 1, 0), measured(20, 9, 3), measured(30, 5, 11)])).toEqual(measured(30, 5, 3))
})

it('takes the higher of two in the middle, and has none of nothing', () => {
  expect(mediansOf([measured(100, 1, 0), measured(20, 9, 3)])).toEqual(measured(100, 9, 3))
  expect(mediansOf([]).gapMs).toBeNaN()
})
