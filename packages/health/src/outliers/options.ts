import { z } from 'zod'
import { milliseconds } from '../milliseconds.ts'
import { outlierDefaults } from './defaults.ts'
import type { OutlierRules } from './state.ts'

/** What makes a target an outlier; all optional, for callers. */
export interface OutlierOptions {
  /** How often targets are held against their pool, in milliseconds. Default: 10,000 */
  readonly intervalMs?: number | undefined
  /** Failed answers in a row that eject; 0: off. Default: 5 */
  readonly consecutiveErrors?: number | undefined
  /** Requests without an answer in a row that eject; 0: off. Default: 5 */
  readonly consecutiveLocalErrors?: number | undefined
  /** Ejects whose success rate is more than this many deviations below the mean of its pool; 0: off. Default: 1.9 */
  readonly successRateFactor?: number | undefined
  /** Targets with enough requests that the success rate takes. Default: 5 */
  readonly successRateMinTargets?: number | undefined
  /** Requests within an interval that a success rate takes. Default: 100 */
  readonly successRateMinRequests?: number | undefined
  /** And it must be this many percentage points below the mean. Default: 5 */
  readonly successRateMinGapPercent?: number | undefined
  /** Ejects whose failures are this percentage of its requests, or more; 0: off. Default: 85 */
  readonly failurePercent?: number | undefined
  /** Targets with enough requests that the failure percentage takes. Default: 2 */
  readonly failurePercentMinTargets?: number | undefined
  /** Requests within an interval that a failure percentage takes. Default: 50 */
  readonly failurePercentMinRequests?: number | undefined
  /** Ejects whose median latency is this many median deviations above its peers'; 0: off. Default: 3.5 */
  readonly latencyFactor?: number | undefined
  /** Targets with enough timed answers that it takes; at least 3. Default: 3 */
  readonly latencyMinTargets?: number | undefined
  /** Timed answers within an interval that it takes. Default: 50 */
  readonly latencyMinRequests?: number | undefined
  /** And it must be this many times as slow. Default: 2 */
  readonly latencyMinRatio?: number | undefined
  /** And slower by this many milliseconds. Default: 50 */
  readonly latencyMinGapMs?: number | undefined
  /** And in this many intervals in a row. Default: 3 */
  readonly latencyWindows?: number | undefined
  /** The first ejection, in milliseconds; each further one in a row is longer by as much. Default: 30,000 */
  readonly baseEjectionMs?: number | undefined
  /** The longest ejection without its jitter, in milliseconds. Default: 300,000 */
  readonly maxEjectionMs?: number | undefined
  /** Up to this share is added to every ejection. Default: 0.1 */
  readonly jitterRatio?: number | undefined
  /** Share of the pool that may be ejected, in percent. Default: 50 */
  readonly maxEjectedPercent?: number | undefined
  /** Number of targets that may be ejected. Default: no limit */
  readonly maxEjected?: number | undefined
  /** Whether `maxEjectedPercent` is asked with the next ejection counted (`after`, as Envoy) or without it (`before`, as gRPC). Default: after */
  readonly capRule?: 'after' | 'before' | undefined
  /** Whether one target may be ejected whatever the limits say. Default: true */
  readonly alwaysEjectOne?: boolean | undefined
  /** Which ejections a passed probe takes back: those for want of an answer, all, or none. Default: local */
  readonly returnOnPass?: 'local' | 'always' | 'never' | undefined
  /** 429 in a row, or 503 with `Retry-After`, that begin a back-off; 0: off. Default: 5 */
  readonly consecutiveThrottled?: number | undefined
  /** The back-off where the target gives no time, in milliseconds. Default: 1,000 */
  readonly backOffMs?: number | undefined
  /** The longest back-off, whatever the target asks for, in milliseconds. Default: 60,000 */
  readonly maxBackOffMs?: number | undefined
}

const count = z.int().min(0).max(1_000_000)
const factor = z.number().min(0).max(1_000)
const percent = z.number().min(0).max(100)

export const outlierOptionsSchema: z.ZodType<OutlierRules, OutlierOptions> = z.strictObject({
  intervalMs: milliseconds.default(outlierDefaults.intervalMs).describe('How often targets are held against their pool, in milliseconds.'),
  consecutiveErrors: count.default(outlierDefaults.consecutiveErrors).describe('Failed answers in a row that eject; 0: off.'),
  consecutiveLocalErrors: count
    .default(outlierDefaults.consecutiveLocalErrors)
    .describe('Requests without an answer in a row that eject; 0: off.'),
  successRateFactor: factor
    .default(outlierDefaults.successRateFactor)
    .describe('Ejects whose success rate is more than this many deviations below the mean of its pool; 0: off.'),
  successRateMinTargets: count.min(2).default(outlierDefaults.successRateMinTargets).describe('Targets that the success rate takes.'),
  successRateMinRequests: count.default(outlierDefaults.successRateMinRequests).describe('Requests that a success rate takes.'),
  successRateMinGapPercent: percent
    .default(outlierDefaults.successRateMinGapPercent)
    .describe('And it must be this many percentage points below the mean.'),
  failurePercent: percent
    .default(outlierDefaults.failurePercent)
    .describe('Ejects whose failures are this percentage of its requests, or more; 0: off.'),
  failurePercentMinTargets: count
    .min(2)
    .default(outlierDefaults.failurePercentMinTargets)
    .describe('Targets that the failure percentage takes.'),
  failurePercentMinRequests: count.default(outlierDefaults.failurePercentMinRequests).describe('Requests that a failure percentage takes.'),
  latencyFactor: factor
    .default(outlierDefaults.latencyFactor)
    .describe("Ejects whose median latency is this many median deviations above its peers'; 0: off."),
  latencyMinTargets: count.min(3).default(outlierDefaults.latencyMinTargets).describe('Targets that it takes.'),
  latencyMinRequests: count.default(outlierDefaults.latencyMinRequests).describe('Timed answers that it takes.'),
  latencyMinRatio: factor.min(1).default(outlierDefaults.latencyMinRatio).describe('And it must be this many times as slow.'),
  latencyMinGapMs: z.number().min(0).default(outlierDefaults.latencyMinGapMs).describe('And slower by this many milliseconds.'),
  latencyWindows: count.min(1).default(outlierDefaults.latencyWindows).describe('And in this many intervals in a row.'),
  baseEjectionMs: milliseconds
    .default(outlierDefaults.baseEjectionMs)
    .describe('The first ejection, in milliseconds; each further one in a row is longer by as much.'),
  maxEjectionMs: milliseconds.default(outlierDefaults.maxEjectionMs).describe('The longest ejection without its jitter, in milliseconds.'),
  jitterRatio: z.number().min(0).max(1).default(outlierDefaults.jitterRatio).describe('Up to this share is added to every ejection.'),
  maxEjectedPercent: percent.default(outlierDefaults.maxEjectedPercent).describe('Share of the pool that may be ejected, in percent.'),
  maxEjected: count.default(outlierDefaults.maxEjected).describe('Number of targets that may be ejected.'),
  capRule: z
    .enum(['after', 'before'])
    .default('after')
    .describe('Whether the share is asked with the next ejection counted (after) or without it (before).'),
  alwaysEjectOne: z.boolean().default(true).describe('Whether one target may be ejected whatever the limits say.'),
  returnOnPass: z
    .enum(['local', 'always', 'never'])
    .default('local')
    .describe('Which ejections a passed probe takes back: those for want of an answer, all, or none.'),
  consecutiveThrottled: count
    .default(outlierDefaults.consecutiveThrottled)
    .describe('429 in a row, or 503 with Retry-After, that begin a back-off; 0: off.'),
  backOffMs: milliseconds.default(outlierDefaults.backOffMs).describe('The back-off where the target gives no time, in milliseconds.'),
  maxBackOffMs: milliseconds
    .default(outlierDefaults.maxBackOffMs)
    .describe('The longest back-off, in milliseconds, whatever the target asks for.'),
})
