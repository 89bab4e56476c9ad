import { LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'
import { healthDefaults } from './defaults.ts'
import type { MachineRules } from './machine.ts'

export const milliseconds: z.ZodInt = z.int().min(1).max(LONGEST_DELAY_MS)

/** When a target is looked at, and what changes its state; all optional, for callers. */
export interface HealthRulesOptions {
  /** From the start of a probe to the start of the next, in milliseconds. Default: 1,000 */
  readonly intervalMs?: number | undefined
  /** Passed probes in a row that bring a target up again. Default: 2 */
  readonly rise?: number | undefined
  /** Failed probes in a row that mark a target down. Default: 3 */
  readonly fall?: number | undefined
  /** Failed requests in a row, as real traffic reports them, that mark a target down; 0 switches it off. Default: 5 */
  readonly trafficFailures?: number | undefined
}

/** The rules of one target, complete. */
export interface HealthRules extends MachineRules {
  readonly intervalMs: number
}

const count = z.int().max(1_000)

/** The rules as data, for whoever reads them from a file. */
export const healthRulesSchema: z.ZodType<HealthRules, HealthRulesOptions> = z.strictObject({
  intervalMs: milliseconds.default(healthDefaults.intervalMs),
  rise: count.min(1).default(healthDefaults.rise),
  fall: count.min(1).default(healthDefaults.fall),
  trafficFailures: count.min(0).default(healthDefaults.trafficFailures),
})
