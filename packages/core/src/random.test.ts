import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom, systemRandom } from './random.ts'

// From the C code of mulberry32 that its author published (Tommy Ettinger, public domain), compiled and run.
test.each([
  [0, [1144304738, 1416247, 958946056, 627933444]],
  [1, [2693262067, 11749833, 2265367787, 4213581821]],
  [42, [2581720956, 1925393290, 3661312704, 2876485805]],
  [0xffffffff, [3850105811, 813802916, 3073704848, 4054706436]],
])('seed %i gives the published sequence of mulberry32', (seed, expected) => {
  const random = seededRandom(seed)
  expect(expected.map(() => random.next() * 2 ** 32)).toEqual(expected)
})

test('every number is in [0, 1), whatever the seed', () => {
  assert(
    property(integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }), (seed) => {
      const random = seededRandom(seed)
      for (let draw = 0; draw < 20; draw++) {
        const value = random.next()
        if (!(value >= 0 && value < 1)) return false
      }
      return true
    }),
  )
})

test('the same seed gives the same sequence, its lower 32 bits count, and generators share nothing', () => {
  const first = seededRandom(7)
  const second = seededRandom(7)
  for (let draw = 0; draw < 50; draw++) expect(first.next()).toBe(second.next())
  expect(draws(-1)).toEqual(draws(2 ** 32 - 1))
  expect(draws(2 ** 32 + 7)).toEqual(draws(7))
  expect(draws(7)).not.toEqual(draws(8))
})

test('100,000 draws are even over 100 bins, and neighbours do not follow each other (chi-square)', () => {
  const random = seededRandom(20_261_121)
  const single = new Float64Array(100)
  const pairs = new Float64Array(100)
  for (let draw = 0; draw < 50_000; draw++) {
    const first = random.next()
    const second = random.next()
    single[Math.floor(first * 100)]! += 1
    single[Math.floor(second * 100)]! += 1
    pairs[Math.floor(first * 10) * 10 + Math.floor(second * 10)]! += 1
  }
  // 99 degrees of freedom: 148.2 is the 99.9th percentile, 59.0 near the 0.1st (too even is no chance either).
  expect(chiSquare(single, 1_000)).toBeLessThan(148.2)
  expect(chiSquare(single, 1_000)).toBeGreaterThan(59)
  expect(chiSquare(pairs, 500)).toBeLessThan(148.2)
  expect(chiSquare(pairs, 500)).toBeGreaterThan(59)
})

test("the machine's generator gives numbers in [0, 1)", () => {
  for (let draw = 0; draw < 1_000; draw++) {
    const value = systemRandom.next()
    expect(value >= 0 && value < 1).toBe(true)
  }
})

function draws(seed: number): number[] {
  const random = seededRandom(seed)
  return Array.from({ length: 50 }, () => random.next())
}

function chiSquare(counts: Float64Array, expected: number): number {
  return counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0)
}
