import type { TargetState } from '@hotspare/core'
import type { Candidate } from './algorithm.ts'
import type { CandidateSet } from './candidate-set.ts'
import { MAX_WEIGHT, poolDefaults } from './defaults.ts'
import { misuse } from './errors.ts'
import type { PassiveState, PoolTarget } from './target.ts'

/** A target as its pool has it. */
export interface Member<Target = unknown> extends Candidate {
  readonly target: Target
  readonly tier: number
  readonly zone: string | undefined
  readonly limit: number
  /** As it was given. */
  fullWeight: number
  /** As it counts now: less than the full weight during a slow start, 0 only where that is. */
  weight: number
  state: TargetState
  passive: PassiveState
  active: number
  picks: number
  /** Whether it has been down, ejected or in maintenance since it last served. */
  wasAway: boolean
  /** When its slow start began; undefined where it is in none. */
  rampStartMs: number | undefined
  /** The share of its full weight that it has by now. */
  rampRatio: number
  /** Where it takes part at present. */
  sets: CandidateSet<Member<Target>>[]
}

/**
 * @param zoned whether the pool looks at zones
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function toMembers<Target extends PoolTarget>(targets: readonly Target[], zoned: boolean): Member<Target>[] {
  const members = targets.map((target, index) => toMember(target, index, zoned))
  const seen = new Set<string>()
  for (const { id } of members) {
    if (seen.has(id)) throw misuse(`target "${id}" is there twice: ids must be unique within a pool`)
    seen.add(id)
  }
  return members
}

/** @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` */
export function checkWeight(id: string, weight: unknown): void {
  if (typeof weight === 'number' && weight >= 0 && weight <= MAX_WEIGHT) return
  throw misuse(`target "${id}" has weight ${String(weight)}: write a number from 0 (drained) to ${MAX_WEIGHT}`)
}

export function isFull({ active, limit }: Pick<Member, 'active' | 'limit'>): boolean {
  return active >= limit
}

/** Whether it gets no traffic for a reason of its own: its caches are cold when it is back. */
export function isAway({ state, passive }: Pick<Member, 'state' | 'passive'>): boolean {
  return state === 'down' || state === 'maintenance' || passive === 'ejected'
}

function toMember<Target extends PoolTarget>(target: Target, index: number, zoned: boolean): Member<Target> {
  const { id, weight = poolDefaults.weight, tier = poolDefaults.tier, zone, limit = Infinity } = target
  if (typeof id !== 'string' || id === '') throw misuse(`target number ${index + 1} has no id`)
  checkWeight(id, weight)
  if (!Number.isSafeInteger(tier) || tier < 0)
    throw misuse(`target "${id}" has tier ${String(tier)}: write a whole number, 0 for the first choice`)
  if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit > 0))
    throw misuse(`target "${id}" has limit ${String(limit)}: write a whole number, 1 or more`)
  const situation = { state: 'unknown', passive: 'available', wasAway: false, rampStartMs: undefined, rampRatio: 1 } as const
  const counts = { active: 0, picks: 0 }
  return { target, id, index, tier, zone: zoned ? zone : undefined, limit, fullWeight: weight, weight, ...situation, ...counts, sets: [] }
}
