import { expect, test } from 'vitest'
import { positionForTier, Shares } from './shares.ts'

function shares(...weights: number[]): Shares {
  const parts = new Shares(weights.length)
  parts.set(weights)
  return parts
}

test('where nobody has a weight, it is nobody', () => {
  expect([shares().next(), shares(0, 0).next(), shares(0, 0).of(0.5), shares().of(0)]).toEqual([-1, -1, -1, -1])
})

// As Envoy: the hash modulo 100, from 0, against the loads added up.
test('a key belongs to the tier that its hash modulo 100 falls to, for every percent', () => {
  for (let percent = 1; percent < 100; percent++) {
    const parts = shares(percent, 0, 100 - percent)
    const places = [percent - 1, percent, percent + 4_200, 4_200 + percent - 1].map((low) => parts.of(positionForTier({ high: 0, low })))
    expect(places).toEqual([0, 2, 2, 0])
  }
})

test('all 64 bits of the hash count', () => {
  for (const hash of [0xcbf2_9ce4_8422_2325n, 2n ** 64n - 1n, 2n ** 63n + 5n]) {
    const halves = { high: Number(hash >> 32n), low: Number(hash & 0xffff_ffffn) }
    expect(Math.floor(positionForTier(halves) * 100)).toBe(Number(hash % 100n))
  }
})

test('the order begins anew with other weights, goes on with the same ones, and follows those that move', () => {
  const parts = shares(1, 1, 1)
  expect([parts.next(), parts.next()]).toEqual([0, 1])
  parts.set([1, 1, 1])
  expect(parts.next()).toBe(2)
  parts.next()
  parts.set([2, 1, 0])
  expect([parts.next(), parts.next(), parts.next()]).toEqual([0, 1, 0])
  parts.adjust([0, 0, 1])
  expect(parts.next()).toBe(2)
})
