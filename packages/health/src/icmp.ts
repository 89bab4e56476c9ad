import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { serverFields } from './connection-options.ts'
import { lookUp } from './dns/look-up.ts'
import { runProgram } from './exec/run-program.ts'
import { describeFailure, type Finding } from './failure.ts'
import { judgePing } from './icmp/judge.ts'
import { icmpLimits } from './icmp/limits.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'

/** Whom an ICMP probe asks, and how often. */
export interface IcmpProbeOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  /** Which addresses of a name are used. Default: the first that the system's look-up gives */
  readonly family?: 4 | 6 | undefined
  /** Packets that are sent. Default: 3 */
  readonly count?: number | undefined
  /** From one packet to the next, in milliseconds; below 200 many systems refuse it. Default: 200 */
  readonly intervalMs?: number | undefined
  /** The largest share of packets that may be lost; without any reply the probe fails in any case. Default: 0.5 */
  readonly maxLossRatio?: number | undefined
  /** The ping program: a name in /usr/bin and /bin, or a path. Default: ping */
  readonly program?: string | undefined
  /** One deadline over name, program and replies, in milliseconds; longer than all the intervals. Default: 2,000 */
  readonly timeoutMs?: number | undefined
}

/** {@link IcmpProbeOptions} with the defaults filled in. */
export interface ResolvedIcmpProbeOptions {
  readonly host: string
  readonly family?: 4 | 6 | undefined
  readonly count: number
  readonly intervalMs: number
  readonly maxLossRatio: number
  readonly program: string
  readonly timeoutMs: number
}

export const icmpProbeOptionsSchema: z.ZodType<ResolvedIcmpProbeOptions, IcmpProbeOptions> = z
  .strictObject({
    host: serverFields.host,
    family: serverFields.family,
    count: z.int().min(1).max(20).default(icmpLimits.count).describe('Packets that are sent.'),
    intervalMs: z.int().min(2).max(10_000).default(icmpLimits.intervalMs).describe('From one packet to the next, in milliseconds.'),
    maxLossRatio: z.number().min(0).max(1).default(icmpLimits.maxLossRatio).describe('The largest share of packets that may be lost.'),
    program: z
      .string()
      .regex(/^(?:\/[^\0]{1,4095}|[A-Za-z0-9._-]{1,255})$/, 'must be a name like ping or a path like /usr/bin/ping')
      .default('ping')
      .describe('The ping program: a name in /usr/bin and /bin, or a path.'),
    timeoutMs: serverFields.timeoutMs
      .unwrap()
      .default(icmpLimits.timeoutMs)
      .describe('One deadline over name, program and replies, in milliseconds.'),
  })
  .refine(({ count, intervalMs, timeoutMs }) => timeoutMs > (count - 1) * intervalMs, {
    path: ['timeoutMs'],
    message: 'must be longer than all the intervals',
  })

/**
 * Asks with ICMP echo requests, through the machine's own ping: a program that may send them, where Node may not. Nothing else is
 * tried where that program is missing.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function icmpProbe(options: IcmpProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('icmpProbe', icmpProbeOptionsSchema, rest)
  const { host, timeoutMs } = settings
  const what = `icmp probe of ${host}`
  return {
    type: 'icmp',
    address: host,
    timeoutMs,
    run: ({ signal } = {}) => runProbe({ what, timeoutMs, clock, signal }, (run) => ping(settings, clock, run)),
  }
}

async function ping(settings: ResolvedIcmpProbeOptions, clock: Clock, run: ProbeRun): Promise<Finding> {
  const { host, family, program } = settings
  let address: string
  try {
    ;({ address } = await lookUp(host, family, run))
  } catch (error) {
    return describeFailure(error)
  }
  run.signal.throwIfAborted()
  run.phase = `waiting for ${program}`
  const { end } = runProgram({
    file: program,
    args: pingArguments(settings, address),
    // One language, so that its output can be read. Without a PATH a name is looked for where the system keeps its programs.
    env: { LC_ALL: 'C' },
    workingFolder: '/',
    graceMs: 0,
    keptBytes: icmpLimits.keptBytes,
    clock,
    signal: run.signal,
    atOnce: () => true,
  })
  return judgePing(await end, settings)
}

/** The address is one that was looked up or checked: it cannot be taken for an option. */
function pingArguments({ count, intervalMs, timeoutMs }: ResolvedIcmpProbeOptions, address: string): readonly string[] {
  const forReplies = timeoutMs - (count - 1) * intervalMs
  // So that ping, and not the deadline, ends a run without replies: it has counted them.
  const waitMs = Math.max(forReplies / 10, forReplies - Math.max(icmpLimits.startMs, timeoutMs / 10))
  return ['-n', '-c', String(count), '-i', String(intervalMs / 1_000), '-W', (waitMs / 1_000).toFixed(3), address]
}
