import { thresholdDefaults } from './defaults.ts'
import type { ThresholdRules } from './rules.ts'

export interface Sample {
  readonly value: number
  /** By the monotonic clock. */
  readonly atMs: number
}

/** What is usual: an exponentially weighted mean and variance. */
export interface Usual {
  readonly mean: number
  readonly variance: number
  readonly count: number
  readonly atMs: number
}

/** The samples that are young enough, the newest last, and no more than `maxSamples` of them. */
export function withSample(samples: readonly Sample[], sample: Sample, rules: ThresholdRules): readonly Sample[] {
  const bornAfterMs = sample.atMs - rules.windowMs
  const young = samples.filter(({ atMs }) => atMs > bornAfterMs)
  return [...young.slice(Math.max(0, young.length - rules.maxSamples + 1)), sample]
}

/** Growth a second of a counter; one that has become smaller has started over at 0. Undefined where no time has passed. */
export function ratePerSecond(samples: readonly Sample[]): number | undefined {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.atMs <= first.atMs) return undefined
  let grown = 0
  for (const [index, { value }] of samples.entries()) {
    const before = samples[index - 1]?.value ?? value
    grown += value >= before ? value - before : Math.max(0, value)
  }
  return (1_000 * grown) / (last.atMs - first.atMs)
}

/** How many standard deviations `value` is above what is usual; below it, the number is negative. */
export function deviationFrom(usual: Usual, value: number, minDeviation: number): number {
  const floor = Math.max(minDeviation, thresholdDefaults.deviationFloorRatio * Math.abs(usual.mean), Number.MIN_VALUE)
  const score = (value - usual.mean) / Math.max(Math.sqrt(usual.variance), floor)
  return Math.min(1e150, Math.max(-1e150, score))
}

/**
 * Learns a sample. One that is beyond the limit counts as if it were at the limit: an outage does not become the usual at
 * once, and a lasting change does after a while. The first `minSamples` count as they are, each alike.
 */
export function learn(usual: Usual | undefined, { value, atMs }: Sample, rules: ThresholdRules): Usual {
  if (!usual) return { mean: value, variance: 0, count: 1, atMs }
  const count = Math.min(usual.count + 1, 1e9)
  const floor = Math.max(rules.minDeviation, thresholdDefaults.deviationFloorRatio * Math.abs(usual.mean))
  const reach = Math.abs(rules.enter) * Math.max(Math.sqrt(usual.variance), floor)
  const tame = usual.count < rules.minSamples ? value : Math.min(usual.mean + reach, Math.max(usual.mean - reach, value))
  const share = Math.max(1 - Math.exp(-(atMs - usual.atMs) / rules.windowMs), usual.count < rules.minSamples ? 1 / count : 0)
  const delta = tame - usual.mean
  return { mean: usual.mean + share * delta, variance: (1 - share) * (usual.variance + share * delta * delta), count, atMs }
}
