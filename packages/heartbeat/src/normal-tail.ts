const LOG10_E = Math.LOG10E
const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI)

/** From here on the continued fraction converges fast; below it the series does. */
const FRACTION_FROM = 2.5
const FRACTION_DEPTH = 80

/**
 * -log10 of the probability that a standard normal variable is above `z`, exact to some 12 digits. The logarithm is
 * computed as such: the probability itself is 0 in floating point from z = 38.6 on, which would make this infinite.
 */
export function upperTailExponent(z: number): number {
  if (Number.isNaN(z)) return 0
  if (z < 0) return -Math.log1p(-upperTail(-z)) * LOG10_E
  if (z < FRACTION_FROM) return -Math.log10(upperTail(z))
  return (0.5 * z * z + LOG_SQRT_2PI + Math.log(millsDenominator(z))) * LOG10_E
}

/** The `z` whose {@link upperTailExponent} is `exponent`, at least 0. */
export function upperTailQuantile(exponent: number): number {
  let low = -40
  // The tail is below exp(-z^2 / 2) / 2, so the answer is below this.
  let high = Math.sqrt(2 * exponent * Math.LN10) + 1
  // Halves until the two are neighbours; 200 is more than a double has steps here.
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (upperTailExponent(middle) < exponent) low = middle
    else high = middle
  }
  return high
}

/** For z >= 0, where the result is not tiny or `z` is small. */
function upperTail(z: number): number {
  return z < FRACTION_FROM ? 0.5 - density(z) * seriesSum(z) : density(z) / millsDenominator(z)
}

function density(z: number): number {
  return Math.exp(-0.5 * z * z - LOG_SQRT_2PI)
}

/** z + z^3/3 + z^5/(3*5) + ... (Marsaglia, Evaluating the Normal Distribution, 2004). */
function seriesSum(z: number): number {
  let term = z
  let sum = z
  for (let divisor = 3; term > sum * Number.EPSILON; divisor += 2) {
    term *= (z * z) / divisor
    sum += term
  }
  return sum
}

/** z + 1/(z + 2/(z + 3/(z + ...))): Laplace's continued fraction; density / this is the tail. */
function millsDenominator(z: number): number {
  let value = z
  for (let depth = FRACTION_DEPTH; depth >= 1; depth--) value = z + depth / value
  return value
}
