import { type Random, seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, test } from 'vitest'
import type { Candidate } from './algorithm.ts'
import { CandidateSet } from './candidate-set.ts'
import { startChooser } from './chooser.fixture.ts'
import { leastRequest } from './least-request.ts'
import { createPool } from './pool.ts'
import type { TargetPick } from './target.ts'

function candidate(index: number, active: number, weight = 1): Candidate {
  return { id: `t${index}`, index, weight, active }
}

/** Gives these numbers, then ends the test. */
function scripted(...values: number[]): Random {
  return {
    next() {
      const value = values.shift()
      if (value === undefined) throw new Error('drew more often than expected')
      return value
    },
  }
}

function shares(list: readonly Candidate[], picks: number, exclude?: ReadonlySet<string>): Map<string, number> {
  const { choose } = startChooser(leastRequest({ random: seededRandom(99) }), list)
  const counts = new Map<string, number>()
  for (let pick = 0; pick < picks; pick++) {
    const id = choose(list, exclude)?.id ?? 'none'
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

test.each([0, 1, 1.5, 11, -2, Number.NaN, Infinity])('%s choices are refused', (choices) => {
  expect(() => leastRequest({ choices })).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

describe('which of the drawn targets wins', () => {
  // Both are always drawn here, so the busier one must never win.
  test.each([
    ['fewer active requests win', candidate(0, 3), candidate(1, 4)],
    ['an idle target beats a busy one', candidate(0, 0), candidate(1, 1)],
  ])('%s', (_, first, second) => {
    expect([...shares([first, second], 200).keys()]).toEqual([first.id])
  })

  test.each([
    ['idle', [candidate(0, 0), candidate(1, 0)]],
    ['equally busy', [candidate(0, 3), candidate(1, 3)]],
    ['equally busy, of another equal weight', [candidate(0, 3, 7), candidate(1, 3, 7)]],
  ])('targets that are %s get even shares', (_, list) => {
    const counts = shares(list, 10_000)
    expect(Math.abs((counts.get('t0') ?? 0) - 5_000)).toBeLessThan(200)
  })
})

describe('where weights differ', () => {
  test.each([-1, 11, Number.NaN, '1' as never])('a bias of %s is refused', (activeRequestBias) => {
    expect(() => leastRequest({ activeRequestBias })).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
  })

  test.each<[string, number, readonly Candidate[], readonly number[]]>([
    ['idle targets share by weight', 1, [candidate(0, 0, 3), candidate(1, 0, 1)], [750, 250]],
    ['an open pick halves a share', 1, [candidate(0, 1, 2), candidate(1, 0, 1)], [500, 500]],
    ['a bias of 2 quarters it', 2, [candidate(0, 1, 4), candidate(1, 0, 1)], [500, 500]],
    ['a bias of 0 leaves open picks out', 0, [candidate(0, 9, 3), candidate(1, 0, 1)], [750, 250]],
  ])('%s', (_, activeRequestBias, list, expected) => {
    const { choose } = startChooser(leastRequest({ activeRequestBias, random: scripted() }), list)
    const counts = list.map(() => 0)
    for (let pick = 0; pick < 1_000; pick++) counts[choose()!.index]! += 1
    expect(counts).toEqual(expected)
  })

  test('a slow start counts too, though all weights are configured alike', () => {
    const list = [candidate(0, 0), candidate(1, 0)]
    const ramped = [list[0]!, { ...list[1]!, weight: 0.25 }]
    const chooser = leastRequest({ random: scripted() }).start(2, { clock: new TestClock() })
    chooser.prepare?.(list)
    const counts = [0, 0]
    const set = new CandidateSet(ramped, ramped, { active: true })
    for (let pick = 0; pick < 1_000; pick++) counts[chooser.choose(set, {})!.index]! += 1
    expect(counts).toEqual([800, 200])
  })
})

describe('which targets are drawn', () => {
  test('one target is drawn once', () => {
    expect(startChooser(leastRequest({ random: scripted(0.999) }), [candidate(0, 9)]).choose()?.id).toBe('t0')
  })

  test('the two are always different ones, whatever the numbers are', () => {
    const list = [candidate(0, 9), candidate(1, 0), candidate(2, 9)]
    // The idle one is missed only where the draw is {t0, t2}.
    for (const [first, second, winner] of [
      [0, 0, 't1'],
      [0, 0.99, 't0'],
      [0.5, 0, 't1'],
      [0.5, 0.99, 't1'],
      [0.99, 0, 't2'],
      [0.99, 0.99, 't1'],
    ] as const) {
      expect(startChooser(leastRequest({ random: scripted(first, second) }), list).choose()?.id).toBe(winner)
    }
  })

  test('every pair is as likely as any other', () => {
    // t0 wins each pair that it is in, t1 all others but {t2, t3}: 3, 2 and 1 of the 6 pairs.
    const counts = shares([candidate(0, 0), candidate(1, 1), candidate(2, 2), candidate(3, 3)], 12_000)
    expect(counts.get('t3')).toBeUndefined()
    for (const [id, expected] of [
      ['t0', 6_000],
      ['t1', 4_000],
      ['t2', 2_000],
    ] as const) {
      expect(Math.abs((counts.get(id) ?? 0) - expected)).toBeLessThan(250)
    }
  })

  test('the same holds among those that are not excluded', () => {
    const list = [candidate(0, 0), candidate(1, 0), candidate(2, 1), candidate(3, 2)]
    const counts = shares(list, 6_000, new Set(['t0', 'stranger']))
    expect([...counts.keys()].toSorted()).toEqual(['t1', 't2'])
    expect(Math.abs((counts.get('t1') ?? 0) - 4_000)).toBeLessThan(200)
  })

  test('with as many choices as targets it is always the idlest of all', () => {
    const list = [candidate(0, 5), candidate(1, 4), candidate(2, 1), candidate(3, 2)]
    const { choose } = startChooser(leastRequest({ random: seededRandom(3), choices: 4 }), list)
    for (let pick = 0; pick < 200; pick++) expect(choose()?.id).toBe('t2')
  })
})

/**
 * `size` servers with a queue each, exponential service of mean 1, Poisson arrivals of rate `lambda * size`, drawn as
 * the jump chain of that process (uniformised, so every event stands for the same stretch of time).
 *
 * @returns the mean time that a request spends in the system, by Little's law
 */
function meanTimeInSystem(lambda: number, choices: number, size: number, events: number): number {
  const targets = Array.from({ length: size }, (_, index) => ({ id: `t${index}`, index }))
  const pool = createPool({ targets, algorithm: leastRequest({ choices, random: seededRandom(7) }) })
  for (const { id } of targets) pool.setState(id, 'up')
  const queues = targets.map((): TargetPick<(typeof targets)[number]>[] => [])
  const chance = seededRandom(20_261_121)
  const warmUp = events / 5
  let inSystem = 0
  let area = 0
  for (let event = 0; event < warmUp + events; event++) {
    if (chance.next() < lambda / (1 + lambda)) {
      const pick = pool.pick()!
      queues[pick.target.index]!.push(pick)
      inSystem++
    } else {
      const served = queues[Math.floor(chance.next() * size)]!.pop()
      if (served) {
        served.done()
        inSystem--
      }
    }
    if (event >= warmUp) area += inSystem
  }
  return area / events / (lambda * size)
}

/** Mitzenmacher's fixed point of the supermarket model: the sum over i >= 1 of lambda^((d^i - d) / (d - 1)). */
function supermarketModel(lambda: number, choices: number): number {
  let total = 0
  for (let i = 1; i <= 12; i++) total += lambda ** ((choices ** i - choices) / (choices - 1))
  return total
}

test.each([
  [0.5, 2],
  [0.7, 2],
  [0.9, 2],
  [0.9, 3],
])('at load %d with %i choices the mean time in the system is that of the supermarket model, within 3 %%', (lambda, choices) => {
  const measured = meanTimeInSystem(lambda, choices, 500, 1_000_000)
  const expected = supermarketModel(lambda, choices)
  expect(Math.abs(measured / expected - 1)).toBeLessThan(0.03)
})
