import type { TargetState } from '@hotspare/core'
import { describe, expect, test } from 'vitest'
import { count, reasons, setStates } from './pool.fixture.ts'
import { createPool } from './pool.ts'
import { ringHash } from './ring-hash.ts'

const envoy = { overprovisioningFactor: 1.4, panicThreshold: 50 }

/** Targets `a0`, `a1` ... in tier 0 and `b0` ... in tier 1. */
function targets(first: number, second: number) {
  const tier = (size: number, number: number, letter: string) =>
    Array.from({ length: size }, (_, index) => ({ id: `${letter}${index}`, tier: number }))
  return [...tier(first, 0, 'a'), ...tier(second, 1, 'b')]
}

function byTier(counts: Readonly<Record<string, number>>): number[] {
  const sum = (letter: string) => Object.entries(counts).reduce((total, [id, picks]) => total + (id.startsWith(letter) ? picks : 0), 0)
  return [sum('a'), sum('b')]
}

describe('what is refused', () => {
  test.each([{ overprovisioningFactor: 0.5 }, { overprovisioningFactor: '2' }, { panicThreshold: 101 }, { panicThreshold: -1 }])(
    '%j',
    (options) => {
      expect(() => createPool({ targets: [], ...(options as object) })).toThrow(
        expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS', message: expect.stringContaining('balance: pool: ') }),
      )
    },
  )
})

describe('tiers that share', () => {
  test.each<[string, number, readonly TargetState[], [number, number]]>([
    ['all are up', 2, ['up', 'up'], [100, 0]],
    ['half of the first are', 2, ['up', 'down'], [70, 30]],
    ['half of the first are, and the rest drains', 2, ['up', 'draining'], [70, 30]],
    ['half of the first are, and nothing is known of the rest', 2, ['up', 'unknown'], [100, 0]],
    ['none is', 2, ['down', 'maintenance'], [0, 100]],
  ])('when %s, a hundred picks divide exactly so', (_, size, states, expected) => {
    const pool = createPool({ targets: targets(size, 2), ...envoy })
    setStates(pool, ...states)
    for (let round = 0; round < 3; round++) expect(byTier(count(pool, 100))).toEqual(expected)
  })

  test('ejected targets are missed like those that are down, and those of weight 0 are no part of their tier', () => {
    const pool = createPool({ targets: targets(2, 1), ...envoy })
    setStates(pool)
    pool.setPassive('a1', 'ejected')
    expect(byTier(count(pool, 100))).toEqual([70, 30])
    pool.setWeight('a1', 0)
    expect(byTier(count(pool, 100))).toEqual([100, 0])
  })

  test('degraded targets get what the healthy ones cannot carry', () => {
    const pool = createPool({ targets: targets(2, 0), overprovisioningFactor: 1.4 })
    setStates(pool, 'up', 'degraded')
    expect(count(pool, 100)).toEqual({ a0: 70, a1: 30 })
  })

  test('a pick says where it belongs and where it went', () => {
    const pool = createPool({ targets: targets(2, 1), ...envoy })
    setStates(pool, 'up', 'down')
    expect(reasons(pool, 100).toSorted()).toEqual(['preferred', 'spill tier 0 -> 1'])
  })

  test('a retry goes to the best that is left, and not to a share', () => {
    const pool = createPool({ targets: targets(2, 1), ...envoy })
    setStates(pool, 'up', 'down')
    expect(count(pool, 100, { exclude: new Set(['b0']) })).toEqual({ a0: 100 })
  })

  test('a key stays in its tier, and the shares of the keys are those of the tiers', () => {
    const pool = createPool({ targets: targets(2, 2), algorithm: ringHash(), ...envoy })
    setStates(pool, 'up', 'down')
    const place = (key: number) => pool.pick({ key: `key-${key}` })!.target.id
    const first = Array.from({ length: 4_000 }, (_, key) => place(key))
    expect(Array.from({ length: 4_000 }, (_, key) => place(key))).toEqual(first)
    expect(Math.abs(first.filter((id) => id.startsWith('a')).length / 4_000 - 0.7)).toBeLessThan(0.03)
    pool.setState('a0', 'down')
    pool.setState('a1', 'up')
    const later = Array.from({ length: 4_000 }, (_, key) => place(key))
    expect(later.map((id) => id[0])).toEqual(first.map((id) => id[0]))
  })
})

describe('panic by threshold', () => {
  test('with panic off there is none', () => {
    const pool = createPool({ targets: targets(4, 0), ...envoy, panic: false })
    setStates(pool, 'up', 'down', 'down', 'down')
    expect(count(pool, 100)).toEqual({ a0: 100 })
  })

  test('a tier with too few healthy targets uses all that it has, but for those that drain', () => {
    const pool = createPool({ targets: targets(5, 0), ...envoy })
    setStates(pool, 'up', 'down', 'down', 'down', 'draining')
    expect(count(pool, 100)).toEqual({ a0: 25, a1: 25, a2: 25, a3: 25 })
    expect(reasons(pool, 10)).toEqual(['panic'])
    expect(pool.explain().because).toBe('tier 0 uses all of its targets in panic, because too few are healthy (1 up, 3 down, 1 draining)')
  })

  test('it does not while the other tiers can carry the rest', () => {
    const pool = createPool({ targets: targets(4, 2), ...envoy })
    setStates(pool, 'up', 'down', 'down', 'down')
    expect(count(pool, 100)).toEqual({ a0: 35, b0: 33, b1: 32 })
  })

  test('where all tiers panic they share by their numbers of targets', () => {
    const pool = createPool({ targets: targets(3, 1), ...envoy })
    setStates(pool, 'down', 'down', 'down', 'down')
    expect(byTier(count(pool, 100))).toEqual([75, 25])
  })

  test('a retry in panic prefers those that are known to work', () => {
    const pool = createPool({ targets: targets(5, 0), ...envoy })
    setStates(pool, 'up', 'up', 'down', 'down', 'down')
    expect(count(pool, 10, { exclude: new Set(['a0']) })).toEqual({ a1: 10 })
  })
})

test('the explanation tells the shares', () => {
  const pool = createPool({ targets: targets(2, 1), ...envoy })
  setStates(pool, 'up', 'down')
  expect(pool.explain()).toEqual({
    tier: 0,
    reason: 'preferred',
    candidates: ['a0', 'b0'],
    because: 'tier 0 has 70 % and tier 1 has 30 %, because tier 0 cannot carry all of it (1 up, 1 down)',
    shares: [
      { tier: 0, reason: 'preferred', percent: 70 },
      { tier: 1, reason: 'spill tier 0 -> 1', percent: 30 },
    ],
  })
})
