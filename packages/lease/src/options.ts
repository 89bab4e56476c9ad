import { type Clock, HotspareError, type Logger } from '@hotspare/core'
import { z } from 'zod'
import { leaseDefaults } from './defaults.ts'
import { parseOptions } from './parse-options.ts'
import { leaseNameProblem } from './record.ts'
import type { LeaseRegister } from './register.ts'
import { formatTimingChain, timingChain, type Timing, timingShape, type TimingOptions } from './timing-chain.ts'

/** What a lease needs to know. */
export interface LeaseOptions extends TimingOptions {
  /** Where it is kept; stays the caller's, who closes it. */
  readonly register: LeaseRegister
  /** Which lease: letters, digits and `. _ - /`, up to 128. */
  readonly name: string
  /** Who we are, for people and for the other side; by the same rules. Two processes may share it and are still two. */
  readonly holder: string
  /** How often the register is looked at while somebody else holds the lease, in milliseconds. Default: ttl / 10 */
  readonly pollMs?: number | undefined
  /** A pause of this process, or a jump of a clock, beyond which the register is asked before anything is done. Default: ttl / 4 */
  readonly gapMs?: number | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
  /** Milliseconds since boot, suspended time included. Default: the machine's */
  readonly bootMs?: (() => number) | undefined
  readonly logger?: Logger | undefined
}

/** The numbers and names of {@link LeaseOptions}, checked and complete. */
export interface ResolvedLeaseOptions {
  readonly name: string
  readonly holder: string
  readonly pollMs: number
  readonly gapMs: number
  readonly timing: Timing
}

const leaseName = z.string().superRefine((text, context) => {
  const problem = leaseNameProblem(text)
  if (problem) context.addIssue(problem)
})

const positive = z.number().positive()

const schema = z.strictObject({
  ...timingShape,
  register: z.custom<LeaseRegister>(isRegister, 'expected a register, as etcdRegister() makes one'),
  name: leaseName,
  holder: leaseName,
  pollMs: positive.optional(),
  gapMs: positive.optional(),
  clock: z.custom<Clock>().optional(),
  bootMs: z.custom<() => number>().optional(),
  logger: z.custom<Logger>().optional(),
})

/**
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` for a wrong option; `HOTSPARE_LEASE_TIMING` for times that do not fit
 * together, with the chain
 */
export function resolveLeaseOptions(options: LeaseOptions): ResolvedLeaseOptions {
  const { name, holder, pollMs, gapMs, ...parsed } = parseOptions('lease', schema, options)
  const { ttlMs, renewMs, callTimeoutMs, retryMs, marginMs, clockRateError, timerLatenessMs } = parsed
  const chain = timingChain({ ttlMs, renewMs, callTimeoutMs, retryMs, marginMs, clockRateError, timerLatenessMs })
  if (!chain.holds) {
    throw new HotspareError({
      code: 'HOTSPARE_LEASE_TIMING',
      message: `lease ${name}: the times do not fit together; leave out all but ttlMs, or mend what is broken:\n${formatTimingChain(chain)}`,
    })
  }
  return {
    name,
    holder,
    pollMs: pollMs ?? ttlMs * leaseDefaults.pollShare,
    gapMs: gapMs ?? ttlMs * leaseDefaults.gapShare,
    timing: chain.timing,
  }
}

function isRegister(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'compareAndSwap' in value && typeof value.compareAndSwap === 'function'
}
