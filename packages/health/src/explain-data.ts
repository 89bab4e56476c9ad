import type { HealthState, Verdict } from '@hotspare/core'
import type { AdminWord } from './admin.ts'
import type { DetectionBound } from './detection-bound.ts'
import type { FlapStatus, ObserverVerdict, TargetHealth, TimedResult } from './target-health.ts'

/** What would change the state of a target: one of these is enough. */
export interface PossibleChange {
  readonly to: 'up' | 'down'
  /** What it takes so much more of, in a row. */
  readonly what: 'passed-probe' | 'full-pass' | 'failed-probe' | 'failed-request'
  readonly count: number
}

/** Why a target is in its state, as data. */
export interface Explanation {
  readonly id: string
  readonly address: string
  readonly verdict: Verdict<HealthState>
  /** What people, or the target itself, want of it. */
  readonly admin: AdminWord | undefined
  readonly weight: number
  readonly warning: string | undefined
  /** The last results, the newest first. */
  readonly results: readonly TimedResult[]
  readonly counters: TargetHealth['counters']
  readonly changes: readonly PossibleChange[]
  readonly detection: DetectionBound
  readonly flaps: FlapStatus | undefined
  /** For how long at most it may be held after its last failure, in milliseconds; undefined where it is not held. */
  readonly heldAtMostMs: number | undefined
  readonly observer: ObserverVerdict
}

/** How many of the last results are told; the rest is in `history`. */
const RESULTS_TOLD = 5

/** Why a target is in its state and what would change it, for programs; {@link explain} says the same in words. */
export function explainData(health: TargetHealth): Explanation {
  const { id, address, verdict, admin, weight, warning, counters, detection, flaps, observer, history, rules } = health
  return {
    id,
    address,
    verdict,
    admin,
    weight,
    warning,
    results: history.slice(-RESULTS_TOLD).toReversed(),
    counters,
    changes: possibleChanges(health),
    detection,
    flaps,
    heldAtMostMs: flaps?.isHeld ? rules.damping?.maxHoldMs : undefined,
    observer,
  }
}

/** A target that is held may have more of them than are asked for: one more is always needed. */
function left(needed: number, seen: number): number {
  return Math.max(1, needed - seen)
}

function possibleChanges({ verdict, counters, rules }: TargetHealth): PossibleChange[] {
  if (verdict.state === 'down') return [{ to: 'up', what: 'passed-probe', count: left(rules.rise, counters.consecutivePasses) }]
  const changes: PossibleChange[] = []
  if (verdict.state === 'unknown') changes.push({ to: 'up', what: 'passed-probe', count: 1 })
  if (verdict.state === 'degraded') changes.push({ to: 'up', what: 'full-pass', count: left(counters.fullPassesLeft, 0) })
  changes.push({ to: 'down', what: 'failed-probe', count: left(rules.fall, counters.consecutiveFailures) })
  if (rules.trafficFailures > 0) {
    changes.push({ to: 'down', what: 'failed-request', count: left(rules.trafficFailures, counters.trafficFailures) })
  }
  return changes
}
