import { assertNever, type TargetState } from '@hotspare/core'
import type { PassiveState, PickReason } from './target.ts'

/** What decides whether, and before whom, a target is picked. */
export interface Rankable {
  readonly weight: number
  readonly tier: number
  readonly state: TargetState
  readonly passive: PassiveState
}

/** Targets of equal preference: one tier, and one state or one reason to be put aside. */
export interface Group<Member> {
  readonly tier: number
  /** Of the first member; the others share it, but where they were put aside. */
  readonly state: TargetState
  readonly reason: Exclude<PickReason, 'repeat'>
  readonly members: readonly Member[]
}

/** From best to worst. */
type Rank = 'up' | 'degraded' | 'unknown' | 'backing-off' | 'ejected' | 'down'

const RANKS: readonly Rank[] = ['up', 'degraded', 'unknown', 'backing-off', 'ejected', 'down']

/**
 * The groups that picks come from, best first: `up` in any tier, then `degraded` in any tier, then `unknown`; then those
 * that were put aside and are not down, first who asks for less and then who is ejected; then, in panic, `down`. Within
 * each, the lower tier first. So a healthy spare comes before an ailing favourite, and before one that is put aside: the
 * user gets the better answer. Who is ejected and down is down. An ejected target needs no panic: probes say that it
 * works, and one that fails sometimes is better than none. Targets in maintenance, draining or with weight 0 are in no
 * group, not even in panic.
 */
export function groupsByPreference<Member extends Rankable>(members: readonly Member[], panic: boolean): Group<Member>[] {
  const firstTier = members.reduce((lowest, { tier }) => Math.min(lowest, tier), Infinity)
  const groups = new Map<string, { tier: number; state: TargetState; rank: Rank; members: Member[] }>()
  for (const member of members) {
    const rank = rankOf(member)
    if (rank === undefined || (rank === 'down' && !panic)) continue
    const { tier, state } = member
    const key = `${rank}/${tier}`
    const group = groups.get(key) ?? { tier, state, rank, members: [] }
    groups.set(key, group)
    group.members.push(member)
  }
  return [...groups.values()]
    .toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank) || a.tier - b.tier)
    .map(({ tier, state, rank, members: equals }) => ({ tier, state, reason: reasonFor(rank, tier === firstTier), members: equals }))
}

/** Whether a group is tried only after every better target was tried again: its targets fail, or may hang. */
export function isLastResort(reason: PickReason): boolean {
  return reason === 'ejected' || reason === 'panic'
}

/** @returns undefined where the target may not be picked */
export function rankOf({ weight, state, passive }: Omit<Rankable, 'tier'>): Rank | undefined {
  if (weight === 0) return undefined
  switch (state) {
    case 'up':
    case 'degraded':
    case 'unknown':
      return passive === 'available' ? state : passive
    case 'down':
      return state
    case 'draining':
    case 'maintenance':
      return undefined
    default:
      return assertNever(state)
  }
}

function reasonFor(rank: Rank, isFirstTier: boolean): Group<never>['reason'] {
  switch (rank) {
    case 'up':
    case 'degraded':
      return isFirstTier ? 'preferred' : 'spill'
    case 'unknown':
      return 'unproven'
    case 'backing-off':
    case 'ejected':
      return rank
    case 'down':
      return 'panic'
    default:
      return assertNever(rank)
  }
}
