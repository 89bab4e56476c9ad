import { assert, bigInt, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { subset } from './subset.ts'
import { xxh64 } from './xxh64.ts'

const hosts = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `10.0.0.${index}:80` }))
const seeds = bigInt({ min: 0n, max: (1n << 64n) - 1n })

test.each([[{ size: 0, seed: 1n }], [{ size: 1.5, seed: 1n }], [{ size: 1, seed: 1 as unknown as bigint }]])('%o is refused', (options) => {
  expect(() => subset(hosts(3), options)).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

test('fewer hosts than wanted are all taken', () => {
  expect(subset(hosts(3), { size: 5, seed: 1n }).toSorted((a, b) => a - b)).toEqual([0, 1, 2])
  expect(subset([], { size: 5, seed: 1n })).toEqual([])
})

test('a host that goes changes one place of a subset, and none of those that did not have it', () => {
  assert(
    property(seeds, integer({ min: 0, max: 29 }), (seed, gone) => {
      const all = hosts(30)
      const before = subset(all, { size: 8, seed }).map((index) => all[index]!.key)
      const left = all.filter((_, index) => index !== gone)
      const after = new Set(subset(left, { size: 8, seed }).map((index) => left[index]!.key))
      expect(before.filter((key) => !after.has(key))).toEqual(before.filter((key) => key === all[gone]!.key))
    }),
  )
})

test('many clients share the hosts evenly', () => {
  const counts = Array.from({ length: 20 }, () => 0)
  for (let client = 0; client < 4_000; client++) {
    for (const index of subset(hosts(20), { size: 5, seed: xxh64(`client-${client}`) })) counts[index]! += 1
  }
  // 1,000 each; the standard deviation of chance is 27.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(110)
})
