import { assertNever } from '@hotspare/core'
import { mean, percentile } from '../statistics.ts'
import type { ThresholdRules } from './rules.ts'
import { deviationFrom, learn, ratePerSecond, type Sample, type Usual, withSample } from './statistic.ts'

/** One threshold on one target. */
export interface ThresholdState {
  readonly exceeded: boolean
  /** What was made of the samples last; undefined while there are too few. */
  readonly value: number | undefined
  /** Since when it has been on the side that would change the state, by the monotonic clock. */
  readonly crossingSinceMs: number | undefined
  readonly lastMs: number | undefined
  readonly samples: readonly Sample[]
  readonly usual: Usual | undefined
}

export interface ThresholdEffect {
  readonly type: 'exceeded' | 'cleared'
  readonly value: number
  /** One clause for people. */
  readonly because: string
}

export interface ThresholdStep {
  readonly state: ThresholdState
  readonly effects: readonly ThresholdEffect[]
}

/** Beyond it sums of squares are no numbers any more; nothing that is measured is as big. */
const BIGGEST = 1e150

const NO_EFFECTS: readonly ThresholdEffect[] = []

export const initialThresholdState: ThresholdState = {
  exceeded: false,
  value: undefined,
  crossingSinceMs: undefined,
  lastMs: undefined,
  samples: [],
  usual: undefined,
}

/**
 * Takes one sample. The state changes when the statistic has been beyond `enter` in every sample for `enterForMs`, and back
 * when it has been at `leave` or better in every sample for `leaveForMs`; in between it stays as it is. A sample that is no
 * number, or older than the last one, changes nothing; a gap of more than `maxGapMs` begins the time anew. While nothing is
 * measured, nothing changes.
 */
export function stepThreshold(state: ThresholdState, sample: Sample, rules: ThresholdRules): ThresholdStep {
  const { value: measured, atMs } = sample
  if (!(Math.abs(measured) <= BIGGEST) || atMs < (state.lastMs ?? atMs)) return { state, effects: NO_EFFECTS }
  const taken = take(state, sample, rules)
  const { value } = taken
  const gap = state.lastMs !== undefined && atMs - state.lastMs > rules.maxGapMs
  const crossing = value !== undefined && (state.exceeded ? isBack(value, rules) : isBeyond(value, rules))
  if (!crossing) return { state: { ...taken, crossingSinceMs: undefined }, effects: NO_EFFECTS }
  const sinceMs = gap ? atMs : (state.crossingSinceMs ?? atMs)
  const forMs = state.exceeded ? rules.leaveForMs : rules.enterForMs
  if (atMs - sinceMs < forMs) return { state: { ...taken, crossingSinceMs: sinceMs }, effects: NO_EFFECTS }
  const type = state.exceeded ? 'cleared' : 'exceeded'
  const effect = { type, value, because: becauseOf(type, value, rules) } as const
  return { state: { ...taken, exceeded: !state.exceeded, crossingSinceMs: undefined }, effects: [effect] }
}

/** The state with the sample in it; only what the statistic takes is kept. */
function take(state: ThresholdState, sample: Sample, rules: ThresholdRules): ThresholdState {
  const next = { ...state, lastMs: sample.atMs }
  switch (rules.of) {
    case 'value':
      return { ...next, value: sample.value }
    case 'deviation': {
      const known = state.usual && state.usual.count >= rules.minSamples ? state.usual : undefined
      const value = known ? deviationFrom(known, sample.value, rules.minDeviation) : undefined
      return { ...next, value, usual: learn(state.usual, sample, rules) }
    }
    case 'percentile':
    case 'mean':
    case 'rate': {
      const samples = withSample(state.samples, sample, rules)
      return { ...next, samples, value: samples.length < rules.minSamples ? undefined : overWindow(samples, rules) }
    }
    default:
      return assertNever(rules.of)
  }
}

function overWindow(samples: readonly Sample[], rules: ThresholdRules): number | undefined {
  if (rules.of === 'rate') return ratePerSecond(samples)
  const values = samples.map(({ value }) => value)
  return rules.of === 'mean' ? mean(values) : percentile(values, rules.percentile)
}

function isBeyond(value: number, { direction, enter }: ThresholdRules): boolean {
  return direction === 'above' ? value > enter : value < enter
}

function isBack(value: number, { direction, leave }: ThresholdRules): boolean {
  return direction === 'above' ? value <= leave : value >= leave
}

/** `p95 of duration-ms is 812, above 500 for 30 s`. */
function becauseOf(type: ThresholdEffect['type'], value: number, rules: ThresholdRules): string {
  const { measure, of, direction, enter, leave, enterForMs, leaveForMs } = rules
  const names = {
    value: measure,
    percentile: `p${rules.percentile} of ${measure}`,
    mean: `the mean of ${measure}`,
    rate: `the rate of ${measure}`,
  }
  const shown = Number(value.toPrecision(4))
  const what = of === 'deviation' ? `${measure} is ${shown} deviations from the usual` : `${names[of]} is ${shown}`
  const forMs = type === 'exceeded' ? enterForMs : leaveForMs
  const lasting = forMs === 0 ? '' : ` for ${forMs / 1_000} s`
  if (type === 'exceeded') return `${what}, ${direction} ${enter}${lasting}`
  return `${what}, back ${direction === 'above' ? 'to' : 'up to'} ${leave} or ${direction === 'above' ? 'less' : 'more'}${lasting}`
}
