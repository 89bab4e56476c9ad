import type { Detector } from './detector.ts'
import { upperTailExponent, upperTailQuantile } from './normal-tail.ts'

/** What the phi accrual detector goes by, complete. */
export interface PhiRules {
  /** Conviction at this phi: 8 is one wrong one in 1e8. */
  readonly threshold: number
  /** Gaps that are remembered. */
  readonly windowSize: number
  /** The least standard deviation that is believed, in milliseconds. */
  readonly minSigmaMs: number
  /** Silence that is allowed on top of what was learnt, in milliseconds. */
  readonly acceptablePauseMs: number
  /** The longest silence that is ever allowed, in milliseconds, whatever was learnt. */
  readonly maxLimitMs: number
  /** The gap that is expected before one was seen, in milliseconds. */
  readonly intervalMs: number
}

/** Mean and standard deviation of gaps, in milliseconds. */
export interface GapStatistics {
  readonly meanMs: number
  readonly sigmaMs: number
}

/**
 * Suspicion after a silence: -log10 of the probability that a gap is longer, if gaps are normally distributed
 * (Hayashibara et al., The phi Accrual Failure Detector, 2004). This is the exact tail; the logistic approximation that
 * Akka and Pekko use is higher far out, and so convicts earlier than its threshold says.
 */
export function phi(silenceMs: number, { meanMs, sigmaMs }: GapStatistics): number {
  return upperTailExponent((silenceMs - meanMs) / sigmaMs)
}

/** Of the population, not of a sample. Zeros for no gaps. */
export function gapStatistics(gapsMs: readonly number[]): GapStatistics {
  if (gapsMs.length === 0) return { meanMs: 0, sigmaMs: 0 }
  let sum = 0
  for (const gapMs of gapsMs) sum += gapMs
  const meanMs = sum / gapsMs.length
  // In a second pass: the difference of two large sums would lose what is small.
  let squares = 0
  for (const gapMs of gapsMs) squares += (gapMs - meanMs) ** 2
  return { meanMs, sigmaMs: Math.sqrt(squares / gapsMs.length) }
}

/** The silence that convicts before a gap was seen, in milliseconds: the deviation is taken for a quarter of the interval, as Akka does. */
export function initialLimitMs(rules: Omit<PhiRules, 'maxLimitMs'>): number {
  return limitFor(rules)({ meanMs: rules.intervalMs, sigmaMs: rules.intervalMs / 4 })
}

/**
 * Convicts at the silence at which phi reaches the threshold, mean + acceptable pause + z * sigma with z = 5.612 for phi 8, or at the
 * longest that is allowed: whoever lets packets through just before the limit raises it no further. Longer gaps are learnt as that one.
 */
export function phiDetector(rules: PhiRules): Detector {
  const initialMs = initialLimitMs(rules)
  const limitOf = limitFor(rules)
  const knowing = (gapsMs: readonly number[]): Detector => ({
    limitMs: Math.min(rules.maxLimitMs, gapsMs.length === 0 ? initialMs : limitOf(gapStatistics(gapsMs))),
    learn: (gapMs) => knowing([...gapsMs.slice(-(rules.windowSize - 1)), Math.min(gapMs, rules.maxLimitMs)]),
  })
  return knowing([])
}

/** The quantile is worked out once: it costs as much as all the rest. */
function limitFor(rules: Omit<PhiRules, 'maxLimitMs'>): (gaps: GapStatistics) => number {
  const quantile = upperTailQuantile(rules.threshold)
  return ({ meanMs, sigmaMs }) => meanMs + rules.acceptablePauseMs + quantile * Math.max(sigmaMs, rules.minSigmaMs)
}
