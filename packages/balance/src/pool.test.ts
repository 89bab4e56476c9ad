import { seededRandom, type TargetState } from '@hotspare/core'
import { type Arbitrary, array, assert, boolean, constantFrom, integer, oneof, property, record, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leastRequest } from './least-request.ts'
import { peakEwma } from './peak-ewma.ts'
import { createPool, type Pool, type TargetSnapshot } from './pool.ts'
import { random } from './random-choice.ts'
import { roundRobin } from './round-robin.ts'
import type { PassiveState, PickContext, PoolTarget, TargetPick } from './target.ts'

const invalid = expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' })

function poolOf(states: Readonly<Record<string, readonly [tier: number, state: TargetState]>>, panic = true): Pool<PoolTarget> {
  const pool = createPool({ targets: Object.entries(states).map(([id, [tier]]) => ({ id, tier })), panic })
  for (const [id, [, state]] of Object.entries(states)) pool.setState(id, state)
  return pool
}

/** The next pick as `id reason`; its slot is given back at once. */
function next(pool: Pool<PoolTarget>, ...exclude: string[]): string | undefined {
  const pick = pool.pick({ exclude: new Set(exclude) })
  pick?.done()
  return pick && `${pick.target.id} ${pick.reason}`
}

describe('what makes no pool', () => {
  test.each<[string, readonly PoolTarget[], string]>([
    ['a doubled id', [{ id: 'a' }, { id: 'b' }, { id: 'a' }], 'balance: target "a" is there twice: ids must be unique within a pool'],
    ['an empty id', [{ id: 'a' }, { id: '' }], 'balance: target number 2 has no id'],
    ['no id', [{} as PoolTarget], 'balance: target number 1 has no id'],
    ['a negative weight', [{ id: 'a', weight: -1 }], 'target "a" has weight -1'],
    ['a weight of NaN', [{ id: 'a', weight: Number.NaN }], 'target "a" has weight NaN'],
    ['an endless weight', [{ id: 'a', weight: Infinity }], 'target "a" has weight Infinity'],
    ['a weight past the bound', [{ id: 'a', weight: 1_000_001 }], 'write a number from 0 (drained) to 1000000'],
    ['a weight that is text', [{ id: 'a', weight: '2' as never }], 'target "a" has weight 2'],
    ['a tier between two', [{ id: 'a', tier: 0.5 }], 'target "a" has tier 0.5'],
    ['a negative tier', [{ id: 'a', tier: -1 }], 'target "a" has tier -1'],
    ['a tier of NaN', [{ id: 'a', tier: Number.NaN }], 'target "a" has tier NaN'],
  ])('%s', (_, targets, message) => {
    expect(() => createPool({ targets })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS', message: expect.stringContaining(message) }),
    )
  })

  test.each([
    ['an algorithm by its name', { algorithm: 'maglev' }, 'balance: pool: algorithm is the text "maglev": write what roundRobin()'],
    ['an algorithm that was not called', { algorithm: roundRobin }, 'balance: pool: algorithm is a function: write what roundRobin()'],
    ['no algorithm at all', { algorithm: null }, 'balance: pool: algorithm is none: write what roundRobin()'],
    ['a clock that is none', { clock: Date }, 'balance: pool: clock has no monotonicMs(): write one of @hotspare/core'],
    ['zones that are none', { zoneWeights: null }, 'balance: pool: zoneWeights are no object'],
    ['targets that are no list', { targets: 'a' }, 'balance: pool: targets is no list'],
    ['a target that is none', { targets: [{ id: 'a' }, null] }, 'balance: target number 2 is no object'],
    ['a slow start that is text', { slowStart: '30s' }, 'balance: slow start: no options: write an object with some of windowMs,'],
    ['a misspelled option', { panik: false }, 'balance: pool: panik: unknown option: known are targets, algorithm, panic,'],
    ['panic in words', { panic: 'no' }, 'balance: pool: panic is no: write true or false'],
  ])('%s', (_, options, message) => {
    expect(() => createPool({ targets: [{ id: 'a' }], ...(options as object) })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS', message: expect.stringContaining(message) }),
    )
  })

  test.each([
    ['least request', leastRequest],
    ['peak ewma', peakEwma],
    ['random', random],
  ])('a function where %s takes a generator', (who, make) => {
    expect(() => make({ random: Math.random as never })).toThrow(`balance: ${who}: random has no next()`)
  })

  test('a misspelled option of least request', () => {
    const options = { choices: 2, rng: 1 } as object
    expect(() => leastRequest(options)).toThrow('balance: least request: rng: unknown option')
  })

  test('neither state nor weight of a stranger can be set', () => {
    const pool = createPool({ targets: [{ id: 'a' }] })
    expect(() => pool.setState('b', 'up')).toThrow(invalid)
    expect(() => pool.setPassive('b', 'ejected')).toThrow(invalid)
    expect(() => pool.setWeight('b', 1)).toThrow(invalid)
  })

  test.each([-1, Number.NaN, Infinity, 1_000_001, '2' as never])('a weight of %s is refused later too, and the old one stays', (weight) => {
    const pool = createPool({ targets: [{ id: 'a', weight: 3 }] })
    expect(() => pool.setWeight('a', weight)).toThrow(invalid)
    expect(pool.snapshot()).toMatchObject([{ weight: 3 }])
  })

  test('a state that is none is refused, and the old one stays', () => {
    const pool = poolOf({ a: [0, 'up'] })
    expect(() => pool.setState('a', 'UP' as TargetState)).toThrow(invalid)
    expect(() => pool.setPassive('a', 'down' as PassiveState)).toThrow(invalid)
    expect(next(pool)).toBe('a preferred')
  })
})

describe('which target is picked', () => {
  test('an empty pool picks nothing', () => {
    const pool = createPool({ targets: [] })
    expect(pool.pick()).toBeUndefined()
    expect(pool.pick({ exclude: new Set(['a']) })).toBeUndefined()
    expect(pool.snapshot()).toEqual([])
  })

  test('a pool whose targets all drain picks nothing, though they were not tried', () => {
    const pool = poolOf({ a: [0, 'draining'], b: [0, 'maintenance'] })
    expect(next(pool)).toBeUndefined()
    expect(next(pool, 'a', 'b')).toBeUndefined()
  })

  test('with panic off, a pool whose targets are all down picks nothing', () => {
    expect(next(poolOf({ a: [0, 'down'] }, false))).toBeUndefined()
  })

  test('with panic on, one that is down is tried, from the first tier that has any', () => {
    expect(next(poolOf({ a: [1, 'down'], b: [0, 'maintenance'], c: [2, 'down'] }))).toBe('a panic')
  })

  test('all targets start unknown, and are tried', () => {
    expect(next(createPool({ targets: [{ id: 'a' }] }))).toBe('a unproven')
  })

  test('a tier that loses its last healthy target spills to the next, and takes the traffic back', () => {
    const pool = poolOf({ a: [0, 'up'], b: [1, 'up'] })
    expect(next(pool)).toBe('a preferred')
    pool.setState('a', 'down')
    expect(next(pool)).toBe('b spill tier 0 -> 1')
    pool.setState('a', 'degraded')
    expect(next(pool)).toBe('b spill tier 0 -> 1')
    pool.setState('b', 'down')
    expect(next(pool)).toBe('a preferred')
    pool.setState('a', 'up')
    expect(next(pool)).toBe('a preferred')
  })

  test('a retry goes to an untried target for as long as there is one, then repeats the best', () => {
    const pool = poolOf({ a: [0, 'up'], b: [1, 'up'], c: [0, 'degraded'], d: [0, 'unknown'], e: [0, 'down'], f: [0, 'draining'] })
    expect(next(pool)).toBe('a preferred')
    expect(next(pool, 'a')).toBe('b spill tier 0 -> 1')
    expect(next(pool, 'a', 'b')).toBe('c preferred')
    expect(next(pool, 'a', 'b', 'c')).toBe('d unproven')
    expect(next(pool, 'a', 'b', 'c', 'd')).toBe('a repeat')
  })

  test('a retry repeats a healthy target before it tries one that is down, which may hang', () => {
    expect(next(poolOf({ a: [0, 'up'], b: [0, 'down'] }), 'a')).toBe('a repeat')
  })

  test('in panic, a retry goes to another target that is down, then repeats', () => {
    const pool = poolOf({ a: [0, 'down'], b: [1, 'down'] })
    expect(next(pool, 'a')).toBe('b panic')
    expect(next(pool, 'a', 'b')).toBe('a repeat')
  })

  test('one that is ejected is not picked, not even by a retry, while any other is not down', () => {
    const pool = poolOf({ a: [0, 'up'], b: [1, 'unknown'], c: [0, 'down'] })
    pool.setPassive('a', 'ejected')
    expect(next(pool)).toBe('b unproven')
    expect(next(pool, 'b')).toBe('b repeat')
  })

  test('one that is ejected is tried before one that is down, and serves again when it is back', () => {
    const pool = poolOf({ a: [0, 'up'], b: [0, 'down'] })
    pool.setPassive('a', 'ejected')
    expect(next(pool)).toBe('a ejected')
    expect(next(pool, 'a')).toBe('b panic')
    pool.setPassive('a', 'available')
    expect(next(pool)).toBe('a preferred')
  })

  test('one that asks for less is left alone while any other is left to try', () => {
    const pool = poolOf({ a: [0, 'up'], b: [1, 'up'] })
    pool.setPassive('a', 'backing-off')
    expect(next(pool)).toBe('b spill tier 0 -> 1')
    expect(next(pool, 'b')).toBe('a backing-off')
    pool.setState('b', 'down')
    expect(next(pool)).toBe('a backing-off')
  })

  test('a weight that is set counts from the next pick on, and 0 drains', () => {
    const pool = poolOf({ a: [0, 'up'], b: [0, 'up'] })
    pool.setWeight('a', 3)
    const picks = Array.from({ length: 8 }, () => next(pool))
    expect(picks.filter((pick) => pick === 'a preferred')).toHaveLength(6)
    pool.setWeight('a', 0)
    expect([next(pool), next(pool, 'b')]).toEqual(['b preferred', 'b repeat'])
    pool.setWeight('a', 1)
    expect(next(pool, 'b')).toBe('a preferred')
  })

  test('excluding strangers changes nothing', () => {
    expect(next(poolOf({ a: [0, 'up'] }), 'x', 'y')).toBe('a preferred')
  })
})

describe('what a pick gives', () => {
  test("the caller's own object comes back, whatever else it holds", () => {
    const target = { id: 'a', url: 'http://127.0.0.1:8080' }
    const pool = createPool({ targets: [target] })
    expect(pool.pick()?.target).toBe(target)
  })

  test('done gives the slot back once, also without its object', () => {
    const pool = poolOf({ a: [0, 'up'] })
    const { done } = pool.pick()!
    pool.pick()
    expect(pool.snapshot()).toEqual([{ id: 'a', weight: 1, tier: 0, state: 'up', passive: 'available', active: 2, picks: 2 }])
    done()
    done()
    expect(pool.snapshot()).toMatchObject([{ active: 1, picks: 2 }])
  })

  test('a slot is given back to a target that has left the rotation meanwhile', () => {
    const pool = poolOf({ a: [0, 'up'] })
    const pick = pool.pick()
    pool.setState('a', 'draining')
    expect(pool.snapshot()).toMatchObject([{ state: 'draining', active: 1 }])
    pick?.done()
    expect(pool.snapshot()).toMatchObject([{ state: 'draining', active: 0 }])
  })

  test('a target that is changed after the pool was made does not change the pool', () => {
    const target = { id: 'a', weight: 1, tier: 0 }
    const pool = createPool({ targets: [target] })
    target.weight = 0
    expect(next(pool)).toBe('a unproven')
  })
})

// A list has no `has`: passed over in silence, a retry would go to the target that has just failed.
test.each([[['a']], ['a'], [{}]])('what was tried is refused where it is no set: %j', (exclude) => {
  expect(() => poolOf({ a: [0, 'up'] }).pick({ exclude: exclude as never })).toThrow(invalid)
})

describe('who watches', () => {
  test('has to be a function', () => {
    expect(() => createPool({ targets: [] }).watch('x' as never)).toThrow(invalid)
  })

  test('and throws, keeps nobody else from being told, and the change is made', () => {
    const pool = poolOf({ a: [0, 'up'] })
    let told = 0
    pool.watch(() => {
      throw new Error('a fault of the caller')
    })
    pool.watch(() => void told++)
    expect(() => pool.setState('a', 'down')).toThrow('a fault of the caller')
    expect(told).toBe(1)
    expect(pool.snapshot()).toMatchObject([{ state: 'down' }])
  })

  test('anew when it is told waits for the next change', () => {
    const pool = poolOf({ a: [0, 'up'] })
    let told = 0
    let unwatch = pool.watch(watchAgain)
    function watchAgain(): void {
      told++
      unwatch()
      if (told < 100) unwatch = pool.watch(watchAgain)
    }
    pool.setState('a', 'down')
    expect(told).toBe(1)
    pool.setState('a', 'up')
    expect(told).toBe(2)
  })

  test('may change a state', () => {
    const pool = poolOf({ a: [0, 'up'], b: [1, 'up'] })
    pool.watch(() => pool.setState('b', 'draining'))
    pool.setState('a', 'down')
    expect(pool.snapshot()).toMatchObject([{ state: 'down' }, { state: 'draining' }])
    expect(next(pool)).toBe('a panic')
  })
})

test('round robin is the default, by weight, and its order survives a target that goes and comes back', () => {
  const pool = createPool({ targets: [{ id: 'a', weight: 5 }, { id: 'b' }, { id: 'c' }] })
  for (const id of ['a', 'b', 'c']) pool.setState(id, 'up')
  const picks = (count: number) => Array.from({ length: count }, () => pool.pick()?.target.id).join('')
  expect(picks(7)).toBe('aabacaa')
  expect(picks(2)).toBe('aa')
  pool.setState('b', 'down')
  expect(picks(2)).toBe('ca')
  pool.setState('b', 'up')
  expect(picks(2)).toBe('ab')
})

test('least request sends the next pick to the idler of two', () => {
  const pool = createPool({ targets: [{ id: 'a' }, { id: 'b' }], algorithm: leastRequest({ random: seededRandom(1) }) })
  const first = pool.pick()!
  const second = pool.pick()!
  expect(new Set([first.target.id, second.target.id]).size).toBe(2)
  first.done()
  for (let pick = 0; pick < 20; pick++) {
    const again = pool.pick()!
    expect(again.target.id).toBe(first.target.id)
    again.done()
  }
})

const states = ['up', 'degraded', 'unknown', 'down', 'draining', 'maintenance'] as const
const passives = ['available', 'backing-off', 'ejected'] as const
const action = oneof(
  record({ kind: constantFrom('state' as const), target: integer({ min: 0, max: 7 }), state: constantFrom(...states) }),
  record({ kind: constantFrom('passive' as const), target: integer({ min: 0, max: 7 }), passive: constantFrom(...passives) }),
  record({ kind: constantFrom('weight' as const), target: integer({ min: 0, max: 7 }), weight: constantFrom(0, 1, 2.5) }),
  record({ kind: constantFrom('pick' as const), exclude: uniqueArray(integer({ min: 0, max: 9 }), { maxLength: 8 }) }),
  record({ kind: constantFrom('done' as const), pick: integer({ min: 0, max: 50 }) }),
)
type Step = typeof action extends Arbitrary<infer Each> ? Each : never
const pools = record({
  targets: array(record({ weight: constantFrom(0, 1, 1, 3, 0.5), tier: integer({ min: 0, max: 3 }) }), { maxLength: 8 }),
  panic: boolean(),
  leastRequest: boolean(),
  actions: array(action, { maxLength: 60 }),
})

/** Put aside counts where health has not decided already. */
function rankOf({ state, passive }: TargetSnapshot): string {
  return passive !== 'available' && (state === 'up' || state === 'degraded' || state === 'unknown') ? passive : state
}

/** The reason and the ids that may be picked, worked out anew from the rules for each pick. */
function allowed(pool: Pool<PoolTarget>, context: PickContext, panic: boolean): { reason: string; ids: string[] } | undefined {
  const all = pool.snapshot()
  const firstTier = Math.min(...all.map(({ tier }) => tier))
  const better = ['up', 'degraded', 'unknown', 'backing-off'] as const
  const last = panic ? (['ejected', 'down'] as const) : (['ejected'] as const)
  for (const [exclude, candidates] of [
    [context.exclude, better],
    [undefined, better],
    [context.exclude, last],
    [undefined, last],
  ] as const) {
    for (const rank of candidates) {
      const left = all.filter((target) => target.weight > 0 && rankOf(target) === rank && !exclude?.has(target.id))
      if (left.length === 0) continue
      const tier = Math.min(...left.map((target) => target.tier))
      const healthy = tier === firstTier ? 'preferred' : `spill tier ${firstTier} -> ${tier}`
      const reason = { up: healthy, degraded: healthy, unknown: 'unproven', 'backing-off': rank, ejected: rank, down: 'panic' }[rank]
      return { reason: exclude ? reason : 'repeat', ids: left.filter((target) => target.tier === tier).map(({ id }) => id) }
    }
  }
  return undefined
}

/** Does what a step says of a target, where the pool has it. */
function set(pool: Pool<PoolTarget>, step: Step, size: number): void {
  if (!('target' in step) || step.target >= size) return
  if (step.kind === 'state') pool.setState(`t${step.target}`, step.state)
  else if (step.kind === 'passive') pool.setPassive(`t${step.target}`, step.passive)
  else pool.setWeight(`t${step.target}`, step.weight)
}

describe('whatever happens to a pool', () => {
  test('each pick follows the order of preference, and the counts of active picks stay right', () => {
    assert(
      property(pools, ({ targets, panic, leastRequest: byLoad, actions }) => {
        const algorithm = byLoad ? leastRequest({ random: seededRandom(1) }) : roundRobin()
        const pool = createPool({ targets: targets.map((target, index) => ({ id: `t${index}`, ...target })), panic, algorithm })
        const picks: TargetPick<PoolTarget>[] = []
        const open = new Set<TargetPick<PoolTarget>>()
        for (const step of actions) {
          set(pool, step, targets.length)
          if (step.kind === 'pick') {
            const context = { exclude: new Set(step.exclude.map((number) => `t${number}`)) }
            const expected = allowed(pool, context, panic)
            const pick = pool.pick(context)
            const broken = pick?.reason !== expected?.reason || (pick && !expected?.ids.includes(pick.target.id))
            if (broken) throw new Error(`${pick?.target.id} ${pick?.reason} instead of ${JSON.stringify(expected)}`)
            if (pick) {
              picks.push(pick)
              open.add(pick)
            }
          }
          if (step.kind === 'done') {
            const pick = picks[step.pick]
            pick?.done()
            if (pick) open.delete(pick)
          }
          for (const { id, active } of pool.snapshot()) {
            expect(active).toBe([...open].filter(({ target }) => target.id === id).length)
          }
        }
        for (const pick of [...picks, ...picks]) pick.done()
        expect(pool.snapshot().every(({ active }) => active === 0)).toBe(true)
        expect(pool.snapshot().reduce((total, target) => total + target.picks, 0)).toBe(picks.length)
      }),
      { numRuns: 500 },
    )
  })

  test('no pick goes to a target that is draining, in maintenance or of weight 0, nor to one that is down or ejected while there is a better one', () => {
    assert(
      property(pools, ({ targets, panic, actions }) => {
        const pool = createPool({ targets: targets.map((target, index) => ({ id: `t${index}`, ...target })), panic })
        for (const step of actions) {
          set(pool, step, targets.length)
          if (step.kind !== 'pick') continue
          const exclude = new Set(step.exclude.map((number) => `t${number}`))
          const before = pool.snapshot()
          const id = pool.pick({ exclude })?.target.id
          const picked = before.find((target) => target.id === id)
          if (!picked) continue
          expect(['draining', 'maintenance']).not.toContain(picked.state)
          expect(picked.weight).toBeGreaterThan(0)
          const usable = before.filter(({ weight, state }) => weight > 0 && (state === 'up' || state === 'degraded' || state === 'unknown'))
          const better = usable.filter(({ passive }) => passive !== 'ejected')
          const untried = better.filter(({ id: other }) => !exclude.has(other))
          expect(picked.state === 'down' ? better : []).toEqual([])
          expect(picked.state === 'down' ? usable.filter(({ id: other }) => !exclude.has(other)) : []).toEqual([])
          expect(picked.passive === 'ejected' ? better : []).toEqual([])
          expect(exclude.has(picked.id) ? untried : []).toEqual([])
        }
      }),
      { numRuns: 500 },
    )
  })
})
