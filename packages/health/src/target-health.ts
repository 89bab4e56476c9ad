import type { HealthState, Verdict } from '@hotspare/core'
import type { ProbeResult } from './probe.ts'
import type { HealthRules } from './rules.ts'

/** A result and when it came in, in milliseconds since the Unix epoch. */
export interface TimedResult {
  readonly at: number
  readonly result: ProbeResult
}

/** Everything the monitor knows about a target: a snapshot. */
export interface TargetHealth {
  readonly id: string
  readonly address: string
  readonly verdict: Verdict<HealthState>
  readonly lastResult: ProbeResult | undefined
  /** The last results, oldest first. */
  readonly history: readonly TimedResult[]
  readonly counters: {
    /** Passed probes in a row; starts over when the target goes down. */
    readonly consecutivePasses: number
    /** Failed probes in a row. */
    readonly consecutiveFailures: number
    /** Failed requests of real traffic in a row. */
    readonly trafficFailures: number
  }
  readonly rules: HealthRules
  /** The longest time from the target's death to `down`, by probes alone, in milliseconds. */
  readonly detectionBoundMs: number
}

/** What real traffic met at a target. */
export interface TrafficReport {
  readonly ok: boolean
  /** One clause for people, where it failed: `connection refused`. */
  readonly detail?: string | undefined
}

/** What the monitor tells. `at` is in milliseconds since the Unix epoch. */
export type HealthEvent =
  | {
      readonly type: 'target-up' | 'target-down'
      readonly at: number
      readonly targetId: string
      readonly from: HealthState
      readonly because: string
    }
  | { readonly type: 'probe-finished'; readonly at: number; readonly targetId: string; readonly result: ProbeResult }
