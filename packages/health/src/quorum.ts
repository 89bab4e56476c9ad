import type { Clock, HealthState } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { parseOptions } from './options.ts'
import { decideQuorum, type ObserverVote, type QuorumDecision } from './quorum/decide.ts'
import { type QuorumOptions, quorumOptionsSchema } from './quorum/options.ts'

export { decideQuorum, votesNeeded } from './quorum/decide.ts'
export type { ObserverVote, QuorumDecision, QuorumQuestion, QuorumRules } from './quorum/decide.ts'
export { quorumDefaults } from './quorum/defaults.ts'
export { quorumOptionsSchema } from './quorum/options.ts'
export type { QuorumOptions, ResolvedQuorumOptions } from './quorum/options.ts'

/** Where the views of other observers come from: a {@link VoteKeeper} that is fed by messages, or anything else that knows them. */
export interface ObserverVotes {
  /** The votes on one target, old ones too; of several by one observer the latest counts. */
  votesOn(targetId: string): readonly ObserverVote[]
}

/** A view of another observer, as it came in. */
export interface ReceivedVote {
  readonly targetId: string
  readonly observer: string
  readonly state: HealthState
  /** How old the view was when it came in, in milliseconds: clocks of two machines do not agree, durations do. Default: 0 */
  readonly ageMs?: number | undefined
}

/** Keeps the last view of each observer on each target, for as long as it counts. */
export interface VoteKeeper extends ObserverVotes {
  /** @returns false where it was not kept: older than the one that is there, too old to count, no vote at all, or no room */
  record(vote: ReceivedVote): boolean
  /** What all observers together hold of a target, `own` being this node's view. */
  decide(targetId: string, own: HealthState): QuorumDecision
  /** Takes back the votes of an observer: it says itself that it is sick, or has left. */
  forgetObserver(observer: string): void
  forgetTarget(targetId: string): void
}

const STATES: ReadonlySet<string> = new Set<HealthState>(['up', 'degraded', 'down', 'unknown'])

/** Names come from other machines. */
const NAME_CHARACTERS = 255

/** Room is made for a new target no later than a fraction of a vote's life after there could be some. */
const SWEEPS_PER_LIFETIME = 10

/**
 * Makes a {@link VoteKeeper}, with room for a bounded number of votes.
 *
 * @param options with `self`, the name under which this node votes
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function createVoteKeeper(options: QuorumOptions & { readonly self: string; readonly clock?: Clock | undefined }): VoteKeeper {
  const { self, clock = systemClock, ...rest } = options
  const rules = parseOptions('vote keeper', quorumOptionsSchema, rest)
  const { voteLifetimeMs, maxObservers, maxTargets } = rules
  const targets = new Map<string, Map<string, ObserverVote>>()
  let sweptMs = Number.NEGATIVE_INFINITY

  const votesOn = (targetId: string): ObserverVote[] => [...(targets.get(targetId)?.values() ?? [])]

  /** Makes room, where there is none: only votes that no longer count go. */
  function makeRoom(targetId: string): void {
    const nowMs = clock.monotonicMs()
    const votes = targets.get(targetId)
    if (votes) return dropOld(targetId, votes, nowMs)
    // Not for every vote that finds no room: a peer that invents names must not keep this node busy.
    if (nowMs - sweptMs < voteLifetimeMs / SWEEPS_PER_LIFETIME) return
    sweptMs = nowMs
    for (const [id, theirs] of targets) dropOld(id, theirs, nowMs)
  }

  function dropOld(targetId: string, votes: Map<string, ObserverVote>, nowMs: number): void {
    for (const [observer, { atMs }] of votes) if (atMs <= nowMs - voteLifetimeMs) votes.delete(observer)
    if (votes.size === 0) targets.delete(targetId)
  }

  function hasRoomFor(targetId: string, observer: string): boolean {
    const votes = targets.get(targetId)
    return votes ? votes.has(observer) || votes.size < maxObservers : targets.size < maxTargets
  }

  return {
    votesOn,
    record({ targetId, observer, state, ageMs = 0 }) {
      if (observer === self || !isName(observer) || !isName(targetId) || !STATES.has(state)) return false
      if (!(ageMs >= 0 && ageMs < voteLifetimeMs)) return false
      const atMs = clock.monotonicMs() - ageMs
      const known = targets.get(targetId)?.get(observer)
      // Messages overtake each other.
      if (known && known.atMs > atMs) return false
      if (!hasRoomFor(targetId, observer)) makeRoom(targetId)
      if (!hasRoomFor(targetId, observer)) return false
      const votes = targets.get(targetId) ?? new Map<string, ObserverVote>()
      votes.set(observer, { observer, state, atMs })
      targets.set(targetId, votes)
      return true
    },
    decide: (targetId, own) =>
      decideQuorum({ own: { observer: self, state: own }, votes: votesOn(targetId), rules, nowMs: clock.monotonicMs() }),
    forgetObserver(observer) {
      for (const [targetId, votes] of targets) {
        votes.delete(observer)
        if (votes.size === 0) targets.delete(targetId)
      }
    },
    forgetTarget: (targetId) => void targets.delete(targetId),
  }
}

function isName(text: unknown): boolean {
  return typeof text === 'string' && text.length > 0 && text.length <= NAME_CHARACTERS
}
