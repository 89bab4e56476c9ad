import { MAD_SCALE, mean, populationDeviation, spreadOfOthers } from '../statistics.ts'
import type { OutlierCause, OutlierRules } from './state.ts'
import type { WindowCounts } from './window.ts'

/** A target that stands out among its peers. */
export interface Suspicion {
  readonly targetId: string
  readonly cause: OutlierCause
  readonly because: string
  /** How much worse than allowed, to take the worst first; comparable within one cause only. */
  readonly excess: number
}

type Windows = ReadonlyMap<string, WindowCounts>

interface Rate {
  readonly targetId: string
  readonly percent: number
}

/** Good answers among all answers, and answers among all requests: what a target does, and whether it can be reached. */
const RATES = [
  {
    success: 'success-rate',
    failure: 'failure-percentage',
    good: ({ successes }: WindowCounts) => successes,
    all: ({ successes, failures }: WindowCounts) => successes + failures,
    what: 'were answered well',
  },
  {
    success: 'local-success-rate',
    failure: 'local-failure-percentage',
    good: ({ successes, failures, throttled }: WindowCounts) => successes + failures + throttled,
    all: ({ successes, failures, throttled, localFailures }: WindowCounts) => successes + failures + throttled + localFailures,
    what: 'were answered at all',
  },
] as const

/** What stands out in one interval of a pool's traffic, the worst of each kind first. Latency is judged apart: {@link slowTargets}. */
export function suspects(windows: Windows, rules: OutlierRules): Suspicion[] {
  return RATES.flatMap((kind) => {
    const rates = (minimum: number): Rate[] =>
      [...windows].flatMap(([targetId, counts]) => {
        const all = kind.all(counts)
        return all === 0 || all < minimum ? [] : [{ targetId, percent: (100 * kind.good(counts)) / all }]
      })
    return [
      ...byRate(rates(rules.successRateMinRequests), rules, kind.success, kind.what),
      ...byPercentage(rates(rules.failurePercentMinRequests), rules, kind.failure, kind.what),
    ]
  })
}

/**
 * Envoy's success-rate rule: strictly below mean - factor * deviation of the pool, which the target itself is part of; and
 * clearly below, which Envoy does not ask for.
 */
function byRate(rates: readonly Rate[], rules: OutlierRules, cause: OutlierCause, what: string): Suspicion[] {
  if (rules.successRateFactor === 0 || rates.length < rules.successRateMinTargets) return []
  const threshold = successRateThreshold(
    rates.map(({ percent }) => percent),
    rules.successRateFactor,
  )
  const middle = mean(rates.map(({ percent }) => percent))
  return worstFirst(
    rates
      // The sum of equal numbers is not always their multiple: a hair below is not below.
      .filter(({ percent }) => percent < threshold - 1e-9 && middle - percent >= rules.successRateMinGapPercent)
      .map(({ targetId, percent }) => ({
        targetId,
        cause,
        because: `${shown(percent)} % of its requests ${what}, below ${shown(threshold)} %, where its pool has ${shown(middle)} %`,
        excess: threshold - percent,
      })),
  )
}

export function successRateThreshold(percents: readonly number[], factor: number): number {
  return mean(percents) - factor * populationDeviation(percents)
}

/** The absolute rule, limit included (as Envoy's); nobody is suspect where nobody is better. */
function byPercentage(rates: readonly Rate[], rules: OutlierRules, cause: OutlierCause, what: string): Suspicion[] {
  if (rules.failurePercent === 0 || rates.length < rules.failurePercentMinTargets) return []
  const bad = rates.filter(({ percent }) => 100 - percent >= rules.failurePercent)
  if (bad.length === rates.length) return []
  return worstFirst(
    bad.map(({ targetId, percent }) => ({
      targetId,
      cause,
      because: `no more than ${shown(percent)} % of its requests ${what}: a failure percentage of ${rules.failurePercent} or more`,
      excess: -percent,
    })),
  )
}

/**
 * Whose median time is far above the one of its peers, itself left out: by `latencyFactor` times their median deviation, and
 * by the least ratio and gap. Two peers that disagree have a wide deviation, and convict nobody.
 */
export function slowTargets(windows: Windows, rules: OutlierRules): Suspicion[] {
  const timed = [...windows].filter(([, { timed: count }]) => count > 0 && count >= rules.latencyMinRequests)
  if (rules.latencyFactor === 0 || timed.length < rules.latencyMinTargets) return []
  const peersOf = spreadOfOthers(timed.map(([, { medianMs }]) => medianMs))
  return worstFirst(
    timed.flatMap(([targetId, { medianMs }]) => {
      const { median: usualMs, deviation } = peersOf(medianMs)
      const spreadMs = MAD_SCALE * deviation
      const limitMs = Math.max(usualMs + rules.latencyFactor * spreadMs, usualMs * rules.latencyMinRatio, usualMs + rules.latencyMinGapMs)
      if (medianMs <= limitMs) return []
      const because = `half of its answers took ${shown(medianMs)} ms or more, where ${shown(limitMs)} ms is the limit: its peers take ${shown(usualMs)} ms`
      return [{ targetId, cause: 'latency' as const, because, excess: medianMs - limitMs }]
    }),
  )
}

function worstFirst(suspicions: readonly Suspicion[]): Suspicion[] {
  return suspicions.toSorted((a, b) => b.excess - a.excess)
}

function shown(value: number): string {
  return String(Math.round(value * 10) / 10)
}
