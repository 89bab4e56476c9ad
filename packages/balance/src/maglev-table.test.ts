import { array, assert, bigInt, integer, property, shuffledSubarray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maglevTable, slotOf } from './maglev-table.ts'
import { isPrime } from './primes.ts'

const refused = expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' })

function slots(table: ArrayLike<number>, host: number): number {
  return Array.from(table).filter((index) => index === host).length
}

describe('maglevTable', () => {
  test.each([
    [[], {}],
    [[{ key: 'a', weight: 0 }], {}],
    [[{ key: 'a' }, { key: 'a' }], {}],
    [[{ key: '' }], {}],
    [[{ key: 'a', weight: -1 }], {}],
    [[{ key: 'a' }], { size: 8 }],
    [[{ key: 'a' }], { size: 65_536 }],
    [[{ key: 'a' }], { size: 1 }],
    [[{ key: 'a' }], { size: 7.5 }],
    [[{ key: 'a' }], { size: 5_000_077 }],
    [[{ key: 'a' }, { key: 'b' }, { key: 'c' }], { size: 2 }],
    [[{ key: 'a' }], { Size: 7 }],
  ])('hosts %j with %j are refused', (hosts, options: object) => {
    expect(() => maglevTable(hosts, options)).toThrow(refused)
  })

  test('the order of the hosts does not change the table', () => {
    const hosts = Array.from({ length: 9 }, (_, index) => ({ key: `host-${index}`, weight: 1 + (index % 3) }))
    const expected = Array.from(maglevTable(hosts, { size: 251 }), (index) => hosts[index]!.key)
    assert(
      property(shuffledSubarray(hosts, { minLength: 9, maxLength: 9 }), (shuffled) => {
        expect(Array.from(maglevTable(shuffled, { size: 251 }), (index) => shuffled[index]!.key)).toEqual(expected)
      }),
    )
  })

  test('a hundred hosts of equal weight share 65,537 slots within one', () => {
    const table = maglevTable(Array.from({ length: 100 }, (_, index) => ({ key: `10.0.0.${index}:80` })))
    const counts = Array.from({ length: 100 }, () => 0)
    for (const index of table) counts[index]! += 1
    expect(Math.min(...counts)).toBe(655)
    expect(Math.max(...counts)).toBe(656)
  })

  test('every host has its share by weight within 1 %, or two slots, and at least one; one of weight 0 has none', () => {
    assert(
      property(array(integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 20 }), (list) => {
        const weights = [7, ...list]
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const table = maglevTable(
          weights.map((weight, index) => ({ key: `host-${index}`, weight })),
          { size: 4_093 },
        )
        for (const [index, weight] of weights.entries()) {
          const share = (weight / total) * 4_093
          const actual = slots(table, index)
          expect(actual > 0).toBe(weight > 0)
          expect(Math.abs(actual - share)).toBeLessThanOrEqual(Math.max(2, share / 100))
        }
      }),
      { numRuns: 50 },
    )
  })

  test('the smallest tables work', () => {
    expect(Array.from(maglevTable([{ key: 'a' }], { size: 2 }))).toEqual([0, 0])
    expect(Array.from(maglevTable([{ key: 'a' }, { key: 'b' }], { size: 2 })).toSorted((a, b) => a - b)).toEqual([0, 1])
  })
})

test('the slot of a hash is its remainder, for every hash and size', () => {
  assert(
    property(bigInt({ min: 0n, max: (1n << 64n) - 1n }), integer({ min: 1, max: 5_000_011 }), (hash, size) => {
      const slot = slotOf(Number(hash >> 32n), Number(hash & 0xffff_ffffn), size)
      expect(slot).toBe(Number(hash % BigInt(size)))
    }),
    { numRuns: 5_000 },
  )
  for (const size of [1, 2, 7, 65_537, 5_000_011]) {
    for (const hash of [0n, (1n << 64n) - 1n, (1n << 64n) - BigInt(size), BigInt(size) * 12_345_678n]) {
      expect(slotOf(Number(hash >> 32n), Number(hash & 0xffff_ffffn), size)).toBe(Number(hash % BigInt(size)))
    }
  }
})

test('primes are told from other numbers as by a sieve', () => {
  const sieve = new Uint8Array(10_000).fill(1, 2)
  for (let prime = 2; prime < 100; prime++)
    if (sieve[prime]) for (let other = prime * prime; other < 10_000; other += prime) sieve[other] = 0
  for (const [candidate, mark] of sieve.entries()) expect(isPrime(candidate)).toBe(mark === 1)
  expect([65_537, 5_000_011, 131_071].every(isPrime)).toBe(true)
  expect([-7, 2.5, Number.NaN, Infinity, 65_536, 2_236 * 2_236].some(isPrime)).toBe(false)
})
