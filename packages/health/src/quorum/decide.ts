import type { HealthState } from '@hotspare/core'

/** What one observer holds of one target. */
export interface ObserverVote {
  readonly observer: string
  /** `unknown` abstains. */
  readonly state: HealthState
  /** When the observer held it, by this node's monotonic clock. */
  readonly atMs: number
}

/** How many votes it takes. */
export interface QuorumRules {
  /** Votes for `down` that it takes; undefined: `share` decides. */
  readonly atLeast?: number | undefined
  /** More than this share of the live votes must say `down`. */
  readonly share: number
  /** Fewer live votes than this are no quorum. */
  readonly minVotes: number
  /** What a `down` of this node's own is worth without a quorum. */
  readonly alone: 'own' | 'unknown'
  /** A vote of this age no longer counts, in milliseconds. */
  readonly voteLifetimeMs: number
}

/** What the observers together hold of a target. */
export interface QuorumDecision {
  readonly state: HealthState
  /** One clause for people. */
  readonly because: string
  /** Whether there were enough live votes. */
  readonly quorate: boolean
  /** Who says `down`; votes that are too old, and those of observers that abstain, are in neither list. */
  readonly down: readonly string[]
  /** Who says that it works. */
  readonly working: readonly string[]
  /** When the first vote that counts grows too old, by the monotonic clock; undefined where only this node's own counts. */
  readonly holdsUntilMs: number | undefined
}

export interface QuorumQuestion {
  /** This node's own view, which is one vote like any other. */
  readonly own: { readonly observer: string; readonly state: HealthState }
  /** Of several votes of one observer the latest counts; those that bear this node's name do not. */
  readonly votes: readonly ObserverVote[]
  readonly rules: QuorumRules
  readonly nowMs: number
}

/** As many names as fit a clause. */
const NAMES_TOLD = 5

/**
 * Puts the views of several observers into one. A target is `down` only where enough live votes say so. Where they do
 * not, and this node alone cannot reach it, it is `degraded`: it works, but not from everywhere.
 *
 * With too few live votes there is no quorum, and this node's own view stands: a quorum is there against false alarms,
 * and must not blind the last node that is left. `alone: 'unknown'` is for those who want no alarm that is not confirmed:
 * a `down` is then not known to be one. To say that a target works takes no witness.
 *
 * The decision follows from the votes alone and remembers nothing.
 */
export function decideQuorum({ own, votes, rules, nowMs }: QuorumQuestion): QuorumDecision {
  const live = liveVotes(own.observer, votes, nowMs - rules.voteLifetimeMs)
  const voices = [...(own.state === 'unknown' ? [] : [own]), ...live]
  const down = namesOf(voices, (state) => state === 'down')
  const working = namesOf(voices, (state) => state !== 'down')
  const oldestMs = live.reduce((oldest, { atMs }) => Math.min(oldest, atMs), Number.POSITIVE_INFINITY)
  const holdsUntilMs = live.length === 0 ? undefined : oldestMs + rules.voteLifetimeMs
  const facts = { down, working, holdsUntilMs }
  if (voices.length < rules.minVotes) {
    const state = own.state === 'down' && rules.alone === 'unknown' ? 'unknown' : own.state
    const because = `${voices.length} of the ${rules.minVotes} votes that a quorum takes: ${state === own.state ? "this node's own view stands" : 'nobody confirms that it is down'}`
    return { ...facts, state, because, quorate: false }
  }
  const needed = votesNeeded(rules, voices.length)
  const tally = `${down.length} of ${voices.length} observers say that it is down${listed(down)}`
  if (down.length >= needed) return { ...facts, state: 'down', because: tally, quorate: true }
  return { ...facts, state: workingState(own.state, voices), because: `${tally}, and it takes ${needed}`, quorate: true }
}

/** @returns how many of `live` votes must say `down`: the smallest whole number above the share, or the count */
export function votesNeeded(rules: Pick<QuorumRules, 'atLeast' | 'share'>, live: number): number {
  // 0.29 * 100 is a hair below 29 for a computer, and 29 is not more than 29 %.
  return rules.atLeast ?? Math.floor(rules.share * live + 1e-9) + 1
}

/** The latest vote of each other observer that is young enough and no abstention. */
function liveVotes(self: string, votes: readonly ObserverVote[], bornAfterMs: number): ObserverVote[] {
  const latest = new Map<string, ObserverVote>()
  for (const vote of votes) {
    if (vote.observer === self || !(vote.atMs > bornAfterMs)) continue
    const known = latest.get(vote.observer)
    if (!known || vote.atMs >= known.atMs) latest.set(vote.observer, vote)
  }
  return [...latest.values()].filter(({ state }) => state !== 'unknown')
}

/** The state of a target that is not down: as this node sees it, where it sees it. */
function workingState(own: HealthState, voices: readonly { readonly state: HealthState }[]): HealthState {
  if (own === 'down') return 'degraded'
  if (own !== 'unknown') return own
  return voices.some(({ state }) => state === 'up') ? 'up' : 'degraded'
}

function namesOf(
  voices: readonly { readonly observer: string; readonly state: HealthState }[],
  wanted: (state: HealthState) => boolean,
): string[] {
  return voices.filter(({ state }) => wanted(state)).map(({ observer }) => observer)
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return ''
  const more = names.length - NAMES_TOLD
  return ` (${names.slice(0, NAMES_TOLD).join(', ')}${more > 0 ? ` and ${more} more` : ''})`
}
