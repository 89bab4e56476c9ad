import type { HealthState, Verdict } from '@hotspare/core'
import type { QuorumDecision } from '@hotspare/health/quorum'

export interface CountQuestion {
  /** What counted until now; undefined where nothing has. */
  readonly before: Verdict<HealthState> | undefined
  /** This node's own view. */
  readonly own: Verdict<HealthState>
  readonly decision: QuorumDecision
  /** This node has just begun to listen: what the others hold is on its way. */
  readonly isFirstWord: boolean
  /** By the wall clock. */
  readonly atMs: number
}

/**
 * What counts of a target, by what the observers together hold. `since` is since when it counts, which may be later than
 * since when this node has seen it so.
 */
export function countedVerdict({ before, own, decision, isFirstWord, atMs }: CountQuestion): Verdict<HealthState> {
  // A control that has just been started would raise an alarm that the others' votes take back a moment later.
  if (isFirstWord && own.state === 'down' && !decision.quorate) return before ?? awaited(own)
  const { state } = decision
  const because = becauseOf(own, decision)
  if (before === undefined) return { state, since: state === own.state ? own.since : atMs, because }
  return { state, since: before.state === state ? before.since : atMs, because }
}

function awaited({ since }: Verdict<HealthState>): Verdict<HealthState> {
  return { state: 'unknown', since, because: 'the votes of the other observers are awaited' }
}

function becauseOf(own: Verdict<HealthState>, { state, because }: QuorumDecision): string {
  if (state !== own.state) return `${because}; as this node sees it, it is ${own.state}: ${own.because}`
  // Where it works as this node sees it, there is nothing to tell of the others.
  return state === 'down' ? `${own.because}; ${because}` : own.because
}
