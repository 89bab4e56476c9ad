import { z } from 'zod'
import { timingDefaults } from './defaults.ts'
import { parseOptions } from './parse-options.ts'
import { LONGEST_TTL_MS } from './record.ts'

/** The times of a lease, all in milliseconds; whatever is left out follows from the ttl. */
export interface TimingOptions {
  /** How long others wait before they take an unrenewed lease over. 250 to 86,400,000 */
  readonly ttlMs: number
  /** From the start of one renewal to the start of the next. Default: ttl / 6 */
  readonly renewMs?: number | undefined
  /** The deadline of one call to the register. Default: ttl / 8 */
  readonly callTimeoutMs?: number | undefined
  /** The pause after a call that failed. Default: ttl / 40 */
  readonly retryMs?: number | undefined
  /** How often the record is looked at while somebody else holds the lease. Default: ttl / 10 */
  readonly pollMs?: number | undefined
  /**
   * How much sooner the holder gives up than others may take over. Default: what the clock rate error and the timer
   * lateness take, and a fiftieth of the ttl: some ttl / 5 with their defaults
   */
  readonly marginMs?: number | undefined
  /** How far the rate of any clock may be off, as a ratio: 0.0834 is 8.34 %. Default: 0.0834 */
  readonly clockRateError?: number | undefined
  /** How late a timer of the holder may fire. Default: ttl / 40 */
  readonly timerLatenessMs?: number | undefined
}

/** {@link TimingOptions}, and what follows the lease in the kernel. */
export interface TimingChainOptions extends TimingOptions {
  /** The lifetime that an address of the holder gets with each renewal; left out where there is none. */
  readonly addressLifetimeMs?: number | undefined
  /** How late the kernel may remove an address whose lifetime is over. Default: 250 */
  readonly kernelLatenessMs?: number | undefined
}

/** {@link TimingOptions} with the defaults filled in. */
export interface Timing {
  readonly ttlMs: number
  readonly renewMs: number
  readonly callTimeoutMs: number
  readonly retryMs: number
  readonly pollMs: number
  readonly marginMs: number
  readonly clockRateError: number
  readonly timerLatenessMs: number
}

/** One condition: `shorter` must be less than `longer`; equal is not enough, since both may then happen at once. */
export interface TimingLink {
  /** What it makes sure of. */
  readonly purpose: string
  readonly formula: string
  readonly shorterMs: number
  readonly longerMs: number
  readonly holds: boolean
}

export interface TimingChain {
  readonly timing: Timing
  readonly links: readonly TimingLink[]
  /** Whether every link does. */
  readonly holds: boolean
  /**
   * The longest time from a holder's death to another's right, by a good clock and while calls are answered in time: its
   * last renewal may still be on its way (a call), is seen with the next look (poll, and a call), waits for a ttl, and is
   * then swapped (a call).
   */
  readonly takeoverMs: number
}

type Milliseconds = z.ZodType<number, number>

const duration: Milliseconds = z.number().positive().max(LONGEST_TTL_MS)
const lateness: Milliseconds = z.number().min(0).max(LONGEST_TTL_MS)

/** The fields of {@link TimingOptions}, for schemas that add to them. */
export const timingShape: { readonly ttlMs: Milliseconds } & {
  readonly [Key in Exclude<keyof TimingOptions, 'ttlMs'>]-?: z.ZodOptional<Milliseconds>
} = {
  ttlMs: z.number().min(timingDefaults.shortestTtlMs).max(LONGEST_TTL_MS),
  renewMs: duration.optional(),
  callTimeoutMs: duration.optional(),
  retryMs: duration.optional(),
  pollMs: duration.optional(),
  marginMs: duration.optional(),
  clockRateError: z.number().min(0).max(0.5).optional(),
  timerLatenessMs: lateness.optional(),
}

const chainSchema: z.ZodType<TimingChainOptions> = z.strictObject({
  ...timingShape,
  addressLifetimeMs: duration.optional(),
  kernelLatenessMs: lateness.optional(),
})

/**
 * Works out whether the times of a lease fit together: the one place that knows how they depend on each other.
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` for options that are no times; a chain that does not hold is a result
 */
export function timingChain(options: TimingChainOptions): TimingChain {
  const parsed = parseOptions('timing chain', chainSchema, options)
  const timing = resolveTiming(parsed)
  const links = [...rightLinks(timing), ...addressLinks(timing, parsed)]
  return { timing, links, holds: links.every(({ holds }) => holds), takeoverMs: longestTakeoverMs(timing) }
}

/** Fills in what follows from the ttl. */
function resolveTiming(options: TimingOptions): Timing {
  const { ttlMs } = options
  const { renewShare, callTimeoutShare, retryShare, pollShare, reserveShare, timerLatenessShare } = timingDefaults
  const clockRateError = options.clockRateError ?? timingDefaults.clockRateError
  const timerLatenessMs = options.timerLatenessMs ?? ttlMs * timerLatenessShare
  return {
    ttlMs,
    renewMs: options.renewMs ?? ttlMs * renewShare,
    callTimeoutMs: options.callTimeoutMs ?? ttlMs * callTimeoutShare,
    retryMs: options.retryMs ?? ttlMs * retryShare,
    pollMs: options.pollMs ?? ttlMs * pollShare,
    marginMs: options.marginMs ?? driftMs(ttlMs, clockRateError) + timerLatenessMs + ttlMs * reserveShare,
    clockRateError,
    timerLatenessMs,
  }
}

/** A chain for people: one line for each link, with its figures. */
export function formatTimingChain({ links, takeoverMs, holds }: TimingChain): string {
  const lines = links.map(
    ({ purpose, formula, shorterMs, longerMs, holds: linkHolds }) =>
      `${linkHolds ? 'holds ' : 'BROKEN'}  ${formula}: ${round(shorterMs)} < ${round(longerMs)} ms  (${purpose})`,
  )
  return [...lines, holds ? `a takeover takes up to ${round(takeoverMs)} ms` : 'the chain does not hold'].join('\n')
}

function rightLinks(timing: Timing): readonly TimingLink[] {
  const { ttlMs, renewMs, callTimeoutMs, retryMs, marginMs, clockRateError, timerLatenessMs } = timing
  return [
    link(
      'the holder has stopped before anyone else may begin',
      'ttl x 2e / (1 + e) + timer lateness < margin',
      driftMs(ttlMs, clockRateError) + timerLatenessMs,
      marginMs,
    ),
    link(
      'one renewal may fail, and its repetition is still in time',
      'renew + call timeout + retry + call timeout < ttl - margin',
      renewMs + callTimeoutMs + retryMs + callTimeoutMs,
      ttlMs - marginMs,
    ),
  ]
}

function addressLinks(timing: Timing, options: TimingChainOptions): readonly TimingLink[] {
  const { addressLifetimeMs, kernelLatenessMs = timingDefaults.kernelLatenessMs } = options
  if (addressLifetimeMs === undefined) return []
  const { ttlMs, renewMs, callTimeoutMs, retryMs, marginMs } = timing
  return [
    link(
      'the kernel has removed the address before the right ends',
      'call timeout + address lifetime + kernel lateness < ttl - margin',
      callTimeoutMs + addressLifetimeMs + kernelLatenessMs,
      ttlMs - marginMs,
    ),
    link(
      'the address outlives one renewal that fails',
      'renew + call timeout + retry + call timeout < address lifetime',
      renewMs + callTimeoutMs + retryMs + callTimeoutMs,
      addressLifetimeMs,
    ),
  ]
}

/** The holder's clock may be slow by the error, and the challenger's fast by it: (ttl - margin) / (1 - e) < ttl / (1 + e). */
function driftMs(ttlMs: number, clockRateError: number): number {
  return (ttlMs * 2 * clockRateError) / (1 + clockRateError)
}

function longestTakeoverMs({ ttlMs, callTimeoutMs, pollMs }: Timing): number {
  // A challenger that looks more seldom than that finds out by its swap.
  return ttlMs + Math.min(pollMs, ttlMs) + 3 * callTimeoutMs
}

function link(purpose: string, formula: string, shorterMs: number, longerMs: number): TimingLink {
  return { purpose, formula, shorterMs, longerMs, holds: shorterMs < longerMs }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
