import { seededRandom } from '@hotspare/core'
import { array, assert, constantFrom, integer, property, subarray } from 'fast-check'
import { expect, test } from 'vitest'
import type { Algorithm, Candidate } from './algorithm.ts'
import { leastRequest } from './least-request.ts'
import { roundRobin } from './round-robin.ts'

const algorithms: readonly [string, () => Algorithm][] = [
  ['round-robin', roundRobin],
  ['least-request', () => leastRequest({ random: seededRandom(5) })],
  ['least-request of ten', () => leastRequest({ random: seededRandom(5), choices: 10 })],
]

function candidates(weights: readonly number[]): Candidate[] {
  return weights.map((weight, index) => ({ id: `t${index}`, index, weight, active: 0 }))
}

// What every algorithm owes the pool.
test.each(algorithms)('%s gives nothing where there is no candidate', (_, algorithm) => {
  expect(algorithm().start(0)([])).toBeUndefined()
  expect(algorithm().start(3)([], new Set(['t0']))).toBeUndefined()
})

test.each(algorithms)('%s gives nothing where all are excluded, and what is left where one is not', (_, algorithm) => {
  const all = candidates([1, 2, 3])
  const choose = algorithm().start(3)
  expect(choose(all, new Set(['t0', 't1', 't2']))).toBeUndefined()
  for (let pick = 0; pick < 20; pick++) expect(choose(all, new Set(['t0', 't2']))?.id).toBe('t1')
})

test.each(algorithms)(
  '%s picks a candidate that is not excluded, whenever there is one, and changes nothing that it is given',
  (_, algorithm) => {
    const weights = array(constantFrom(0.5, 1, 2, 7, 1_000_000), { minLength: 1, maxLength: 12 })
    assert(
      property(weights, array(array(integer({ min: 0, max: 14 }), { maxLength: 12 }), { maxLength: 20 }), (list, excludes) => {
        const all = Object.freeze(candidates(list).map((candidate) => Object.freeze(candidate)))
        const choose = algorithm().start(all.length)
        for (const numbers of excludes) {
          const exclude = new Set(numbers.map((number) => `t${number}`))
          const left = all.filter(({ id }) => !exclude.has(id))
          const picked = choose(all, exclude)
          expect(left.length === 0 ? [undefined] : left).toContain(picked)
        }
      }),
    )
  },
)

test.each(algorithms)('%s reaches every candidate, whatever subset it is given', (_, algorithm) => {
  const all = candidates([1, 1, 2, 3, 5])
  assert(
    property(subarray(all, { minLength: 1 }), (some) => {
      const choose = algorithm().start(all.length)
      const seen = new Set(Array.from({ length: 300 }, () => choose(some)?.id))
      expect(seen).toEqual(new Set(some.map(({ id }) => id)))
    }),
  )
})

test('one round-robin object serves two pools without mixing their order', () => {
  const algorithm = roundRobin()
  const all = candidates([1, 1])
  const first = algorithm.start(2)
  const second = algorithm.start(2)
  expect([first(all), second(all), first(all), second(all)].map((candidate) => candidate?.id)).toEqual(['t0', 't0', 't1', 't1'])
})
