import { uptime } from 'node:os'
import { type Clock, HotspareError, LONGEST_DELAY_MS, type Logger } from '@hotspare/core'
import { z } from 'zod'
import { leaseDefaults } from './defaults.ts'
import { parseOptions } from './parse-options.ts'
import { leaseNameProblem } from './record.ts'
import type { LeaseRegister } from './register.ts'
import { clockPart, hasMethod, loggerPart } from './schema-parts.ts'
import { formatTimingChain, type Timing, timingChain, type TimingOptions, timingShape } from './timing-chain.ts'

/** What a lease needs to know. */
export interface LeaseOptions extends TimingOptions {
  /** Where it is kept; stays the caller's, who closes it. */
  readonly register: LeaseRegister
  /** Which lease: letters, digits and `. _ - /`, up to 128. */
  readonly name: string
  /** Who we are, for people and for the other side; by the same rules. Two processes may share it and are still two. */
  readonly holder: string
  /** A pause of this process, or a jump of a clock, beyond which the register is asked before anything is done. Default: ttl / 4 */
  readonly gapMs?: number | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
  /** Milliseconds since boot, suspended time included. Default: the machine's */
  readonly bootMs?: (() => number) | undefined
  /** Told of listeners that throw. Default: silent */
  readonly logger?: Logger | undefined
}

/** {@link LeaseOptions}, checked and complete. */
export interface ResolvedLeaseOptions {
  readonly register: LeaseRegister
  readonly name: string
  readonly holder: string
  readonly timing: Timing
  readonly gapMs: number
  readonly clock: Clock
  readonly bootMs: () => number
  readonly logger: Logger
}

/** Below this, every busy moment of a machine would be one. */
const SHORTEST_GAP_MS = 10

const leaseName = z.string().superRefine((text, context) => {
  const problem = leaseNameProblem(text)
  if (problem) context.addIssue(problem)
})

/** The options as a schema; whether the times fit together is {@link timingChain}'s to say. */
export const leaseOptionsSchema: z.ZodType<ResolvedLeaseOptions, LeaseOptions> = z
  .strictObject({
    ...timingShape,
    register: z.custom<LeaseRegister>(
      (value) => hasMethod(value, 'read') && hasMethod(value, 'compareAndSwap'),
      'expected a register, as etcdRegister() makes one',
    ),
    name: leaseName,
    holder: leaseName,
    gapMs: z.number().min(SHORTEST_GAP_MS).max(LONGEST_DELAY_MS).optional(),
    clock: clockPart,
    bootMs: z.custom<() => number>((value) => typeof value === 'function', 'expected a function').default(() => machineBootMs),
    logger: loggerPart,
  })
  .transform(({ register, name, holder, gapMs, clock, bootMs, logger, ...times }) => {
    const gap = gapMs ?? times.ttlMs * leaseDefaults.gapShare
    return { register, name, holder, timing: timingChain(times).timing, gapMs: gap, clock, bootMs, logger }
  })

/**
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` for a wrong option; `HOTSPARE_LEASE_TIMING` for times that do not fit
 * together, with the chain
 */
export function resolveLeaseOptions(options: LeaseOptions): ResolvedLeaseOptions {
  const resolved = parseOptions('lease', leaseOptionsSchema, options)
  const chain = timingChain(resolved.timing)
  if (chain.holds) return resolved
  throw new HotspareError({
    code: 'HOTSPARE_LEASE_TIMING',
    message: `lease ${resolved.name}: the times do not fit together; leave out all but ttlMs, or mend what is broken:\n${formatTimingChain(chain)}`,
  })
}

function machineBootMs(): number {
  return uptime() * 1_000
}
