import type { DampingRules } from './damping-rules.ts'

/** What a target's unrest so far amounts to. Two measures: Nagios' score of its results, and RFC 2439's penalty for its deaths. */
export interface DampingState {
  /** The last 21 results, the newest in the lowest bit; 1: failed. */
  readonly results: number
  /** How many of those bits are results. */
  readonly seen: number
  /** In deaths, as it was at `penaltyAtMs`. */
  readonly penalty: number
  readonly penaltyAtMs: number
  readonly lastFailureMs: number
  /** Held by the score. */
  readonly flapping: boolean
  /** Held by the penalty. */
  readonly penalized: boolean
}

/** As Nagios' MAX_STATE_HISTORY_ENTRIES. */
const RESULTS = 21
const OLDEST_WEIGHT = 0.75
const NEWEST_WEIGHT = 1.25

/** A target that has shown no unrest. */
export function beginDamping(): DampingState {
  return { results: 0, seen: 0, penalty: 0, penaltyAtMs: 0, lastFailureMs: -Infinity, flapping: false, penalized: false }
}

/** A probe has passed or failed. */
export function dampResult(state: DampingState, failed: boolean, atMs: number, rules: DampingRules): DampingState {
  const results = ((state.results << 1) | Number(failed)) & ((1 << RESULTS) - 1)
  const seen = Math.min(RESULTS, state.seen + 1)
  return settle({ ...state, results, seen, lastFailureMs: failed ? atMs : state.lastFailureMs }, atMs, rules)
}

/** The target has gone down, by whatever: one flap of RFC 2439. */
export function dampDeath(state: DampingState, atMs: number, rules: DampingRules): DampingState {
  const { penaltyHalfLifeMs, maxHoldMs, releaseAtPenalty } = rules
  // RFC 2439, 4.2: the ceiling is what decays to the reuse threshold in the longest hold.
  const ceiling = Math.max(rules.holdAtPenalty, releaseAtPenalty * 2 ** (maxHoldMs / penaltyHalfLifeMs))
  const penalty = Math.min(ceiling, penaltyAt(state, atMs, rules) + 1)
  return settle({ ...state, penalty, penaltyAtMs: atMs, lastFailureMs: atMs }, atMs, rules)
}

/** Whether the way back is delayed. The way out never is. */
export function isHeld({ flapping, penalized }: DampingState): boolean {
  return flapping || penalized
}

/** Nagios' score: the changes among the last 21 results, the newest weighing 1.25 and the oldest 0.75, of the 20 that are possible. */
export function flapRatio({ results, seen }: DampingState): number {
  let changes = 0
  for (let age = 0; age < seen - 1; age++) {
    if (((results >> age) & 1) === ((results >> (age + 1)) & 1)) continue
    changes += NEWEST_WEIGHT - (age * (NEWEST_WEIGHT - OLDEST_WEIGHT)) / (RESULTS - 2)
  }
  return changes / (RESULTS - 1)
}

/** RFC 2439's figure of merit: what is left of it by now. */
export function penaltyAt({ penalty, penaltyAtMs }: DampingState, atMs: number, { penaltyHalfLifeMs }: DampingRules): number {
  return penalty * 2 ** (-(atMs - penaltyAtMs) / penaltyHalfLifeMs)
}

function settle(state: DampingState, atMs: number, rules: DampingRules): DampingState {
  // Without this a target that is looked at once an hour would wait 21 hours for the score to forget.
  if (atMs - state.lastFailureMs >= rules.maxHoldMs) return { ...state, flapping: false, penalized: false }
  const ratio = flapRatio(state)
  const penalty = penaltyAt(state, atMs, rules)
  return {
    ...state,
    flapping: state.flapping ? ratio > rules.releaseAtFlapRatio : ratio >= rules.holdAtFlapRatio,
    penalized: state.penalized ? penalty > rules.releaseAtPenalty : penalty >= rules.holdAtPenalty,
  }
}
