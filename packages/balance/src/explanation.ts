import { assertNever, type TargetState } from '@hotspare/core'
import { type Rank, type Rankable, rankOf } from './eligibility.ts'
import { isFull } from './member.ts'
import type { PassiveState, PickReason } from './target.ts'

/** Where the next first attempt goes, and why. */
export interface PoolExplanation {
  /** The tier in use, or the one with most of the traffic; undefined where nothing can be picked. */
  readonly tier: number | undefined
  /** The reason that its picks carry. */
  readonly reason: PickReason | undefined
  /** The ids among which the algorithm chooses. */
  readonly candidates: readonly string[]
  /** One clause for people: `tier 1 serves, because tier 0 has no target that is up (2 down)`, and who is full or in a slow start. */
  readonly because: string
  /** How the traffic divides, the most preferred first; absent where one tier has all of it. */
  readonly shares?: readonly { readonly tier: number; readonly reason: PickReason; readonly percent: number }[] | undefined
  /** Where the key goes that was asked for; absent without one, or where the algorithm does not look at keys. */
  readonly target?: string | undefined
}

type Explained = Rankable & {
  readonly id: string
  readonly active: number
  readonly limit: number
  /** The share of its full weight that it has by now. */
  readonly rampRatio: number
}

/** A level that traffic goes to. */
export interface ExplainedShare {
  readonly level: {
    readonly tier: number
    /** Undefined where the tier is in panic. */
    readonly rank: Rank | undefined
    readonly reason: PickReason
    readonly members: readonly Explained[]
  }
  readonly percent: number
  readonly takesBack: boolean
}

/**
 * @param shares the levels of the pool that get first attempts; none where nothing can be picked
 * @param panic whether targets that are down may be picked at all
 * @param roomy the best level that has a target with room
 */
export function explainPool(
  members: readonly Explained[],
  shares: readonly ExplainedShare[],
  panic: boolean,
  roomy: ExplainedShare['level'] | undefined,
): PoolExplanation {
  if (shares.length > 0 && shares.every(({ level }) => level.members.every(isFull))) return explainFull(members, shares, panic, roomy)
  const main = shares.toSorted((a, b) => b.percent - a.percent)[0]
  const candidates = shares.flatMap(({ level }) => level.members.map(({ id }) => id))
  const told = { tier: main?.level.tier, reason: main?.level.reason, candidates, because: because(members, shares, panic) }
  if (shares.length < 2) return told
  return { ...told, shares: shares.map(({ level: { tier, reason }, percent }) => ({ tier, reason, percent })) }
}

/** Those that have the traffic can take none of it. */
function explainFull(
  members: readonly Explained[],
  shares: readonly ExplainedShare[],
  panic: boolean,
  roomy: ExplainedShare['level'] | undefined,
): PoolExplanation {
  const why = because(members, shares, panic)
  if (!roomy) return { tier: undefined, reason: undefined, candidates: [], because: `nothing can be picked until one has room: ${why}` }
  const { tier, reason } = roomy
  const candidates = roomy.members.map(({ id }) => id)
  return { tier, reason, candidates, because: `tier ${tier} takes what comes now (${tally(members, tier)}): ${why}` }
}

function because(members: readonly Explained[], shares: readonly ExplainedShare[], panic: boolean): string {
  if (members.length === 0) return 'the pool has no targets'
  const [first] = shares
  if (!first) return `no target can be picked: ${tally(members)}${panic ? '' : '; panic is off'}`
  return (shares.length === 1 ? becauseOne(members, first) : becauseMany(members, shares, first)) + notesOn(shares)
}

/** What holds for some of those who have the traffic. */
function notesOn(shares: readonly ExplainedShare[]): string {
  const members = shares.flatMap(({ level }) => level.members)
  const full = members.filter(isFull).length
  // A tier that takes its traffic back has said so.
  const ramping = shares.some(({ takesBack }) => takesBack) ? 0 : members.filter(({ rampRatio }) => rampRatio < 1).length
  const of = `of ${members.length}`
  return `${full === 0 ? '' : `; ${full} ${of} full`}${ramping === 0 ? '' : `; ${ramping} ${of} in a slow start`}`
}

function becauseOne(members: readonly Explained[], { level: { tier, rank, reason } }: ExplainedShare): string {
  const before = members.filter((member) => member.tier < tier)
  switch (rank) {
    case 'up':
      return reason === 'preferred'
        ? `tier ${tier} serves, because it is preferred (${tally(members, tier)})`
        : `tier ${tier} serves, because no tier before it has a target that is up (${tally(before)})`
    case 'degraded':
      return reason === 'preferred'
        ? `tier ${tier} serves, though degraded, because no target is up in any tier (${tally(members)})`
        : `tier ${tier} serves, because no tier before it has a target that is up or degraded (${tally(before)})`
    case 'unknown':
      return `tier ${tier} serves unproven, because no target is known to be healthy (${tally(members)})`
    case 'backing-off':
      return `tier ${tier} serves, though it asks for less, because no other target is left (${tally(members)})`
    case 'ejected':
      return `tier ${tier} is tried, though ejected, because no other target is left (${tally(members)})`
    case 'down':
      return `tier ${tier} is tried in panic, because no target is better than down (${tally(members)})`
    case undefined:
      return `tier ${tier} uses all of its targets in panic, because too few are healthy (${tally(members)})`
    default:
      return assertNever(rank)
  }
}

function becauseMany(members: readonly Explained[], shares: readonly ExplainedShare[], first: ExplainedShare): string {
  const parts = shares.map(({ level: { tier, rank }, percent }) => {
    const which = rank === undefined ? ' in panic' : rank === 'degraded' ? ' degraded' : ''
    return `tier ${tier}${which} has ${Math.round(percent)} %`
  })
  const { tier } = (shares.find(({ takesBack }) => takesBack) ?? first).level
  const why = shares.some(({ takesBack }) => takesBack) ? 'takes its traffic back step by step' : 'cannot carry all of it'
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}, because tier ${tier} ${why} (${tally(members, tier)})`
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
