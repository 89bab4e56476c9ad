/** Every number that a pool assumes, with its reason. */
export const poolDefaults: {
  readonly weight: number
  readonly tier: number
  readonly panic: boolean
  readonly overprovisioningFactor: number
  readonly panicThreshold: number
  readonly aggression: number
  readonly minimumRatio: number
  readonly choices: number
  readonly activeRequestBias: number
  readonly decayMs: number
  readonly initialLatencyMs: number
  readonly penaltyMs: number
} = Object.freeze({
  /** Equal shares. */
  weight: 1,
  /** One tier: all targets serve. */
  tier: 0,
  /** A health check that is wrong about every target must not take the site down: the requests themselves find out. */
  panic: true,
  /** A spare is often a cold or a lesser machine: it serves when it has to, and not sooner. Envoy has 1.4. */
  overprovisioningFactor: Infinity,
  /** Percent. Requests go to targets that are known to be down when no other is left, and not sooner. Envoy has 50. */
  panicThreshold: 0,
  /** The weight grows evenly. */
  aggression: 1,
  /** As Envoy: a tenth of the traffic warms a cache, and does not fell a cold one. */
  minimumRatio: 0.1,
  /**
   * Two choices shorten the longest queue from about log n / log log n to log log n / log 2; a third only changes
   * the constant (Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001).
   */
  choices: 2,
  /** As Envoy: a target of twice the weight takes twice the requests at once. */
  activeRequestBias: 1,
  /** As Finagle and linkerd: what was measured 10 s ago counts e times less. */
  decayMs: 10_000,
  /** As linkerd: what is assumed of a target that has not answered yet. */
  initialLatencyMs: 30,
  /** As linkerd's load biaser: a failure may be quick, and would otherwise look like the best of answers. */
  penaltyMs: 5_000,
})

/** More than any real ratio needs, and small enough that sums of whole weights stay exact in a double. */
export const MAX_WEIGHT = 1_000_000

/** As gRPC bounds it: more choices cost time and gain nothing. */
export const MAX_CHOICES = 10

/** Every number that a keyed algorithm assumes, with its reason. */
export const keyedDefaults: {
  readonly minimumRingSize: number
  readonly maximumRingSize: number
  readonly maglevSize: number
  readonly factorPercent: number
} = Object.freeze({
  /** As Envoy and gRPC. Ten targets then have a hundred points each, and shares that differ by some 10 %. */
  minimumRingSize: 1024,
  /**
   * Envoy's bound of 8,388,608 would cost seconds and 100 MB where a weight is a millionth of the sum; this one is built
   * in tens of milliseconds, and is met only by weights below some 1/100,000 of the sum.
   */
  maximumRingSize: 131_072,
  /** As Envoy and the paper: a prime more than a hundred times as large as the number of targets shares within 1 %. */
  maglevSize: 65_537,
  /** HAProxy advises 125 to 200: less moves many keys, more leaves a hot target half as much again above its share. */
  factorPercent: 125,
})

/** As Envoy bounds a ring: at 12 bytes a point, 100 MB. */
export const MAX_RING_SIZE = 8_388_608

/** As Envoy bounds a Maglev table. */
export const MAX_MAGLEV_SIZE = 5_000_011

/** MD5 digests, of four points each, for a weight of 1: 160 points, as libketama. */
export const KETAMA_DIGESTS = 40
