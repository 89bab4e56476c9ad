import { MAX_WEIGHT, poolDefaults } from './defaults.ts'
import { misuse, refuseUnknown } from './errors.ts'

export interface SlowStartOptions {
  /** How long it takes until who came back has its whole share again, in milliseconds: more than 0. */
  readonly windowMs: number
  /** 1 grows evenly; greater than 1 gives more at the beginning, less than 1 more at the end. Greater than 0. Default: 1 */
  readonly aggression?: number | undefined
  /** What it has from the first moment on, from 0 to 1. Default: 0.1 */
  readonly minimumRatio?: number | undefined
}

export interface SlowStartWeight extends SlowStartOptions {
  /** The weight when all is over, 0 to 1,000,000. */
  readonly weight: number
  /** Since it came back, in milliseconds: 0 or more. */
  readonly elapsedMs: number
}

/**
 * The weight of a target that has come back a while ago, as Envoy computes it:
 * `weight * max(minimumRatio, (max(elapsedMs, 1) / windowMs) ^ (1 / aggression))`, and all of it from `windowMs` on.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function slowStartWeight({ weight, elapsedMs, ...options }: SlowStartWeight): number {
  if (!(weight >= 0 && weight <= MAX_WEIGHT)) throw misuse(`slow start: weight is ${weight}: write a number from 0 to ${MAX_WEIGHT}`)
  if (!(elapsedMs >= 0)) throw misuse(`slow start: elapsedMs is ${elapsedMs}: write milliseconds, 0 or more`)
  return weight * slowStartRatio(readSlowStart(options), elapsedMs)
}

/**
 * @returns the options with their defaults
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function readSlowStart(options: SlowStartOptions): Ramp {
  refuseUnknown('slow start', options, ['windowMs', 'aggression', 'minimumRatio'])
  const { windowMs, aggression = poolDefaults.aggression, minimumRatio = poolDefaults.minimumRatio } = options
  if (!(windowMs > 0 && Number.isFinite(windowMs))) {
    throw misuse(`slow start: windowMs is ${windowMs}: write milliseconds, more than 0`)
  }
  if (!(aggression > 0 && Number.isFinite(aggression))) throw misuse(`slow start: aggression is ${aggression}: write a number above 0`)
  if (!(minimumRatio >= 0 && minimumRatio <= 1)) throw misuse(`slow start: minimumRatio is ${minimumRatio}: write a number from 0 to 1`)
  return { windowMs, aggression, minimumRatio }
}

/** The shape of a slow start. */
export interface Ramp {
  readonly windowMs: number
  readonly aggression: number
  readonly minimumRatio: number
}

/** @returns the share of its full load that somebody has who came back `elapsedMs` ago, up to 1 */
export function slowStartRatio({ windowMs, aggression, minimumRatio }: Ramp, elapsedMs: number): number {
  if (elapsedMs >= windowMs) return 1
  return Math.min(1, Math.max(minimumRatio, (Math.max(elapsedMs, 1) / windowMs) ** (1 / aggression)))
}
