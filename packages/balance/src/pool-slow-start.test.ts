import { TestClock } from '@hotspare/core/testing'
import { assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leastRequest } from './least-request.ts'
import { count, reasons, setStates } from './pool.fixture.ts'
import { createPool } from './pool.ts'
import { ringHash } from './ring-hash.ts'
import { slowStartWeight } from './slow-start.ts'

const slowStart = { windowMs: 60_000 }
const spare = [{ id: 'main' }, { id: 'spare', tier: 1 }]
const pair = [{ id: 'a' }, { id: 'b' }]

test.each([{ windowMs: 0 }, {}, { windowMs: 1_000, aggresion: 2 }])('%j is no slow start', (wrong) => {
  expect(() => createPool({ targets: [], slowStart: wrong as never })).toThrow(
    expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS', message: expect.stringContaining('slow start') }),
  )
})

describe('who has nothing to warm up again', () => {
  test('a pool that starts: its targets were never away', () => {
    const pool = createPool({ targets: [...spare, { id: 'other' }], slowStart, clock: new TestClock() })
    pool.setState('spare', 'up')
    pool.setState('main', 'up')
    expect(count(pool, 100)).toEqual({ main: 100 })
    pool.setState('other', 'degraded')
    pool.setState('other', 'up')
    expect(count(pool, 100)).toEqual({ main: 50, other: 50 })
    expect(reasons(pool, 10)).toEqual(['preferred'])
  })

  test('without the option, who comes back has all at once', () => {
    const pool = createPool({ targets: spare, clock: new TestClock() })
    setStates(pool, 'down', 'up')
    pool.setState('main', 'up')
    expect(count(pool, 100)).toEqual({ main: 100 })
  })

  test('where nobody else can serve, the tier that comes back takes all at once', () => {
    const pool = createPool({ targets: spare, slowStart, clock: new TestClock() })
    setStates(pool, 'down', 'down')
    pool.setState('main', 'up')
    expect(count(pool, 100)).toEqual({ main: 100 })
  })

  test('a failover is never slow', () => {
    const pool = createPool({ targets: spare, slowStart, clock: new TestClock() })
    setStates(pool)
    pool.setState('main', 'down')
    expect(count(pool, 100)).toEqual({ spare: 100 })
  })
})

describe('a target that comes back', () => {
  test.each(['down', 'maintenance'] as const)('from %s has its share of its weight by and by, and says so', async (state) => {
    const clock = new TestClock()
    const pool = createPool({ targets: pair, slowStart, clock })
    setStates(pool, 'up', state)
    pool.setState('b', 'up')
    expect(pool.explain().because).toBe('tier 0 serves, because it is preferred (2 up); 1 of 2 in a slow start')
    expect(count(pool, 110)).toEqual({ a: 100, b: 10 })
    await clock.advance(20_000)
    expect(count(pool, 400)).toEqual({ a: 300, b: 100 })
    expect(reasons(pool, 20)).toEqual(['preferred', 'slow-start 0.33'])
    await clock.advance(40_000)
    expect(count(pool, 100)).toEqual({ a: 50, b: 50 })
    expect(reasons(pool, 20)).toEqual(['preferred'])
  })

  test('from an ejection does so too, and begins anew when it is ejected again', async () => {
    const clock = new TestClock()
    const pool = createPool({ targets: pair, slowStart, clock, algorithm: leastRequest() })
    setStates(pool)
    for (let round = 0; round < 2; round++) {
      pool.setPassive('b', 'ejected')
      expect(count(pool, 100)).toEqual({ a: 100 })
      pool.setPassive('b', 'available')
      const { a = 0, b = 0 } = count(pool, 110)
      expect(Math.abs(b - 10)).toBeLessThanOrEqual(1)
      expect(a + b).toBe(110)
      await clock.advance(30_000)
    }
  })

  test('its weight may be set meanwhile, and the snapshot has the one that was set', async () => {
    const clock = new TestClock()
    const pool = createPool({ targets: pair, slowStart, clock })
    setStates(pool, 'up', 'down')
    pool.setState('b', 'up')
    await clock.advance(30_000)
    pool.setWeight('b', 4)
    expect(count(pool, 300)).toEqual({ a: 100, b: 200 })
    expect(pool.snapshot()[1]).toMatchObject({ weight: 4 })
  })

  test('where the algorithm goes by keys it keeps its keys from the first moment on', () => {
    const pool = createPool({ targets: pair, slowStart, clock: new TestClock(), algorithm: ringHash() })
    setStates(pool)
    const place = () => Array.from({ length: 200 }, (_, key) => pool.pick({ key: `${key}` })!.target.id)
    const before = place()
    pool.setState('b', 'down')
    pool.setState('b', 'up')
    expect(place()).toEqual(before)
    expect(reasons(pool, 10)).toEqual(['preferred'])
  })
})

test('a curve that begins with almost nothing drains nobody', () => {
  const pool = createPool({ targets: pair, slowStart: { windowMs: 60_000, aggression: 0.01, minimumRatio: 0 }, clock: new TestClock() })
  setStates(pool, 'up', 'down')
  pool.setState('b', 'up')
  pool.setState('a', 'maintenance')
  expect(count(pool, 10)).toEqual({ b: 10 })
})

describe('a tier that takes its traffic back', () => {
  test('has a growing share, while the rest stays at the spare', async () => {
    const clock = new TestClock()
    const pool = createPool({ targets: spare, slowStart, clock })
    setStates(pool)
    pool.setState('main', 'down')
    await clock.advance(5_000)
    pool.setState('main', 'up')
    expect(count(pool, 100)).toEqual({ main: 10, spare: 90 })
    await clock.advance(30_000)
    expect(count(pool, 100)).toEqual({ main: 50, spare: 50 })
    expect(reasons(pool, 10).toSorted()).toEqual(['slow-start 0.5', 'spill tier 0 -> 1'])
    expect(pool.explain()).toMatchObject({
      because: 'tier 0 has 50 % and tier 1 has 50 %, because tier 0 takes its traffic back step by step (1 up)',
      shares: [{ percent: 50 }, { percent: 50 }],
    })
    await clock.advance(30_000)
    expect(count(pool, 100)).toEqual({ main: 100 })
    expect(reasons(pool, 10)).toEqual(['preferred'])
  })

  test('does so too where it was never down, but not well enough', () => {
    const pool = createPool({ targets: spare, slowStart, clock: new TestClock() })
    pool.setState('main', 'up')
    pool.setState('spare', 'up')
    pool.setState('main', 'degraded')
    expect(count(pool, 100)).toEqual({ spare: 100 })
    pool.setState('main', 'up')
    expect(count(pool, 100)).toEqual({ main: 10, spare: 90 })
  })

  test('takes all when the spare fails meanwhile', async () => {
    const clock = new TestClock()
    const pool = createPool({ targets: spare, slowStart, clock })
    setStates(pool, 'down', 'up')
    pool.setState('main', 'up')
    await clock.advance(10_000)
    pool.setState('spare', 'down')
    expect(count(pool, 100)).toEqual({ main: 100 })
  })

  test('goes on when another of its targets comes back meanwhile', async () => {
    const clock = new TestClock()
    const pool = createPool({ targets: [...spare, { id: 'other' }], slowStart, clock })
    setStates(pool, 'down', 'up', 'down')
    pool.setState('main', 'up')
    await clock.advance(30_000)
    pool.setState('other', 'up')
    const { spare: kept } = count(pool, 100)
    expect(kept).toBe(50)
  })

  test('does so too where it was only missing some of its targets', async () => {
    const clock = new TestClock()
    const targets = [{ id: 'a' }, { id: 'b' }, { id: 'spare', tier: 1 }]
    const pool = createPool({ targets, slowStart, clock, overprovisioningFactor: 1.4 })
    setStates(pool)
    pool.setState('b', 'down')
    expect(count(pool, 100)).toEqual({ a: 70, spare: 30 })
    pool.setState('b', 'up')
    expect(count(pool, 100)).toMatchObject({ spare: 27 })
    await clock.advance(30_000)
    expect(count(pool, 100)).toMatchObject({ spare: 15 })
  })

  test('moves keys one by one, and none of them twice', async () => {
    const clock = new TestClock()
    const pool = createPool({ targets: spare, slowStart, clock, algorithm: ringHash() })
    setStates(pool, 'down', 'up')
    pool.setState('main', 'up')
    const back = new Set<number>()
    for (let percent = 10; percent <= 100; percent += 10) {
      await clock.advance(6_000)
      const now = Array.from({ length: 1_000 }, (_, key) => key).filter((key) => pool.pick({ key: `${key}` })!.target.id === 'main')
      for (const key of back) expect(now).toContain(key)
      for (const key of now) back.add(key)
      expect(Math.abs(now.length / 10 - percent)).toBeLessThan(5)
    }
    expect(back.size).toBe(1_000)
  })

  test('has the share of the formula, within 2 %, whatever the moment and the curve', () => {
    assert(
      property(
        integer({ min: 0, max: 70_000 }),
        constantFrom(0.5, 1, 2),
        constantFrom(0, 0.1, 0.4),
        (elapsedMs, aggression, minimumRatio) => {
          const options = { windowMs: 60_000, aggression, minimumRatio }
          let nowMs = 0
          const clock = Object.assign(new TestClock(), { monotonicMs: () => nowMs })
          const pool = createPool({ targets: spare, slowStart: options, clock })
          setStates(pool, 'down', 'up')
          pool.setState('main', 'up')
          nowMs = elapsedMs
          const { main = 0 } = count(pool, 1_000)
          expect(Math.abs(main / 1_000 - slowStartWeight({ weight: 1, elapsedMs, ...options }))).toBeLessThan(0.02)
        },
      ),
    )
  })

  test('has it over the whole of a failback too, while time goes by between the picks', async () => {
    const clock = new TestClock()
    const pool = createPool({ targets: spare, slowStart, clock })
    setStates(pool, 'down', 'up')
    pool.setState('main', 'up')
    let picked = 0
    let expected = 0
    for (let pick = 0; pick < 6_000; pick++) {
      if (pool.pick()!.target.id === 'main') picked += 1
      expected += slowStartWeight({ weight: 1, elapsedMs: pick * 10, windowMs: 60_000, aggression: 1, minimumRatio: 0.1 })
      await clock.advance(10)
    }
    expect(Math.abs(picked / expected - 1)).toBeLessThan(0.02)
  })
})
