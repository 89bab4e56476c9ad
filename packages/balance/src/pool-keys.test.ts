import { describe, expect, test } from 'vitest'
import { count, setStates } from './pool.fixture.ts'
import { createPool } from './pool.ts'
import { ringHash } from './ring-hash.ts'
import type { PoolTarget } from './target.ts'
import { xxh64 } from './xxh64.ts'

const three = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]

describe('a client that has been somewhere', () => {
  test.each(['down', 'draining', 'maintenance'] as const)('is sent elsewhere when that is %s', (state) => {
    const pool = createPool({ targets: three })
    setStates(pool, 'up', state)
    expect(pool.pick({ sticky: 'b' })).toMatchObject({ target: { id: 'a' }, reason: 'preferred' })
  })

  test('is sent elsewhere when that is ejected, has no weight, was tried already or never was', () => {
    const pool = createPool({ targets: three })
    setStates(pool)
    expect(count(pool, 3, { sticky: 'x' })).toEqual({ a: 1, b: 1, c: 1 })
    expect(count(pool, 3, { sticky: 'a', exclude: new Set(['a']) })).not.toHaveProperty('a')
    pool.setPassive('a', 'ejected')
    expect(count(pool, 4, { sticky: 'a' })).toEqual({ b: 2, c: 2 })
    pool.setPassive('a', 'available')
    pool.setWeight('a', 0)
    expect(count(pool, 4, { sticky: 'a' })).toEqual({ b: 2, c: 2 })
  })

  test('is sent there again, be it degraded, unknown, asking for less, or a spare that is not needed any more', () => {
    const pool = createPool({ targets: [...three, { id: 'spare', tier: 1 }] })
    setStates(pool, 'degraded', 'unknown')
    pool.setPassive('c', 'backing-off')
    for (const id of ['a', 'b', 'c', 'spare']) {
      const pick = pool.pick({ sticky: id })!
      expect([pick.target.id, pick.reason]).toEqual([id, 'sticky'])
    }
  })
})

describe('a key', () => {
  test('means nothing to an algorithm that does not go by keys', () => {
    const pool = createPool({ targets: three })
    setStates(pool)
    expect(count(pool, 9, { key: 'k' })).toEqual({ a: 3, b: 3, c: 3 })
    expect(pool.explain('k')).toEqual({
      ...pool.explain(),
      because: 'round-robin does not look at keys; tier 0 serves, because it is preferred (3 up)',
    })
  })

  // Numbers have no length: taken for bytes, all of them would have one hash, and one target all the traffic.
  test.each([5, null, true, {}, [1], Symbol('k'), new ArrayBuffer(8)])('is refused where it is none: %s', (key) => {
    const pool = createPool({ targets: three, algorithm: ringHash() })
    setStates(pool)
    const refused = expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS', message: expect.stringContaining('a key is') })
    expect(() => pool.pick({ key: key as never })).toThrow(refused)
    expect(() => pool.explain(key as never)).toThrow(refused)
    expect(pool.snapshot().every(({ active }) => active === 0)).toBe(true)
  })

  test('goes to the same target in every pool of the same targets, as text, as its bytes and as its hash', () => {
    const pools = [1, 2].map(() => createPool({ targets: three, algorithm: ringHash() }))
    for (const pool of pools) setStates(pool)
    for (let number = 0; number < 50; number++) {
      const key = `schlüssel-${number}`
      const keys = [key, new TextEncoder().encode(key), xxh64(key)]
      const ids = pools.flatMap((pool) => keys.map((each) => pool.pick({ key: each })!.target.id))
      expect(new Set(ids).size).toBe(1)
    }
  })

  test('is explained without a change: it goes where it was said to, and picks without a key go on as they would', () => {
    const build = () => {
      const pool = createPool<PoolTarget>({
        targets: [...three, { id: 'spare', tier: 1 }],
        algorithm: ringHash(),
        overprovisioningFactor: 1,
      })
      setStates(pool, 'up', 'up', 'down')
      return pool
    }
    const asked = build()
    const unasked = build()
    for (let number = 0; number < 100; number++) {
      const { target, reason, tier, because } = asked.explain(`${number}`)
      expect(asked.pick()?.target.id).toBe(unasked.pick()?.target.id)
      const pick = asked.pick({ key: `${number}` })!
      expect([pick.target.id, pick.reason, pick.target.tier ?? 0]).toEqual([target, reason, tier])
      expect(because).toContain(
        `the key goes to ${target} by ring-hash; tier 0 has 66 % and tier 1 has 34 %, because tier 0 cannot carry all`,
      )
    }
  })

  test('goes nowhere where nothing can be picked', () => {
    const pool = createPool({ targets: [{ id: 'a' }], algorithm: ringHash(), panic: false })
    setStates(pool, 'down')
    expect(pool.explain('k')).toMatchObject({ tier: undefined, because: 'no target can be picked: 1 down; panic is off' })
    expect(pool.explain('k')).not.toHaveProperty('target')
  })
})
