/** Every number that a pool assumes, with its reason. */
export const poolDefaults: {
  readonly weight: number
  readonly tier: number
  readonly panic: boolean
  readonly choices: number
} = Object.freeze({
  /** Equal shares. */
  weight: 1,
  /** One tier: all targets serve. */
  tier: 0,
  /** A health check that is wrong about every target must not take the site down: the requests themselves find out. */
  panic: true,
  /**
   * Two choices shorten the longest queue from about log n / log log n to log log n / log 2; a third only changes
   * the constant (Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001).
   */
  choices: 2,
})

/** More than any real ratio needs, and small enough that sums of whole weights stay exact in a double. */
export const MAX_WEIGHT = 1_000_000

/** As gRPC bounds it: more choices cost time and gain nothing. */
export const MAX_CHOICES = 10
