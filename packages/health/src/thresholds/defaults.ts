import type { ThresholdStatistic } from './rules.ts'

/** How a measure is held against a limit. Each number with its reason. */
export const thresholdDefaults: Readonly<
  Record<'percentile' | 'maxSamples' | 'maxGapMs' | 'deviationFloorRatio' | 'maxThresholds', number>
> = Object.freeze({
  /** What one user of twenty has to wait for: the usual figure. */
  percentile: 95,
  /** Five minutes at a sample a second; sorted in some ten microseconds. */
  maxSamples: 300,
  /** Nobody knows what was while nothing was measured: a run of samples does not reach over a longer gap. */
  maxGapMs: 300_000,
  /** A measure that never moved has no deviation: less than a twentieth of its mean counts as that much. */
  deviationFloorRatio: 0.05,
  /** For each target: more than anybody reads. */
  maxThresholds: 32,
})

/** Over what time a statistic is taken, in milliseconds. */
export const windowDefaultsMs: Readonly<Record<ThresholdStatistic, number>> = Object.freeze({
  /** Not used: the last sample alone. */
  value: 60_000,
  /** Sixty samples at one a second: the 95th percentile is the fourth from the top, and no single one decides. */
  percentile: 60_000,
  mean: 60_000,
  /** As PromQL is advised: at least four scrapes of 15 s. */
  rate: 60_000,
  /** What is usual is a matter of minutes, so that it follows the hours of a day. */
  deviation: 600_000,
})

/** How many samples a statistic takes before it says anything. */
export const minSamplesDefaults: Readonly<Record<ThresholdStatistic, number>> = Object.freeze({
  value: 1,
  /** Below twenty the 95th percentile is the maximum. */
  percentile: 20,
  mean: 3,
  /** A difference takes two. */
  rate: 2,
  /** A deviation from fewer is a guess. */
  deviation: 30,
})
