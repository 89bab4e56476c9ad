import { z } from 'zod'
import { type DampingOptions, type DampingRules, dampingRulesSchema } from './damping-rules.ts'
import { healthDefaults } from './defaults.ts'
import type { MachineRules } from './machine.ts'
import { milliseconds } from './milliseconds.ts'
import type { PaceRules } from './schedule.ts'

export { milliseconds } from './milliseconds.ts'

/** When a target is looked at, and what changes its state; all optional, for callers. */
export interface HealthRulesOptions {
  /** From the start of a probe to the start of the next, in milliseconds. Default: 1,000 */
  readonly intervalMs?: number | undefined
  /** The same while the state may be about to change: at the start, and within a streak. At most `intervalMs`, which is the default */
  readonly fastIntervalMs?: number | undefined
  /** The same while the target is down and nothing has passed. Default: `intervalMs` */
  readonly downIntervalMs?: number | undefined
  /** Passed probes in a row that bring a target up again. Default: 2 */
  readonly rise?: number | undefined
  /** Failed probes in a row that mark a target down. Default: 3 */
  readonly fall?: number | undefined
  /** Failed requests in a row, as real traffic reports them, that mark a target down; 0 switches it off. Default: 5 */
  readonly trafficFailures?: number | undefined
  /** What is believed before anything was seen. Default: `unknown` */
  readonly initialState?: 'unknown' | 'up' | 'down' | undefined
  /** Holds a flapping target back when it returns; `{}` switches it on with its defaults. Default: off */
  readonly damping?: DampingOptions | undefined
}

/** The rules of one target, complete. */
export interface HealthRules extends MachineRules, PaceRules {
  readonly initialState: 'unknown' | 'up' | 'down'
  /** Undefined: off. */
  readonly damping: DampingRules | undefined
}

const count = z.int().max(1_000)

/** The rules as data, for whoever reads them from a file. */
export const healthRulesSchema: z.ZodType<HealthRules, HealthRulesOptions> = z
  .strictObject({
    intervalMs: milliseconds
      .default(healthDefaults.intervalMs)
      .describe('From the start of a probe to the start of the next, in milliseconds.'),
    fastIntervalMs: milliseconds
      .optional()
      .describe('The same while the state may be about to change; at most `intervalMs`, which is the default.'),
    downIntervalMs: milliseconds.optional().describe('The same while the target is down and nothing has passed. Default: `intervalMs`.'),
    rise: count.min(1).default(healthDefaults.rise).describe('Passed probes in a row that bring a target up again.'),
    fall: count.min(1).default(healthDefaults.fall).describe('Failed probes in a row that mark a target down.'),
    trafficFailures: count
      .min(0)
      .default(healthDefaults.trafficFailures)
      .describe('Failed requests of real traffic in a row that mark a target down; 0 switches it off.'),
    initialState: z.enum(['unknown', 'up', 'down']).default('unknown').describe('What is believed before anything was seen.'),
    damping: dampingRulesSchema
      .optional()
      .describe('Holds a flapping target back when it returns; `{}` switches it on with its defaults. Default: off.'),
  })
  .refine(({ intervalMs, fastIntervalMs = intervalMs }) => fastIntervalMs <= intervalMs, {
    path: ['fastIntervalMs'],
    message: 'must not be longer than intervalMs',
  })
  .transform(({ intervalMs, fastIntervalMs = intervalMs, downIntervalMs = intervalMs, damping, ...counts }) => {
    return { ...counts, intervalMs, fastIntervalMs, downIntervalMs, damping }
  })
