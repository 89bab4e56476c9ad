import { seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { type Arbitrary, array, assert, boolean, constantFrom, integer, oneof, option, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import type { Algorithm } from './algorithm.ts'
import { boundedLoad } from './bounded-load.ts'
import { edf } from './edf.ts'
import { firstAvailable } from './first-available.ts'
import { jump } from './jump.ts'
import { leastRequest } from './least-request.ts'
import { maglev } from './maglev.ts'
import { peakEwma } from './peak-ewma.ts'
import { createPool, type Pool, type TargetSnapshot } from './pool.ts'
import { random } from './random-choice.ts'
import { rendezvous } from './rendezvous.ts'
import { ringHash } from './ring-hash.ts'
import { roundRobin } from './round-robin.ts'
import type { PickContext, PoolTarget, TargetPick } from './target.ts'

const algorithms: readonly (() => Algorithm)[] = [
  roundRobin,
  edf,
  firstAvailable,
  () => leastRequest({ random: seededRandom(1) }),
  () => peakEwma({ random: seededRandom(1) }),
  () => random({ random: seededRandom(1) }),
  () => ringHash({ minimumRingSize: 32 }),
  () => ringHash({ function: 'ketama' }),
  () => maglev({ size: 31 }),
  rendezvous,
  jump,
  () => boundedLoad(rendezvous()),
]

const id = integer({ min: 0, max: 5 }).map((number) => `t${number}`)
const steps = oneof(
  record({
    kind: constantFrom('state' as const),
    id,
    state: constantFrom('up', 'up', 'degraded', 'unknown', 'down', 'draining', 'maintenance'),
  }),
  record({ kind: constantFrom('passive' as const), id, passive: constantFrom('available', 'backing-off', 'ejected') }),
  record({ kind: constantFrom('weight' as const), id, weight: constantFrom(0, 1, 2.5) }),
  record({ kind: constantFrom('time' as const), ms: integer({ min: 1, max: 400 }) }),
  record({ kind: constantFrom('done' as const), pick: integer({ min: 0, max: 30 }), ok: boolean() }),
  record({ kind: constantFrom('explain' as const), key: option(constantFrom('k', 'l'), { nil: undefined }) }),
  record({
    kind: constantFrom('pick' as const),
    key: option(constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
    sticky: option(id, { nil: undefined }),
    exclude: option(
      array(id, { maxLength: 4 }).map((ids) => new Set(ids)),
      { nil: undefined },
    ),
  }),
)
type Step = typeof steps extends Arbitrary<infer Each> ? Each : never

const pools = record({
  targets: array(
    record({
      weight: constantFrom(0, 1, 1, 3),
      tier: integer({ min: 0, max: 2 }),
      zone: constantFrom('x', 'y'),
      limit: constantFrom(1, 2, 50, undefined),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  algorithm: constantFrom(...algorithms),
  panic: boolean(),
  overprovisioningFactor: constantFrom(1, 1.4, Infinity),
  panicThreshold: constantFrom(0, 0, 50, 100),
  slowStart: constantFrom(undefined, { windowMs: 1_000 }, { windowMs: 500, aggression: 0.1, minimumRatio: 0 }),
  zoneWeights: constantFrom(undefined, { x: 1, y: 3 }),
  steps: array(steps, { maxLength: 80 }),
})

function isServing({ weight, state, passive }: TargetSnapshot): boolean {
  return weight > 0 && passive !== 'ejected' && (state === 'up' || state === 'degraded' || state === 'unknown')
}

interface Situation {
  readonly before: readonly TargetSnapshot[]
  readonly limits: ReadonlyMap<string, number>
  readonly context: PickContext
  readonly panic: boolean
  readonly panicThreshold: number
}

/** What is wrong with a pick, from the state before it and what the pool guarantees. */
function* faults(
  { before, limits, context, panic, panicThreshold }: Situation,
  pick: TargetPick<PoolTarget> | undefined,
): Generator<string> {
  const isOpen = (target: TargetSnapshot) => target.active < limits.get(target.id)!
  const serving = before.filter(isServing)
  const picked = before.find((target) => target.id === pick?.target.id)
  if (!picked || !pick) {
    if (serving.some(isOpen)) yield 'nobody, though somebody serves and has room'
    return
  }
  if (!isOpen(picked)) yield 'one that is full'
  if (picked.weight === 0 || picked.state === 'draining' || picked.state === 'maintenance') yield 'one that drains'
  if (picked.state === 'down' && !panic) yield 'one that is down, without panic'
  // Only where nobody is better, or their tier is in panic by a threshold; and then the pick says so.
  const isLast = picked.state === 'down' || picked.passive === 'ejected'
  if (isLast && pick.reason !== 'ejected' && pick.reason !== 'panic' && pick.reason !== 'repeat') yield 'a last resort that does not say so'
  if (isLast && serving.length > 0 && (pick.reason !== 'panic' || panicThreshold === 0)) yield 'a last resort, though somebody serves'
  if (pick.reason === 'sticky' && picked.id !== context.sticky) yield 'not the one that was asked for'
  const untried = serving.filter((target) => isOpen(target) && !context.exclude?.has(target.id))
  if (context.exclude?.has(picked.id) && untried.length > 0) yield 'one that was tried, though others were not'
}

function apply(pool: Pool<PoolTarget>, step: Step, ids: ReadonlySet<string>): void {
  if (!('id' in step) || !ids.has(step.id)) return
  if (step.kind === 'state') pool.setState(step.id, step.state)
  else if (step.kind === 'passive') pool.setPassive(step.id, step.passive)
  else pool.setWeight(step.id, step.weight)
}

test('whatever happens, no pick goes to one that drains, or is full, or outside the last resort to one that is ejected or down', () => {
  assert(
    property(pools, ({ targets: list, algorithm, steps: sequence, ...options }) => {
      let nowMs = 0
      const clock = Object.assign(new TestClock(), { monotonicMs: () => nowMs })
      const targets = list.map((target, index) => ({ id: `t${index}`, ...target }))
      const limits = new Map(targets.map((target) => [target.id, target.limit ?? Infinity]))
      const pool = createPool<PoolTarget>({ targets, algorithm: algorithm(), clock, ...options })
      const picks: TargetPick<PoolTarget>[] = []
      for (const each of sequence) {
        apply(pool, each, new Set(limits.keys()))
        if (each.kind === 'time') nowMs += each.ms
        if (each.kind === 'done') picks[each.pick]?.done({ latencyMs: 5, ok: each.ok })
        if (each.kind === 'explain') pool.explain(each.key)
        if (each.kind !== 'pick') continue
        const before = pool.snapshot()
        const pick = pool.pick(each)
        const { panic, panicThreshold } = options
        expect([...faults({ before, limits, context: each, panic, panicThreshold }, pick)]).toEqual([])
        if (pick) picks.push(pick)
      }
      for (const pick of picks) pick.done()
      expect(pool.snapshot().every(({ active }) => active === 0)).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('the same steps give the same picks: nothing but the seed is left to chance', () => {
  assert(
    property(pools, ({ targets: list, algorithm, steps: sequence, ...options }) => {
      const run = () => {
        const targets = list.map((target, index) => ({ id: `t${index}`, ...target }))
        const pool = createPool<PoolTarget>({ targets, algorithm: algorithm(), clock: new TestClock(), ...options })
        return sequence.map((each) => {
          apply(pool, each, new Set(targets.map((target) => target.id)))
          return each.kind === 'pick' ? pool.pick(each)?.target.id : undefined
        })
      }
      expect(run()).toEqual(run())
    }),
  )
})
