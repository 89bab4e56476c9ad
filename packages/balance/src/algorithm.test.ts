import { seededRandom } from '@hotspare/core'
import { array, assert, boolean, constantFrom, integer, property, subarray } from 'fast-check'
import { expect, test } from 'vitest'
import type { Algorithm, Candidate } from './algorithm.ts'
import { startChooser } from './chooser.fixture.ts'
import { edf } from './edf.ts'
import { firstAvailable } from './first-available.ts'
import { leastRequest } from './least-request.ts'
import { peakEwma } from './peak-ewma.ts'
import { random } from './random-choice.ts'
import { roundRobin } from './round-robin.ts'

const spreading: readonly [string, () => Algorithm][] = [
  ['round-robin', roundRobin],
  ['edf', edf],
  ['least-request', () => leastRequest({ random: seededRandom(5) })],
  ['least-request of ten', () => leastRequest({ random: seededRandom(5), choices: 10 })],
  ['random', () => random({ random: seededRandom(5) })],
]
const algorithms: readonly [string, () => Algorithm][] = [
  ...spreading,
  ['peak-ewma', () => peakEwma({ random: seededRandom(5) })],
  ['first-available', firstAvailable],
]

function candidates(weights: readonly number[]): Candidate[] {
  return weights.map((weight, index) => ({ id: `t${index}`, index, weight, active: 0 }))
}

// What every algorithm owes the pool.
test.each(algorithms)('%s gives nothing where there is no candidate', (_, algorithm) => {
  expect(startChooser(algorithm(), []).choose()).toBeUndefined()
  expect(startChooser(algorithm(), candidates([1, 1, 1])).choose([], new Set(['t0']))).toBeUndefined()
})

test.each(algorithms)('%s gives nothing where all are excluded, and what is left where one is not', (_, algorithm) => {
  for (const weights of [
    [1, 2, 3],
    [1, 1, 1],
  ]) {
    const { choose } = startChooser(algorithm(), candidates(weights))
    expect(choose(undefined, new Set(['t0', 't1', 't2']))).toBeUndefined()
    for (let pick = 0; pick < 20; pick++) expect(choose(undefined, new Set(['t0', 't2']))?.id).toBe('t1')
  }
})

test.each(algorithms)(
  '%s picks a candidate that is not excluded, whenever there is one, and changes nothing that it is given',
  (_, algorithm) => {
    const weights = array(constantFrom(0.5, 1, 1, 2, 7, 1_000_000), { minLength: 1, maxLength: 12 })
    assert(
      property(
        weights,
        array(array(integer({ min: 0, max: 14 }), { maxLength: 12 }), { maxLength: 20 }),
        boolean(),
        (list, excludes, ramping) => {
          const all = Object.freeze(candidates(list).map((candidate) => Object.freeze(candidate)))
          const { choose } = startChooser(algorithm(), all, { ramping })
          for (const numbers of excludes) {
            const exclude = new Set(numbers.map((number) => `t${number}`))
            const left = all.filter(({ id }) => !exclude.has(id))
            const picked = choose(all, exclude)
            expect(left.length === 0 ? [undefined] : left).toContain(picked)
          }
        },
      ),
    )
  },
)

test.each(spreading)('%s reaches every candidate, whatever subset it is given', (_, algorithm) => {
  const all = candidates([1, 1, 2, 3, 5])
  assert(
    property(subarray(all, { minLength: 1 }), (some) => {
      const { choose } = startChooser(algorithm(), all)
      const seen = new Set(Array.from({ length: 300 }, () => choose(some)?.id))
      expect(seen).toEqual(new Set(some.map(({ id }) => id)))
    }),
  )
})

test.each([
  ['round-robin', roundRobin()],
  ['edf', edf()],
])('one %s object serves two pools without mixing their order', (_, algorithm) => {
  const all = candidates([1, 1])
  const first = startChooser(algorithm, all)
  const second = startChooser(algorithm, all)
  const picks = [first.choose(), second.choose(), first.choose(), second.choose()]
  expect(picks.map((candidate) => candidate?.id)).toEqual(['t0', 't0', 't1', 't1'])
})

test('first-available takes the first of the pool whatever the weights, and the next only where that one is out', () => {
  const all = candidates([1, 1_000, 1])
  const { choose } = startChooser(firstAvailable(), all)
  expect(Array.from({ length: 3 }, () => choose()?.id)).toEqual(['t0', 't0', 't0'])
  expect(choose(all.slice(1))?.id).toBe('t1')
  expect(choose(undefined, new Set(['t0', 't1']))?.id).toBe('t2')
})

test.each([
  [
    [1, 1, 1, 1],
    [2_500, 2_500, 2_500, 2_500],
  ],
  [
    [1, 2, 3, 4],
    [1_000, 2_000, 3_000, 4_000],
  ],
])('random gives targets of the weights %j their shares', (weights, expected) => {
  const { choose } = startChooser(random({ random: seededRandom(11) }), candidates(weights))
  const counts = weights.map(() => 0)
  for (let pick = 0; pick < 10_000; pick++) counts[choose()!.index]! += 1
  // Some four standard deviations.
  for (const [index, count] of counts.entries()) expect(Math.abs(count - expected[index]!)).toBeLessThan(200)
})
