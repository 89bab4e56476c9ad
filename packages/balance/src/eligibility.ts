import { assertNever, type TargetState } from '@hotspare/core'
import type { PickReason } from './target.ts'

/** What decides whether, and before whom, a target is picked. */
export interface Rankable {
  readonly weight: number
  readonly tier: number
  readonly state: TargetState
}

/** Targets of equal preference: one tier, one state. */
export interface Group<Member> {
  readonly tier: number
  readonly state: TargetState
  readonly reason: Exclude<PickReason, 'repeat'>
  readonly members: readonly Member[]
}

/**
 * The groups that picks come from, best first: `up` in any tier, then `degraded` in any tier, then `unknown`, then,
 * in panic, `down`; within each, the lower tier first. So a healthy spare comes before an ailing favourite: the user
 * gets the better answer. Targets in maintenance, draining or with weight 0 are in no group, not even in panic.
 */
export function groupsByPreference<Member extends Rankable>(members: readonly Member[], panic: boolean): Group<Member>[] {
  const firstTier = members.reduce((lowest, { tier }) => Math.min(lowest, tier), Infinity)
  const groups = new Map<string, { tier: number; state: TargetState; rank: number; members: Member[] }>()
  for (const member of members) {
    const rank = member.weight > 0 ? rankOf(member.state, panic) : undefined
    if (rank === undefined) continue
    const { tier, state } = member
    const key = `${rank}/${tier}`
    const group = groups.get(key) ?? { tier, state, rank, members: [] }
    groups.set(key, group)
    group.members.push(member)
  }
  return [...groups.values()]
    .toSorted((a, b) => a.rank - b.rank || a.tier - b.tier)
    .map(({ tier, state, members: equals }) => ({ tier, state, reason: reasonFor(state, tier === firstTier), members: equals }))
}

/** @returns 0 for the best, or undefined where the target may not be picked */
function rankOf(state: TargetState, panic: boolean): number | undefined {
  switch (state) {
    case 'up':
      return 0
    case 'degraded':
      return 1
    case 'unknown':
      return 2
    case 'down':
      return panic ? 3 : undefined
    case 'draining':
    case 'maintenance':
      return undefined
    default:
      return assertNever(state)
  }
}

function reasonFor(state: TargetState, isFirstTier: boolean): Group<never>['reason'] {
  if (state === 'unknown') return 'unproven'
  if (state === 'down') return 'panic'
  return isFirstTier ? 'preferred' : 'spill'
}
