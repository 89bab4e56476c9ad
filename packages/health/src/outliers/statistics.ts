/** What puts the median absolute deviation on the scale of a standard deviation: 1 / 0.6745 for a normal distribution. */
export const MAD_SCALE = 1.4826

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The standard deviation of exactly these values (divided by n): they are the whole pool, not a sample of it. */
export function populationDeviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

/** The middle one, or the mean of the two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted.length >> 1
  const high = sorted[upper] ?? 0
  return sorted.length % 2 === 1 ? high : (high + (sorted[upper - 1] ?? 0)) / 2
}

/** The median distance from the median, not scaled. */
export function medianDeviation(values: readonly number[]): number {
  const middle = median(values)
  return median(values.map((value) => Math.abs(value - middle)))
}
