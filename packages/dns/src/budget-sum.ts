/** How long something takes, as far as it is known; all in milliseconds. */
export interface Quantiles {
  /** Default: 0 */
  readonly leastMs?: number | undefined
  readonly p50Ms: number
  readonly p95Ms: number
  readonly worstMs: number
}

/** As many equally likely times stand for one part: enough for the last quantile that is asked for, and quick. */
const POINTS = 100

/**
 * What several parts take together, when none depends on another: the worst is the sum of the worst; the others are not sums,
 * since it is rare that all parts are slow at once.
 */
export function sumOf(parts: readonly Quantiles[]): { readonly p50Ms: number; readonly p95Ms: number; readonly worstMs: number } {
  let times: readonly number[] = [0]
  for (const part of parts) {
    const own = part.leastMs === part.worstMs ? [part.worstMs] : points(part)
    times = thinned(times.flatMap((sofar) => own.map((more) => sofar + more)).toSorted((one, other) => one - other))
  }
  const worstMs = parts.reduce((sum, part) => sum + part.worstMs, 0)
  return { p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95), worstMs }
}

/**
 * The quantiles of what was measured, such as the lags of past changes (nearest rank).
 *
 * @param timesMs at least one, in any order
 */
export function spreadOf(timesMs: readonly number[]): Quantiles {
  const sorted = timesMs.toSorted((one, other) => one - other)
  const rank = (ratio: number) => sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)] ?? 0
  return { leastMs: rank(0), p50Ms: rank(0.5), p95Ms: rank(0.95), worstMs: rank(1) }
}

/** Between the quantiles that are known, every time is as likely as any other. */
function points({ leastMs = 0, p50Ms, p95Ms, worstMs }: Quantiles): readonly number[] {
  return Array.from({ length: POINTS }, (_, index) => {
    const ratio = (index + 0.5) / POINTS
    if (ratio <= 0.5) return between(leastMs, p50Ms, ratio / 0.5)
    return ratio <= 0.95 ? between(p50Ms, p95Ms, (ratio - 0.5) / 0.45) : between(p95Ms, worstMs, (ratio - 0.95) / 0.05)
  })
}

function between(low: number, high: number, ratio: number): number {
  return low + (high - low) * ratio
}

/** Of many equally likely times, as many as one part has. */
function thinned(sorted: readonly number[]): readonly number[] {
  if (sorted.length <= POINTS) return sorted
  return Array.from({ length: POINTS }, (_, index) => sorted[Math.floor(((index + 0.5) * sorted.length) / POINTS)] ?? 0)
}

/** Between two points as between two posts of a fence. */
function quantile(sorted: readonly number[], ratio: number): number {
  const place = Math.min(Math.max(ratio * sorted.length - 0.5, 0), sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0]
  return Math.round(between(low, high, place - Math.floor(place)))
}
