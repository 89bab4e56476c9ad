import { assert, bigInt, property, string, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { createKeyHash } from './key-hash.ts'
import { referenceXxh64 } from './xxh64.fixture.ts'
import { xxh64 } from './xxh64.ts'

const seeds = bigInt({ min: 0n, max: (1n << 64n) - 1n })

test('bytes of every length and with every seed hash as the specification says', () => {
  assert(
    property(uint8Array({ maxLength: 130 }), seeds, (bytes, seed) => {
      expect(xxh64(bytes, seed)).toBe(referenceXxh64(bytes, seed))
    }),
    { numRuns: 2_000 },
  )
})

test('each length up to five stripes hashes as the specification says, also with the highest seed and bytes', () => {
  for (let length = 0; length <= 160; length++) {
    const bytes = new Uint8Array(length).fill(0xff)
    for (const seed of [0n, 1n, (1n << 32n) - 1n, (1n << 64n) - 1n]) expect(xxh64(bytes, seed)).toBe(referenceXxh64(bytes, seed))
  }
})

test('a view into a larger buffer counts from its own start', () => {
  const bytes = new Uint8Array(64).map((_, place) => place)
  expect(xxh64(bytes.subarray(5, 45))).toBe(xxh64(bytes.slice(5, 45)))
})

test('a text hashes as its UTF-8, whatever is in it, and so it does as the key of a pool', () => {
  const write = createKeyHash()
  assert(
    property(string({ unit: 'binary', maxLength: 60 }), (text) => {
      const expected = referenceXxh64(new TextEncoder().encode(text), 0n)
      const hash = { high: 0, low: 0 }
      write(text, hash)
      expect(xxh64(text)).toBe(expected)
      expect((BigInt(hash.high) << 32n) | BigInt(hash.low)).toBe(expected)
    }),
    { numRuns: 2_000 },
  )
})

test.each(['\ud800', 'a\udc00b', '\udc00\ud800', '\ud83d\ude00', 'é', '€'])('the text %j hashes as TextEncoder writes it', (text) => {
  expect(xxh64(text)).toBe(referenceXxh64(new TextEncoder().encode(text), 0n))
})

test('a key that is longer than the buffer of a pool hashes like any other', () => {
  const write = createKeyHash()
  for (const length of [1_023, 1_024, 1_025, 10_000]) {
    const hash = { high: 0, low: 0 }
    write('€'.repeat(length), hash)
    expect((BigInt(hash.high) << 32n) | BigInt(hash.low)).toBe(xxh64('€'.repeat(length)))
  }
})

test('a key that is a bigint is its own hash, cut to 64 bits', () => {
  const hash = { high: 0, low: 0 }
  createKeyHash()((7n << 64n) | 0xffff_ffff_0000_0001n, hash)
  expect(hash).toEqual({ high: 0xffff_ffff, low: 1 })
})
