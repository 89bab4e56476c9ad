import { uptime } from 'node:os'
import type { Clock, Logger, Random } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { monitorDefaults } from './defaults.ts'
import type { ObserverRules } from './observer-health.ts'
import { type ObserverOptions, observerRulesSchema } from './observer-rules.ts'
import type { Probe } from './probe.ts'
import { probeSchema } from './probe-schema.ts'
import type { HealthRulesOptions } from './rules.ts'

/** A target to look at. The rules it leaves out are {@link healthDefaults}. */
export interface MonitoredTargetOptions extends HealthRulesOptions {
  readonly id: string
  readonly probe: Probe
  /** Targets that may well fail together: one host, one rack. They count as one where most fail at once. Default: its own `id` */
  readonly group?: string | undefined
  /** Known to have nothing in common with the others and to be always there: whether it answers shows how the observer is. Default: false */
  readonly canary?: boolean | undefined
}

export interface HealthMonitorOptions {
  /** Results kept for each target. Default: 20 */
  readonly historySize?: number | undefined
  /** Probes in flight at a time; more wait their turn, the longest due first. Default: 100 */
  readonly maxConcurrentProbes?: number | undefined
  /** When the monitor takes itself for the sick one; `false`: never. Default: {@link observerDefaults} */
  readonly observer?: ObserverOptions | false | undefined
  readonly clock?: Clock | undefined
  /** Milliseconds since boot, suspended time included. Default: the machine's, or the monotonic clock of a `clock` that is not the system's */
  readonly bootMs?: (() => number) | undefined
  readonly random?: Random | undefined
  readonly logger?: Logger | undefined
}

export interface MonitorLimits {
  readonly historySize: number
  readonly maxConcurrentProbes: number
  readonly observer: ObserverRules | false
}

export const monitorLimitsSchema: z.ZodType<MonitorLimits, Pick<HealthMonitorOptions, keyof MonitorLimits>> = z.strictObject({
  historySize: z.int().min(1).max(10_000).default(monitorDefaults.historySize).describe('Results kept for each target.'),
  maxConcurrentProbes: z
    .int()
    .min(1)
    .max(100_000)
    .default(monitorDefaults.maxConcurrentProbes)
    .describe('Probes in flight at a time; more wait their turn.'),
  observer: z
    .union([z.literal(false), observerRulesSchema])
    .prefault({})
    .describe('When the monitor takes itself for the sick one; `false`: never.'),
})

/** Who a target is. */
export const targetIdentitySchema: z.ZodType<Required<Pick<MonitoredTargetOptions, 'id' | 'group' | 'canary'>>> = z.object({
  id: z.string().min(1),
  group: z.string().min(1),
  canary: z.boolean(),
})

/** How a target is looked at. */
export const monitoredProbeSchema: z.ZodType<{ readonly probe: Pick<Probe, 'timeoutMs' | 'run'> }> = z.object({ probe: probeSchema })

/** Only the system's clock goes with the machine's boot: beside another clock it would look like a suspend without end. */
export function bootClock(clock: Clock): () => number {
  return clock === systemClock ? () => uptime() * 1_000 : () => clock.monotonicMs()
}
