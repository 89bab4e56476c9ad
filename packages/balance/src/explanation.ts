import { assertNever, type TargetState } from '@hotspare/core'
import { type Group, rankOf, type Rankable } from './eligibility.ts'
import type { PassiveState, PickReason } from './target.ts'

/** Where the next first attempt goes, and why. */
export interface PoolExplanation {
  /** The tier in use; undefined where nothing can be picked. */
  readonly tier: number | undefined
  /** The reason that its picks carry. */
  readonly reason: PickReason | undefined
  /** The ids among which the algorithm chooses. */
  readonly candidates: readonly string[]
  /** One clause for people: `tier 1 serves, because tier 0 has no target that is up (2 down)`. */
  readonly because: string
}

type Explained = Rankable & { readonly id: string }

/** @param group the best group of the pool, if it has any */
export function explainPool(members: readonly Explained[], group: Group<Explained> | undefined, panic: boolean): PoolExplanation {
  const candidates = group?.members.map(({ id }) => id) ?? []
  return { tier: group?.tier, reason: group?.reason, candidates, because: because(members, group, panic) }
}

function because(members: readonly Explained[], group: Group<Explained> | undefined, panic: boolean): string {
  if (members.length === 0) return 'the pool has no targets'
  if (!group) return `no target can be picked: ${tally(members)}${panic ? '' : '; panic is off'}`
  const { tier, state, reason } = group
  const before = members.filter((member) => member.tier < tier)
  switch (reason) {
    case 'preferred':
      return state === 'up'
        ? `tier ${tier} serves, because it is preferred (${tally(members, tier)})`
        : `tier ${tier} serves, though degraded, because no target is up in any tier (${tally(members)})`
    case 'spill':
      return `tier ${tier} serves, because no tier before it has a target that is ${state === 'up' ? 'up' : 'up or degraded'} (${tally(before)})`
    case 'unproven':
      return `tier ${tier} serves unproven, because no target is known to be healthy (${tally(members)})`
    case 'backing-off':
      return `tier ${tier} serves, though it asks for less, because no other target is left (${tally(members)})`
    case 'ejected':
      return `tier ${tier} is tried, though ejected, because no other target is left (${tally(members)})`
    case 'panic':
      return `tier ${tier} is tried in panic, because no target is better than down (${tally(members)})`
    default:
      return assertNever(reason)
  }
}

/** `2 up, 1 with weight 0`: in the order of {@link labels}. */
function tally(members: readonly Explained[], tier?: number): string {
  const counts = new Map<string, number>()
  for (const member of members) {
    if (tier !== undefined && member.tier !== tier) continue
    const label = labels[member.weight === 0 ? 'weightless' : (rankOf(member) ?? member.state)]
    counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  return Object.values(labels)
    .filter((label) => counts.has(label))
    .map((label) => `${counts.get(label)} ${label}`)
    .join(', ')
}

const labels: Readonly<Record<TargetState | Exclude<PassiveState, 'available'> | 'weightless', string>> = {
  up: 'up',
  degraded: 'degraded',
  unknown: 'unknown',
  'backing-off': 'backing off',
  ejected: 'ejected',
  down: 'down',
  draining: 'draining',
  maintenance: 'in maintenance',
  weightless: 'with weight 0',
}
