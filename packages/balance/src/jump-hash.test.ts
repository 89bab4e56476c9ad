import { assert, bigInt, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { jumpHash } from './jump-hash.ts'

/** The function of the paper, in BigInt: the outside measure for ours. */
function reference(start: bigint, buckets: number): number {
  let key = start
  let bucket = -1n
  let following = 0n
  while (following < BigInt(buckets)) {
    bucket = following
    key = BigInt.asUintN(64, key * 2862933555777941757n + 1n)
    following = BigInt(Math.trunc(Number(bucket + 1n) * (2 ** 31 / Number((key >> 33n) + 1n))))
  }
  return Number(bucket)
}

test.each([0, -1, 1.5, Number.NaN, 2 ** 31])('%s buckets are refused', (buckets) => {
  expect(() => jumpHash(1n, buckets)).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

test('any key and number of buckets give what the paper says', () => {
  assert(
    property(bigInt({ min: 0n, max: (1n << 64n) - 1n }), integer({ min: 1, max: 2 ** 31 - 1 }), (key, buckets) => {
      expect(jumpHash(key, buckets)).toBe(reference(key, buckets))
    }),
    { numRuns: 2_000 },
  )
})

test('a carry between the halves of the generator is not lost', () => {
  // Its lower half times the multiplier, plus 1, is 2^32.
  for (let high = 0n; high < 50n; high++) {
    const key = (high << 32n) | 0x6663_13abn
    for (const buckets of [2, 3, 100, 2 ** 31 - 1]) expect(jumpHash(key, buckets)).toBe(reference(key, buckets))
  }
})

test('with one bucket more, a key stays or goes to the new one', () => {
  assert(
    property(bigInt({ min: 0n, max: (1n << 64n) - 1n }), integer({ min: 1, max: 10_000 }), (key, buckets) => {
      expect([jumpHash(key, buckets), buckets]).toContain(jumpHash(key, buckets + 1))
    }),
  )
})
