import { array, assert, integer, property, subarray, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Candidate } from './algorithm.ts'
import { startChooser } from './chooser.fixture.ts'
import { roundRobin, smoothWeightedRoundRobin } from './round-robin.ts'

const letters = 'abcdefgh'

function candidates(weights: readonly number[]): Candidate[] {
  return weights.map((weight, index) => ({ id: letters[index] ?? '', index, weight, active: 0 }))
}

/** ngx_http_upstream_get_peer, written down as it reads: the outside measure for ours. */
function nginx(weights: readonly number[]): (up: ReadonlySet<number>) => number {
  const peers = weights.map((weight) => ({ effective: weight, current: 0 }))
  return (up) => {
    let best = -1
    let total = 0
    for (const [index, peer] of peers.entries()) {
      if (!up.has(index)) continue
      peer.current += peer.effective
      total += peer.effective
      if (best === -1 || peer.current > peers[best]!.current) best = index
    }
    if (best !== -1) peers[best]!.current -= total
    return best
  }
}

describe('smoothWeightedRoundRobin', () => {
  test.each([[[]], [[0]], [[0, 0]], [[-1, 2]], [[Number.NaN]], [[Infinity]], [[1_000_001]]])('weights %j are refused', (weights) => {
    expect(() => smoothWeightedRoundRobin(weights)).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
  })

  test.each([
    [[5, 1, 1], 'aabacaa'],
    [[1], 'aaa'],
    [[1, 1], 'abab'],
    [[1, 2, 3], 'cbacbc'],
    [[4, 2, 1], 'abacaba'],
    [[0, 3, 0, 1], 'bbdb'],
    [[3, 3], 'ababab'],
  ])('weights %j give %s, and again from the start', (weights, order) => {
    const next = smoothWeightedRoundRobin(weights)
    const picks = Array.from({ length: order.length * 2 }, () => letters[next()])
    expect(picks.join('')).toBe(order + order)
  })

  test.each([[[5, 3, 2]], [[1, 99]], [[10, 0, 40, 50]], [[6_000, 3_000, 1_000]]])(
    '10,000 picks give the weights %j their exact shares',
    (weights) => {
      const next = smoothWeightedRoundRobin(weights)
      const counts = weights.map(() => 0)
      for (let pick = 0; pick < 10_000; pick++) counts[next()]! += 1
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      expect(counts).toEqual(weights.map((weight) => (weight / total) * 10_000))
    },
  )

  test('the list of weights may change afterwards without an effect', () => {
    const weights = [5, 1, 1]
    const next = smoothWeightedRoundRobin(weights)
    weights.fill(0)
    expect(Array.from({ length: 7 }, () => letters[next()]).join('')).toBe('aabacaa')
  })
})

describe('roundRobin', () => {
  test('a target that cannot be picked for a while keeps its place in the order', () => {
    const all = candidates([5, 1, 1]) as [Candidate, Candidate, Candidate]
    const [a, b, c] = all
    const { choose } = startChooser(roundRobin(), all)
    const picks = (list: readonly Candidate[], count: number) => Array.from({ length: count }, () => choose(list)?.id).join('')
    expect(picks([a, b, c], 2)).toBe('aa')
    expect(picks([a, c], 2)).toBe('ca')
    // With its weights cleared it would be the last to come, after a a.
    expect(picks([a, b, c], 2)).toBe('ab')
  })

  test('it picks as nginx does, whatever goes up and down between the picks', () => {
    const weights = array(integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 })
    const sets = array(uniqueArray(integer({ min: 0, max: 7 }), { maxLength: 8 }), { maxLength: 60 })
    assert(
      property(weights, sets, (list, ups) => {
        const all = candidates(list)
        const { choose } = startChooser(roundRobin(), all)
        const model = nginx(list)
        for (const up of ups) {
          const eligible = all.filter(({ index }) => up.includes(index))
          expect(choose(eligible)?.index ?? -1).toBe(model(new Set(up)))
        }
      }),
    )
  })

  test('leaving targets out by exclude is the same as not offering them', () => {
    const all = candidates([5, 3, 1, 1])
    assert(
      property(array(subarray(all), { maxLength: 40 }), (subsets) => {
        const offering = startChooser(roundRobin(), all)
        const excluding = startChooser(roundRobin(), all)
        for (const subset of subsets) {
          const exclude = new Set(all.filter((candidate) => !subset.includes(candidate)).map(({ id }) => id))
          expect(excluding.choose(all, exclude)).toBe(offering.choose(subset))
        }
      }),
    )
  })

  test('in every window of one round, a target never runs ahead of its share by a whole pick or more', () => {
    assert(
      property(array(integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }), (list) => {
        const next = smoothWeightedRoundRobin(list)
        const total = list.reduce((sum, weight) => sum + weight, 0)
        const counts = list.map(() => 0)
        for (let pick = 1; pick <= total; pick++) {
          counts[next()]! += 1
          for (const [index, weight] of list.entries()) expect(counts[index]! - (pick * weight) / total).toBeLessThan(1)
        }
        expect(counts).toEqual(list)
      }),
    )
  })
})
