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
  readonly rank: Rank
  readonly reason: PickReason
  readonly members: readonly Member[]
}

/** From best to worst. */
export type Rank = 'up' | 'degraded' | 'unknown' | 'backing-off' | 'ejected' | 'down'

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
  const groups = new Map<string, { tier: number; rank: Rank; members: Member[] }>()
  for (const member of members) {
    const rank = rankOf(member)
    if (rank === undefined || (rank === 'down' && !panic)) continue
    const { tier } = member
    const key = `${rank}/${tier}`
    const group = groups.get(key) ?? { tier, rank, members: [] }
    groups.set(key, group)
    group.members.push(member)
  }
  return [...groups.values()]
    .toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank) || a.tier - b.tier)
    .map(({ tier, rank, members: equals }) => ({ tier, rank, reason: reasonFor(rank, firstTier, tier), members: equals }))
}

/** Whether a group is tried only where there is no better target: its targets fail, or may hang. */
export function isLastResort(rank: Rank): boolean {
  return rank === 'ejected' || rank === 'down'
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

function reasonFor(rank: Rank, firstTier: number, tier: number): PickReason {
  switch (rank) {
    case 'up':
    case 'degraded':
      return tier === firstTier ? 'preferred' : `spill tier ${firstTier} -> ${tier}`
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
