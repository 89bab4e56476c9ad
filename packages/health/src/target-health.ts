import type { HealthState, Verdict } from '@hotspare/core'
import type { AdminWord } from './admin.ts'
import type { DetectionBound } from './detection-bound.ts'
import type { ProbeResult } from './probe.ts'
import type { HealthRules } from './rules.ts'

/** A result and when it came in, in milliseconds since the Unix epoch. */
export interface TimedResult {
  readonly at: number
  readonly result: ProbeResult
}

/** How restless a target was lately. */
export interface FlapStatus {
  /** Whether its way back is held up. */
  readonly isHeld: boolean
  /** Nagios' score of the last 21 results, from 0 to 1. */
  readonly flapRatio: number
  /** RFC 2439's penalty: deaths, each halving with time. */
  readonly penalty: number
}

/** How the observer is: while it is `unwell`, results may be `inconclusive`. */
export type ObserverVerdict = Verdict<'well' | 'unwell'>

/** Everything the monitor knows about a target: a snapshot. */
export interface TargetHealth {
  readonly id: string
  readonly address: string
  readonly verdict: Verdict<HealthState>
  /** What people have set, or else what the target asks for itself; apart from its health. */
  readonly admin: AdminWord | undefined
  /** The share of its usual weight that the target asks for; 1 where it has not asked. */
  readonly weight: number
  /** What people should look after, though the target works. */
  readonly warning: string | undefined
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
    /** Full passes in a row that are missing to call it well again, after a degraded result. */
    readonly fullPassesLeft: number
  }
  readonly rules: HealthRules
  /** The longest times until a death and a return are noticed, by probes alone. */
  readonly detection: DetectionBound
  /** Undefined where damping is switched off. */
  readonly flaps: FlapStatus | undefined
  readonly observer: ObserverVerdict
}

/** What real traffic met at a target. */
export interface TrafficReport {
  readonly ok: boolean
  /** One clause for people, where it failed: `connection refused`. */
  readonly detail?: string | undefined
}

/** The health of a target has changed. `target-unknown`: what was known is too old, after a maintenance. */
export interface TargetStateEvent {
  readonly type: `target-${HealthState}`
  readonly at: number
  readonly targetId: string
  readonly from: HealthState
  readonly because: string
}

/** What the monitor tells. `at` is in milliseconds since the Unix epoch. */
export type HealthEvent =
  | TargetStateEvent
  /** A warning has come, has changed, or, undefined, has gone. */
  | {
      readonly type: 'target-warning'
      readonly at: number
      readonly targetId: string
      readonly warning: string | undefined
      readonly before: string | undefined
    }
  /** What people or the target itself want of it has changed; undefined: nothing any more. */
  | {
      readonly type: 'target-admin'
      readonly at: number
      readonly targetId: string
      readonly admin: AdminWord | undefined
      readonly because: string
    }
  | { readonly type: 'target-weight'; readonly at: number; readonly targetId: string; readonly weight: number; readonly before: number }
  /** From now on, or no longer, the way back up is held. */
  | { readonly type: 'target-flapping' | 'target-settled'; readonly at: number; readonly targetId: string; readonly because: string }
  | { readonly type: 'observer-unwell' | 'observer-well'; readonly at: number; readonly because: string }
  | { readonly type: 'probe-finished'; readonly at: number; readonly targetId: string; readonly result: ProbeResult }
