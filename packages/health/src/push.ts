import type { Clock } from '@hotspare/core'
import { clipDetail, systemClock } from '@hotspare/core'
import { z } from 'zod'
import { probeDefaults } from './defaults.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { judgePush, type PushReport } from './push/judge.ts'
import { milliseconds, millisecondsOrNone } from './milliseconds.ts'
import { runProbe } from './run-probe.ts'

export type { PushReport } from './push/judge.ts'

/** A report as it was before a restart. */
export interface RememberedPushReport extends PushReport {
  /** How old it is, in milliseconds, the time in which nothing ran included. */
  readonly ageMs: number
}

/** A job that has to report in. */
export interface PushCheckOptions {
  /** What people call the job. Default: push */
  readonly name?: string | undefined
  /** How long a report holds, in milliseconds: a little more than the time between two. */
  readonly ttlMs: number
  /** How much later a report may come before it is missed, in milliseconds; the check is degraded meanwhile. Default: 0 */
  readonly graceMs?: number | undefined
  /** What was reported before a restart, where somebody has kept it. Default: nothing, and the time runs from the start */
  readonly remembered?: RememberedPushReport | undefined
}

/** {@link PushCheckOptions} with the defaults filled in. */
export interface ResolvedPushCheckOptions {
  readonly name: string
  readonly ttlMs: number
  readonly graceMs: number
  readonly remembered?: RememberedPushReport | undefined
}

/** The two ends of the check: one for the job, one for the monitor. */
export interface PushCheck {
  readonly probe: Probe
  /** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` for what is no report; it then changes nothing */
  readonly report: (report: PushReport) => void
  /** The last report and its age: to be kept over a restart. */
  readonly last: () => RememberedPushReport | undefined
}

/** Numbers that a job may report at once. */
const MAX_MEASURES = 32

const reportShape = {
  outcome: z.enum(['pass', 'degraded', 'fail']).describe('How the job went.'),
  detail: z
    .string()
    .min(1)
    .max(4_096)
    .transform((text) => clipDetail(text))
    .optional()
    .describe('One clause for people.'),
  measures: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/), z.number())
    .refine((measures) => Object.keys(measures).length <= MAX_MEASURES, { message: `must be at most ${MAX_MEASURES} numbers` })
    .optional()
    .describe('What the job measured, by names that end in their unit.'),
}

/** A report as it comes from outside. */
export const pushReportSchema: z.ZodType<PushReport> = z.strictObject(reportShape)

export const pushCheckOptionsSchema: z.ZodType<ResolvedPushCheckOptions, PushCheckOptions> = z.strictObject({
  name: z.string().min(1).max(255).default('push').describe('What people call the job.'),
  ttlMs: milliseconds.describe('How long a report holds, in milliseconds.'),
  graceMs: millisecondsOrNone.default(0).describe('How much later a report may come before it is missed, in milliseconds.'),
  remembered: z
    .strictObject({ ...reportShape, ageMs: z.number().min(0).describe('How old the report is, in milliseconds.') })
    .optional()
    .describe('What was reported before a restart.'),
})

/**
 * A check that is told instead of asking. A report holds for `ttlMs`; then the check is degraded for `graceMs`, then missed.
 *
 * A restart forgets: without `remembered` the check is inconclusive until the first report, and missed when none comes
 * within `ttlMs + graceMs` of the start. So a restart neither brings a dead job to life nor convicts one that is well.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function pushCheck(options: PushCheckOptions & { readonly clock?: Clock | undefined }): PushCheck {
  const { clock = systemClock, ...rest } = options
  const { name, ttlMs, graceMs, remembered } = parseOptions('pushCheck', pushCheckOptionsSchema, rest)
  let report: PushReport | undefined
  let sinceMs = clock.monotonicMs()
  if (remembered) {
    const { ageMs, ...earlier } = remembered
    report = earlier
    sinceMs -= ageMs
  }
  const ageMs = () => clock.monotonicMs() - sinceMs
  // It answers at once: the time is for the type's sake.
  const { timeoutMs } = probeDefaults
  const probe: Probe = {
    type: 'push',
    address: name,
    timeoutMs,
    run: ({ signal } = {}) =>
      runProbe({ what: `push check ${name}`, timeoutMs, clock, signal }, () =>
        Promise.resolve(judgePush({ ttlMs, graceMs }, report, ageMs())),
      ),
  }
  return {
    probe,
    report(told) {
      report = parseOptions(`push check ${name}`, pushReportSchema, told)
      sinceMs = clock.monotonicMs()
    },
    last: () => report && { ...report, ageMs: ageMs() },
  }
}
