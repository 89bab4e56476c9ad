/** When a target is put aside for what its requests meet. Each number with its reason. */
export const outlierDefaults: Readonly<
  Record<
    | 'intervalMs'
    | 'consecutiveErrors'
    | 'consecutiveLocalErrors'
    | 'successRateFactor'
    | 'successRateMinTargets'
    | 'successRateMinRequests'
    | 'successRateMinGapPercent'
    | 'failurePercent'
    | 'failurePercentMinTargets'
    | 'failurePercentMinRequests'
    | 'latencyFactor'
    | 'latencyMinTargets'
    | 'latencyMinRequests'
    | 'latencyMinRatio'
    | 'latencyMinGapMs'
    | 'latencyWindows'
    | 'baseEjectionMs'
    | 'maxEjectionMs'
    | 'jitterRatio'
    | 'maxEjectedPercent'
    | 'maxEjected'
    | 'consecutiveThrottled'
    | 'backOffMs'
    | 'maxBackOffMs'
    | 'maxTargets',
    number
  >
> = Object.freeze({
  /** As Envoy: long enough for rates to mean something, short enough that a bad target costs seconds. */
  intervalMs: 10_000,
  /** As Envoy's `consecutive_5xx`: four failures in a row happen to anybody, five hardly. */
  consecutiveErrors: 5,
  /** As Envoy's `consecutive_local_origin_failure`. */
  consecutiveLocalErrors: 5,
  /** As Envoy's `success_rate_stdev_factor` of 1900. */
  successRateFactor: 1.9,
  /** As Envoy: among fewer than five no rate can lie 1.9 deviations below the mean (at most sqrt(n - 1) for one that differs). */
  successRateMinTargets: 5,
  /** As Envoy: below it one failed request moves the rate by more than a percent. */
  successRateMinRequests: 100,
  /** Where all are all but perfect the deviation is next to nothing, and one failed request of a thousand would stand out. 0 is Envoy's rule. */
  successRateMinGapPercent: 5,
  /** As Envoy's `failure_percentage_threshold`. */
  failurePercent: 85,
  /** The absolute rule, for the pools that are too small for the relative one. */
  failurePercentMinTargets: 2,
  /** As Envoy. */
  failurePercentMinRequests: 50,
  /** Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993): a modified z-score beyond 3.5 is an outlier. */
  latencyFactor: 3.5,
  /** Of two that differ nobody can tell which one is odd; a third gives the target two peers that agree, or do not. */
  latencyMinTargets: 3,
  /** Half of it makes the median; below that one slow page decides. */
  latencyMinRequests: 50,
  /** Where all peers are alike their deviation is next to nothing: less than twice as slow is no reason to lose a target. */
  latencyMinRatio: 2,
  /** And less than that nobody feels. */
  latencyMinGapMs: 50,
  /** A garbage collection, a cold cache, a deployment: over within two windows. */
  latencyWindows: 3,
  /** As Envoy. */
  baseEjectionMs: 30_000,
  /** As Envoy. */
  maxEjectionMs: 300_000,
  /** Several observers that have ejected a target together must not all come back to it in one moment. */
  jitterRatio: 0.1,
  /** Envoy's 10 % ejects nobody from a pool of fewer than ten; half keeps what is left from being overrun. */
  maxEjectedPercent: 50,
  /** No limit by count besides the percent. */
  maxEjected: 1_000_000,
  /** One request that is limited is a matter of its client; that many in a row, with nobody served in between, of the target. */
  consecutiveThrottled: 5,
  /** Where a target asks for back-off and gives no time. */
  backOffMs: 1_000,
  /** Longer than that no target is left alone for what it asks: a limit may have been meant for one client alone. */
  maxBackOffMs: 60_000,
  /** As many targets as one node is meant to look at. */
  maxTargets: 10_000,
})
