import { describe, expect, test } from 'vitest'
import type { Candidate } from './algorithm.ts'
import { startChooser } from './chooser.fixture.ts'
import { edf } from './edf.ts'
import { leastRequest } from './least-request.ts'

function candidates(weights: readonly number[]): Candidate[] {
  return weights.map((weight, index) => ({ id: 'abcdef'[index] ?? '', index, weight, active: 0 }))
}

function picks(weights: readonly number[], number: number): string {
  const { choose } = startChooser(edf(), candidates(weights))
  return Array.from({ length: number }, () => choose()?.id).join('')
}

describe('the order', () => {
  // Due at 1 / weight after the last turn; of equals, who waits longer comes first.
  test.each([
    [[1, 1, 1], 'abcabc'],
    [[2, 1], 'abaaba'],
    [[4, 1, 1], 'aaabcaaaabca'],
    [[1, 2, 4], 'cbccabc'],
  ])('of the weights %j is %s', (weights, order) => {
    expect(picks(weights, order.length)).toBe(order)
  })

  test.each([[[5, 3, 2]], [[1, 99]], [[10, 40, 50]]])('gives the weights %j their shares, to one pick', (weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const order = picks(weights, total * 10)
    for (const [index, weight] of weights.entries()) {
      expect(Math.abs(order.split('abc'[index]!).length - 1 - weight * 10)).toBeLessThanOrEqual(1)
    }
  })
})

describe('who was missing', () => {
  test('is due at once, and does not catch up', () => {
    const all = candidates([1, 1, 1])
    const { choose } = startChooser(edf(), all)
    for (let pick = 0; pick < 100; pick++) choose(all.slice(0, 2))
    const order = Array.from({ length: 6 }, () => choose()?.id).join('')
    expect(order.split('c')).toHaveLength(3)
    expect(order.slice(0, 3)).toContain('c')
  })

  test('for a retry alone keeps its turns', () => {
    const { choose } = startChooser(edf(), candidates([1, 1, 0.1]))
    expect(choose(undefined, new Set(['a', 'b']))?.id).toBe('c')
    // The next one of c is due at 20, and two are picked in each unit of time.
    expect(Array.from({ length: 36 }, () => choose()?.id).join('')).toBe('ab'.repeat(18))
  })
})

test('a weight that changes counts at once', () => {
  const heavy = { id: 'a', index: 0, weight: 1, active: 0 }
  const { choose } = startChooser(edf(), [heavy, { id: 'b', index: 1, weight: 1, active: 0 }])
  for (let pick = 0; pick < 10; pick++) choose()
  heavy.weight = 9
  const order = Array.from({ length: 100 }, () => choose()?.id).join('')
  expect(Math.abs(order.split('a').length - 1 - 90)).toBeLessThanOrEqual(1)
})

// An absolute time would be so late after the one turn that all other weights were lost in the sum.
test.each([1e-300, 5e-324, 1e-20])('a weight of %d that was alone for a while leaves the others their shares', (least) => {
  const all = candidates([10, 1, least])
  const { choose } = startChooser(edf(), all)
  for (let pick = 0; pick < 3; pick++) expect(choose(all.slice(2))?.id).toBe('c')
  const order = Array.from({ length: 1100 }, () => choose()?.id).join('')
  expect(order.split('a').length - 1).toBeGreaterThanOrEqual(998)
  expect(order.split('c').length - 1).toBeLessThanOrEqual(1)
})

test('many open picks that count for much leave the weights as they are when they are done', () => {
  const all = candidates([10, 1])
  const { choose } = startChooser(leastRequest({ activeRequestBias: 10 }), all)
  const busy = all.map((candidate) => ({ ...candidate, active: 99 }))
  for (let pick = 0; pick < 10; pick++) choose(busy)
  const order = Array.from({ length: 110 }, () => choose()?.id).join('')
  expect(order.split('a').length - 1).toBeGreaterThanOrEqual(98)
})
