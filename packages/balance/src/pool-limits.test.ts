import { expect, test } from 'vitest'
import { firstAvailable } from './first-available.ts'
import { maglev } from './maglev.ts'
import { count, setStates } from './pool.fixture.ts'
import { createPool } from './pool.ts'
import { ringHash } from './ring-hash.ts'

test.each([0, -1, 1.5, Number.NaN, '3' as never])('a limit of %s is refused', (limit) => {
  expect(() => createPool({ targets: [{ id: 'a', limit }] })).toThrow(
    expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS', message: expect.stringContaining('target "a" has limit') }),
  )
})

test('a full target is not picked, not even again or by its own client, and has room when a pick is done', () => {
  const pool = createPool({ targets: [{ id: 'a', limit: 1 }] })
  setStates(pool)
  const pick = pool.pick()!
  expect(pool.pick()).toBeUndefined()
  expect(pool.pick({ exclude: new Set(['a']) })).toBeUndefined()
  expect(pool.pick({ sticky: 'a' })).toBeUndefined()
  pick.done()
  pick.done()
  expect(pool.pick()?.target.id).toBe('a')
  expect(pool.pick()).toBeUndefined()
})

test('where the preferred ones are full the next tier takes over', () => {
  const pool = createPool({
    targets: [
      { id: 'a', limit: 2 },
      { id: 'b', tier: 1 },
    ],
  })
  setStates(pool)
  expect([pool.pick(), pool.pick(), pool.pick()].map((pick) => `${pick?.target.id} ${pick?.reason}`)).toEqual([
    'a preferred',
    'a preferred',
    'b spill tier 0 -> 1',
  ])
})

test('where a tier is full, explain says where a pick goes instead, and that none goes anywhere when all are', () => {
  const targets = [
    { id: 'a', limit: 1 },
    { id: 'b', limit: 1 },
    { id: 'c', limit: 1, tier: 1 },
  ]
  const pool = createPool({ targets, algorithm: maglev() })
  setStates(pool)
  pool.pick()
  expect(pool.explain()).toMatchObject({ tier: 0, because: 'tier 0 serves, because it is preferred (2 up); 1 of 2 full' })
  pool.pick()
  const why = 'tier 0 serves, because it is preferred (2 up); 2 of 2 full'
  const spilt = { tier: 1, reason: 'spill tier 0 -> 1', candidates: ['c'], because: `tier 1 takes what comes now (1 up): ${why}` }
  expect(pool.explain()).toEqual(spilt)
  expect(pool.explain('k')).toEqual({ ...spilt, target: 'c', because: `the key goes to c by maglev; ${spilt.because}` })
  expect(pool.pick()).toMatchObject({ target: { id: 'c' }, reason: 'spill tier 0 -> 1' })
  const full = { tier: undefined, reason: undefined, candidates: [], because: `nothing can be picked until one has room: ${why}` }
  expect(pool.explain()).toEqual(full)
  expect(pool.explain('k')).toEqual(full)
  expect(pool.pick()).toBeUndefined()
})

test('where all healthy ones are full, those that are down or ejected are no remedy', () => {
  const pool = createPool({ targets: [{ id: 'a', limit: 1 }, { id: 'b' }, { id: 'c' }] })
  setStates(pool, 'up', 'down', 'up')
  pool.setPassive('c', 'ejected')
  pool.pick()
  expect(pool.pick()).toBeUndefined()
})

test('who is full stays so when states change, and when it comes back', () => {
  const pool = createPool({ targets: [{ id: 'a', limit: 1 }, { id: 'b' }] })
  setStates(pool)
  const pick = pool.pick()!
  pool.setState('a', 'down')
  pool.setState('a', 'up')
  expect(count(pool, 10)).toEqual({ b: 10 })
  pick.done()
  expect(count(pool, 10)).toEqual({ a: 5, b: 5 })
})

test('first-available fills one after the other', () => {
  const targets = ['a', 'b', 'c'].map((id) => ({ id, limit: 2 }))
  const pool = createPool({ targets, algorithm: firstAvailable() })
  setStates(pool)
  const picks = Array.from({ length: 6 }, () => pool.pick()!)
  expect(picks.map(({ target }) => target.id).join('')).toBe('aabbcc')
  picks[2]!.done()
  picks[0]!.done()
  expect([pool.pick()?.target.id, pool.pick()?.target.id, pool.pick()]).toEqual(['a', 'b', undefined])
})

test('a key goes elsewhere while its target is full, and the others stay', () => {
  const targets = ['a', 'b', 'c'].map((id) => ({ id, limit: 1 }))
  const pool = createPool({ targets, algorithm: ringHash() })
  setStates(pool)
  const place = (key: string) => {
    const pick = pool.pick({ key })!
    pick.done()
    return pick.target.id
  }
  const keys = Array.from({ length: 60 }, (_, number) => `key-${number}`)
  const home = new Map(keys.map((key) => [key, place(key)]))
  const open = pool.pick({ key: 'key-0' })!
  const full = open.target.id
  for (const key of keys) expect(place(key) === home.get(key)).toBe(home.get(key) !== full)
})
