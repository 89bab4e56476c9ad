import type { HealthState } from '@hotspare/core'
import type { RequestOutcome } from './outcome.ts'
import type { TargetTable } from './target-table.ts'
import type { WindowCounts } from './window.ts'

/** Why a target stands out. */
export type OutlierCause =
  | 'consecutive-errors'
  | 'consecutive-local-errors'
  | 'success-rate'
  | 'local-success-rate'
  | 'failure-percentage'
  | 'local-failure-percentage'
  | 'latency'

/** What makes a target an outlier, and what becomes of it. A number of 0 switches a rule off. */
export interface OutlierRules {
  readonly intervalMs: number
  readonly consecutiveErrors: number
  readonly consecutiveLocalErrors: number
  readonly successRateFactor: number
  readonly successRateMinTargets: number
  readonly successRateMinRequests: number
  readonly successRateMinGapPercent: number
  readonly failurePercent: number
  readonly failurePercentMinTargets: number
  readonly failurePercentMinRequests: number
  readonly latencyFactor: number
  readonly latencyMinTargets: number
  readonly latencyMinRequests: number
  readonly latencyMinRatio: number
  readonly latencyMinGapMs: number
  readonly latencyWindows: number
  readonly baseEjectionMs: number
  readonly maxEjectionMs: number
  readonly jitterRatio: number
  readonly maxEjectedPercent: number
  readonly maxEjected: number
  readonly capRule: 'after' | 'before'
  readonly alwaysEjectOne: boolean
  readonly returnOnPass: 'local' | 'always' | 'never'
  readonly consecutiveThrottled: number
  readonly backOffMs: number
  readonly maxBackOffMs: number
}

/** One target, as the machine knows it. All times are monotonic. */
export interface OutlierTarget {
  /** What active probes hold of it. */
  readonly health: HealthState
  /** Failed answers in a row. */
  readonly errors: number
  /** Requests without an answer in a row. */
  readonly localErrors: number
  /** 429 in a row. */
  readonly throttled: number
  /** Windows in a row in which it was too slow. */
  readonly slowWindows: number
  /** Ejections in a row; one less for each whole window that it has served well in between. */
  readonly ejections: number
  /** Undefined while it is not ejected. */
  readonly ejectedUntilMs: number | undefined
  readonly ejectedFor: OutlierCause | undefined
  /** When it came back last, or was added. */
  readonly backSinceMs: number
  /** Undefined while it asks for no back-off. */
  readonly backOffUntilMs: number | undefined
  /** That it stays although it stands out has been told already. */
  readonly withheld: boolean
}

export interface OutlierState {
  readonly targets: TargetTable
}

/** One target's interval, and a draw in [0, 1) for the jitter of an ejection. */
export interface JudgedWindow {
  readonly counts: WindowCounts
  readonly jitter: number
}

export type OutlierInput =
  | { readonly type: 'targets'; readonly ids: Iterable<string>; readonly atMs: number }
  | {
      readonly type: 'report'
      readonly targetId: string
      readonly outcome: RequestOutcome
      readonly retryAfterMs?: number | undefined
      readonly atMs: number
      /** In [0, 1). */
      readonly jitter: number
    }
  /** The end of an interval. */
  | { readonly type: 'sweep'; readonly windows: ReadonlyMap<string, JudgedWindow>; readonly atMs: number }
  /** Time has passed: ends what is over. */
  | { readonly type: 'clock'; readonly atMs: number }
  /** What active probes hold of a target. */
  | { readonly type: 'health'; readonly targetId: string; readonly health: HealthState; readonly atMs: number }
  /** An active probe of a target has passed. */
  | { readonly type: 'pass'; readonly targetId: string; readonly atMs: number }

export type OutlierEffect =
  | {
      readonly type: 'ejected'
      readonly targetId: string
      readonly cause: OutlierCause
      readonly forMs: number
      readonly ejections: number
      readonly because: string
    }
  | { readonly type: 'returned'; readonly targetId: string; readonly because: string }
  /** It stands out, and stays. */
  | { readonly type: 'withheld'; readonly targetId: string; readonly cause: OutlierCause; readonly because: string }
  | { readonly type: 'backing-off'; readonly targetId: string; readonly forMs: number; readonly because: string }
  | { readonly type: 'back-off-ended'; readonly targetId: string; readonly because: string }

export interface OutlierStep {
  readonly state: OutlierState
  readonly effects: readonly OutlierEffect[]
}
