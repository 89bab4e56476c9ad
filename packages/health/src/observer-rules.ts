import { z } from 'zod'
import { observerDefaults } from './defaults.ts'
import { milliseconds } from './milliseconds.ts'
import type { ObserverRules } from './observer-health.ts'

/** When the monitor takes itself for the sick one; all optional, for callers. */
export interface ObserverOptions {
  /** The share of a probe's time that this process may stand still before its silence is doubted. Default: 0.25 */
  readonly lagRatio?: number | undefined
  /** For how long one target's silence is doubted because this process lags, of the time in which it runs, in milliseconds. Default: 30,000 */
  readonly maxDoubtMs?: number | undefined
  /** For how long after a suspend or a jump of the clock silence is doubted, in milliseconds. Default: 5,000 */
  readonly settleMs?: number | undefined
  /** So many unrelated groups must stop answering at once to be doubted. Default: 5 */
  readonly massGroups?: number | undefined
  /** And more than this share of those that were looked at meanwhile. Default: 0.5 */
  readonly massRatio?: number | undefined
  /** What counts as at once, in milliseconds; at least one and a half intervals of each target. Default: 2,000 */
  readonly massWindowMs?: number | undefined
  /** For how long a mass failure is doubted; then it counts, in milliseconds. Default: 30,000 */
  readonly massHoldMs?: number | undefined
}

const ratio = z.number().gt(0).max(1)

export const observerRulesSchema: z.ZodType<ObserverRules, ObserverOptions> = z
  .strictObject({
    lagRatio: ratio
      .default(observerDefaults.lagRatio)
      .describe("The share of a probe's time that this process may stand still before its silence is doubted."),
    maxDoubtMs: milliseconds
      .default(observerDefaults.maxDoubtMs)
      .describe("For how long one target's silence is doubted because this process lags, in milliseconds."),
    settleMs: milliseconds
      .default(observerDefaults.settleMs)
      .describe('For how long after a suspend or a jump of the clock silence is doubted, in milliseconds.'),
    massGroups: z
      .int()
      .min(2)
      .max(1_000_000)
      .default(observerDefaults.massGroups)
      .describe('So many unrelated groups must stop answering at once to be doubted.'),
    massRatio: ratio
      .default(observerDefaults.massRatio)
      .describe('And more than this share of those that were looked at meanwhile; 1 switches the rule off.'),
    massWindowMs: milliseconds
      .default(observerDefaults.massWindowMs)
      .describe('What counts as at once, in milliseconds; at least one and a half intervals of each target.'),
    massHoldMs: milliseconds
      .default(observerDefaults.massHoldMs)
      .describe('For how long a mass failure is doubted, in milliseconds; then it counts.'),
  })
  .transform((rules) => {
    const { suspendMs, jumpMs, wellAfterMs } = observerDefaults
    return { ...rules, suspendMs, jumpMs, wellAfterMs }
  })
