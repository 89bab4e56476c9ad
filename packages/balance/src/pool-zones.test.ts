import { expect, test } from 'vitest'
import type { ZoneWeights } from './zones.ts'
import { count, setStates } from './pool.fixture.ts'
import { createPool } from './pool.ts'
import { ringHash } from './ring-hash.ts'

/** Targets `x0`, `x1` ... of zone `x`, and `y0` ... of zone `y`. */
function targets(x: number, y: number) {
  const zone = (name: string, size: number) => Array.from({ length: size }, (_, index) => ({ id: `${name}${index}`, zone: name }))
  return [...zone('x', x), ...zone('y', y)]
}

function inX(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce((total, [id, picks]) => total + (id.startsWith('x') ? picks : 0), 0)
}

test.each<[string, ZoneWeights, string | undefined]>([
  ['a zone without weight', { x: 0 }, 'x'],
  ['a weight that is none', { x: Number.NaN }, 'x'],
  ['a target without zone', { x: 1 }, undefined],
  ['a target in a zone that has no weight', { x: 1 }, 'y'],
  ['a target in a zone with a name of every object', { x: 1 }, 'constructor'],
])('%s is refused', (_, zoneWeights, zone) => {
  expect(() => createPool({ targets: [{ id: 'a', zone }], zoneWeights })).toThrow(
    expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }),
  )
})

test('without weights for them, zones count for nothing', () => {
  const pool = createPool({ targets: targets(1, 3) })
  setStates(pool)
  expect(count(pool, 100)).toEqual({ x0: 25, y0: 25, y1: 25, y2: 25 })
})

// Envoy's documentation on locality weights: X has 1 and Y has 2, and all of Y is healthy.
test.each([
  [10, 0, 33],
  [5, 5, 26],
  [0, 10, 0],
])('with %i of the targets of X up and %i down, X has %i %%', (up, down, percent) => {
  const pool = createPool({ targets: targets(10, 3), zoneWeights: { x: 1, y: 2 } })
  setStates(pool, ...Array.from({ length: up }, () => 'up' as const), ...Array.from({ length: down }, () => 'down' as const))
  expect(Math.abs(inX(count(pool, 10_000)) / 100 - percent)).toBeLessThan(0.7)
})

test('where a zone has been tried or is full, the others take over', () => {
  const pool = createPool({ targets: targets(1, 1).map((target) => ({ ...target, limit: 1 })), zoneWeights: { x: 1, y: 1_000 } })
  setStates(pool)
  expect(pool.pick({ exclude: new Set(['y0']) })?.target.id).toBe('x0')
  expect(pool.pick()?.target.id).toBe('y0')
  expect(pool.pick()).toBeUndefined()
})

test('zones keep their shares within each tier', () => {
  const pool = createPool({
    targets: [...targets(1, 1), ...targets(1, 1).map((target) => ({ ...target, id: `${target.id}s`, tier: 1 }))],
    zoneWeights: { x: 1, y: 3 },
  })
  setStates(pool, 'down', 'down')
  expect(count(pool, 100)).toEqual({ x0s: 25, y0s: 75 })
})

test('a key stays in its zone, and the zones have their shares of the keys', () => {
  const pool = createPool({ targets: targets(2, 2), zoneWeights: { x: 1, y: 3 }, algorithm: ringHash() })
  setStates(pool)
  const place = (key: number) => pool.pick({ key: `key-${key}` })!.target.id
  const first = Array.from({ length: 4_000 }, (_, key) => place(key))
  expect(Array.from({ length: 4_000 }, (_, key) => place(key))).toEqual(first)
  expect(Math.abs(first.filter((id) => id.startsWith('x')).length / 4_000 - 0.25)).toBeLessThan(0.03)
  // And within a zone its targets do: the choice of the zone takes nothing from the choice of the target.
  expect(Math.abs(first.filter((id) => id === 'y0').length / first.filter((id) => id.startsWith('y')).length - 0.5)).toBeLessThan(0.1)
})
