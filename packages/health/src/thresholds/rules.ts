/**
 * What is made of the samples:
 * - `value`: the last one;
 * - `percentile`: the nearest rank of those in the window;
 * - `mean`: of those in the window;
 * - `rate`: how much a counter has grown in the window, a second; it may start over at 0;
 * - `deviation`: how far the last one is from the usual, in standard deviations, with its sign.
 */
export type ThresholdStatistic = 'value' | 'percentile' | 'mean' | 'rate' | 'deviation'

/** A limit with hysteresis. */
export interface ThresholdRules {
  /** The name of what is measured: `lag-seconds`, `duration-ms`. */
  readonly measure: string
  readonly of: ThresholdStatistic
  /** For `percentile`: above 0, to 100. */
  readonly percentile: number
  readonly windowMs: number
  /** Which side of `enter` is the bad one. */
  readonly direction: 'above' | 'below'
  /** Beyond this it is exceeded; the limit itself is not beyond it. */
  readonly enter: number
  /** Back at this, or on its good side, it is cleared. */
  readonly leave: number
  /** For how long it must be beyond `enter`. */
  readonly enterForMs: number
  /** For how long it must be back at `leave`. */
  readonly leaveForMs: number
  readonly minSamples: number
  readonly maxSamples: number
  readonly maxGapMs: number
  /** For `deviation`: the least standard deviation, in the measure's own unit. */
  readonly minDeviation: number
}
