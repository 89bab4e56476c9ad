/** What puts the median absolute deviation on the scale of a standard deviation: 1 / 0.6745 for a normal distribution. */
export const MAD_SCALE = 1.4826

/** 0 of none. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The standard deviation of exactly these values (divided by n): they are all that there are, not a sample of more. */
export function populationDeviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

/** The middle one, or the mean of the two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  return middleOf(values.length, valueAt(ascending(values)))
}

/** The median distance from the median, not scaled. */
export function medianDeviation(values: readonly number[]): number {
  const middle = median(values)
  return median(values.map((value) => Math.abs(value - middle)))
}

/** The nearest rank: the smallest value that at least `percent` percent of all do not exceed; 0 of none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = ascending(values)
  // 0.95 * 20 is a hair above 19 for a computer, and the rank is 19.
  const rank = Math.ceil((percent / 100) * sorted.length - 1e-9)
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? 0
}

/** The middle of a set of numbers, and how far they are from it. */
export interface Spread {
  readonly median: number
  /** {@link medianDeviation} */
  readonly deviation: number
}

/**
 * What all others have for a middle, by value: {@link median} and {@link medianDeviation} of `values` without one of them.
 * Sorted once for all: asked for each of ten thousand values it is still a matter of milliseconds.
 *
 * @returns a function of a value that is among `values`
 */
export function spreadOfOthers(values: readonly number[]): (value: number) => Spread {
  const sorted = ascending(values)
  // Without one, the median has no more than three places.
  const distances = new Map<number, readonly number[]>()
  return (value) => {
    const middle = medianWithout(sorted, value)
    let far = distances.get(middle)
    if (!far) distances.set(middle, (far = ascending(values.map((other) => Math.abs(other - middle)))))
    return { median: middle, deviation: medianWithout(far, Math.abs(value - middle)) }
  }
}

function medianWithout(sorted: readonly number[], value: number): number {
  const left = placeOf(sorted, value)
  const at = valueAt(sorted)
  return middleOf(sorted.length - 1, (place) => at(place < left ? place : place + 1))
}

function middleOf(count: number, at: (place: number) => number): number {
  const upper = count >> 1
  if (count <= 0) return 0
  return count % 2 === 1 ? at(upper) : (at(upper) + at(upper - 1)) / 2
}

/** The first place of a value, by halves. */
function placeOf(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const half = (low + high) >> 1
    if (sorted[half]! < value) low = half + 1
    else high = half
  }
  return low
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b)
}

function valueAt(values: readonly number[]): (place: number) => number {
  return (place) => values[place] ?? 0
}
