import type { Sample } from './load.ts'

/** A span of the monotonic clock: from `fromMs` up to, not including, `toMs`. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** The requests of a span. Latencies in milliseconds; undefined where there was no request. */
export interface LatencySummary {
  readonly sent: number
  readonly failed: number
  readonly p50Ms: number | undefined
  readonly p99Ms: number | undefined
  readonly slowestMs: number | undefined
}

/** What became of the requests that were due within a span. */
export function summarizeLatency(samples: readonly Sample[], { fromMs, toMs }: Span): LatencySummary {
  const within = samples.filter(({ dueMs }) => dueMs >= fromMs && dueMs < toMs)
  const latencies = within.map(({ dueMs, endMs }) => endMs - dueMs).toSorted((one, other) => one - other)
  return {
    sent: within.length,
    failed: within.filter(({ failure }) => failure !== undefined).length,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    slowestMs: latencies.at(-1),
  }
}

/** The time from a moment to the end of the first good answer to a request that was due after it. */
export function firstGoodAnswerMs(samples: readonly Sample[], sinceMs: number): number | undefined {
  const ends = samples.filter(({ dueMs, failure }) => dueMs >= sinceMs && failure === undefined).map(({ endMs }) => endMs)
  return ends.length === 0 ? undefined : ends.reduce((least, end) => Math.min(least, end)) - sinceMs
}

/** By the nearest rank. @param sorted ascending */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}
