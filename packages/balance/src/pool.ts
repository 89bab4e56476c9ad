import type { TargetState } from '@hotspare/core'
import type { Algorithm, Candidate } from './algorithm.ts'
import { MAX_WEIGHT, poolDefaults } from './defaults.ts'
import { type Group, groupsByPreference, isLastResort } from './eligibility.ts'
import { misuse, refuseUnknown } from './errors.ts'
import { explainPool, type PoolExplanation } from './explanation.ts'
import { roundRobin } from './round-robin.ts'
import type { PassiveState, PickContext, PickReason, PoolTarget, TargetPick } from './target.ts'

export interface PoolOptions<Target extends PoolTarget> {
  /** In the order that breaks ties. None is allowed: the pool then picks nothing. */
  readonly targets: readonly Target[]
  /** How picks spread over targets of equal preference. Default: `roundRobin()` */
  readonly algorithm?: Algorithm | undefined
  /** Whether targets that are down are tried when nothing better is left. Default: true */
  readonly panic?: boolean | undefined
}

/** One line of a pool's {@link Pool.snapshot}. */
export interface TargetSnapshot {
  readonly id: string
  /** As it is now: `setWeight` changes it. */
  readonly weight: number
  readonly tier: number
  readonly state: TargetState
  readonly passive: PassiveState
  /** Picks that are not done yet. */
  readonly active: number
  /** Picks since the pool was made. */
  readonly picks: number
}

/** Chooses a target for each request, by health, preference and load. Synchronous, without timers or I/O. */
export interface Pool<Target extends PoolTarget> {
  /** @returns a target and a slot to give back with `done()`; undefined where no target may be picked */
  pick(context?: PickContext): TargetPick<Target> | undefined
  /**
   * Says what is known of a target; all start `unknown`. The order of preference is worked out here, not in a pick.
   *
   * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for an id that the pool does not have, or a state that is none
   */
  setState(id: string, state: TargetState): void
  /**
   * Says what the requests to a target show, apart from its health; all start `available`. One that is put aside gets
   * nothing while another can be picked.
   *
   * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for an id that the pool does not have, or a state that is none
   */
  setPassive(id: string, passive: PassiveState): void
  /**
   * Gives a target another weight, 0 to 1,000,000; 0 drains.
   *
   * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for an id that the pool does not have, or a weight out of range
   */
  setWeight(id: string, weight: number): void
  /** The targets as they are now, in the order that the pool was given. */
  snapshot(): readonly TargetSnapshot[]
  /** Where the next first attempt goes, and why. */
  explain(): PoolExplanation
}

interface Member<Target> extends Candidate {
  readonly target: Target
  readonly tier: number
  weight: number
  state: TargetState
  passive: PassiveState
  active: number
  picks: number
}

/** @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for targets that make no pool (doubled ids, weights or tiers out of range) and for options that it does not know */
export function createPool<Target extends PoolTarget>(options: PoolOptions<Target>): Pool<Target> {
  refuseUnknown('pool', options, ['targets', 'algorithm', 'panic'])
  const { targets, algorithm = roundRobin(), panic = poolDefaults.panic } = options
  if (typeof panic !== 'boolean') throw misuse(`pool: panic is ${String(panic)}: write true or false`)
  const members = targets.map((target, index) => toMember(target, index))
  const byId = new Map(members.map((member) => [member.id, member]))
  if (byId.size < members.length) {
    const doubled = members.find((member) => byId.get(member.id) !== member)
    throw misuse(`target "${doubled?.id}" is there twice: ids must be unique within a pool`)
  }
  const choose = algorithm.start(members.length)
  let groups: readonly Group<Member<Target>>[] = groupsByPreference(members, panic)

  function memberOf(id: string, what: string): Member<Target> {
    const member = byId.get(id)
    if (!member) throw misuse(`target "${id}" is not in the pool: its ${what} cannot be set`)
    return member
  }

  function from(lastResort: boolean, exclude: ReadonlySet<string> | undefined, reason?: PickReason): TargetPick<Target> | undefined {
    for (const group of groups) {
      if (isLastResort(group.reason) !== lastResort) continue
      const member = choose(group.members, exclude)
      if (member) return take(member, reason ?? group.reason)
    }
    return undefined
  }

  return {
    pick(context) {
      const exclude = context?.exclude
      if (!exclude || exclude.size === 0) return from(false, undefined) ?? from(true, undefined)
      // A healthy target that failed once is still a better bet than one that is known to fail, or down: it may hang.
      return from(false, exclude) ?? from(false, undefined, 'repeat') ?? from(true, exclude) ?? from(true, undefined, 'repeat')
    },
    setState(id, state) {
      const member = memberOf(id, 'state')
      if (!states.has(state)) throw misuse(`target "${id}" cannot be "${state}": write one of ${[...states].join(', ')}`)
      if (member.state === state) return
      member.state = state
      groups = groupsByPreference(members, panic)
    },
    setPassive(id, passive) {
      const member = memberOf(id, 'passive state')
      if (!passives.has(passive)) throw misuse(`target "${id}" cannot be "${passive}": write one of ${[...passives].join(', ')}`)
      if (member.passive === passive) return
      member.passive = passive
      groups = groupsByPreference(members, panic)
    },
    setWeight(id, weight) {
      const member = memberOf(id, 'weight')
      checkWeight(id, weight)
      if (member.weight === weight) return
      member.weight = weight
      groups = groupsByPreference(members, panic)
    },
    snapshot: () =>
      members.map(({ id, weight, tier, state, passive, active, picks }) => ({ id, weight, tier, state, passive, active, picks })),
    explain: () => explainPool(members, groups[0], panic),
  }
}

const states: ReadonlySet<TargetState> = new Set<TargetState>(['up', 'degraded', 'down', 'unknown', 'maintenance', 'draining'])
const passives: ReadonlySet<PassiveState> = new Set<PassiveState>(['available', 'backing-off', 'ejected'])

function checkWeight(id: string, weight: unknown): void {
  if (typeof weight === 'number' && weight >= 0 && weight <= MAX_WEIGHT) return
  throw misuse(`target "${id}" has weight ${String(weight)}: write a number from 0 (drained) to ${MAX_WEIGHT}`)
}

function take<Target>(member: Member<Target>, reason: PickReason): TargetPick<Target> {
  member.active += 1
  member.picks += 1
  let held = true
  return {
    target: member.target,
    reason,
    done() {
      if (!held) return
      held = false
      member.active -= 1
    },
  }
}

function toMember<Target extends PoolTarget>(target: Target, index: number): Member<Target> {
  const { id, weight = poolDefaults.weight, tier = poolDefaults.tier } = target
  if (typeof id !== 'string' || id === '') throw misuse(`target number ${index + 1} has no id`)
  checkWeight(id, weight)
  if (!Number.isSafeInteger(tier) || tier < 0)
    throw misuse(`target "${id}" has tier ${String(tier)}: write a whole number, 0 for the first choice`)
  return { target, id, index, weight, tier, state: 'unknown', passive: 'available', active: 0, picks: 0 }
}
