import { decisionDefaults, engineDefaults } from '../defaults.ts'
import type { FaultType } from './fault.ts'
import type { AddressSpec, HeartbeatSpec, LookSpec, Schedule, ServiceSpec, Some } from './schedule.ts'

/** As far off as a clock may be that is slewed as fast as chrony does it: what the margins of the lease are made for. */
export const CLOCK_RATE_ERROR = 0.0834

/** A heartbeat that beats seldom: a beat is signed, and that is what a run spends its time on. All in milliseconds. */
export const heartbeatSpecDefaults: HeartbeatSpec = Object.freeze({ intervalMs: 200, timeoutMs: 800 })

/** What a {@link ServiceSpec} leaves out. Short times, for short runs. */
export const serviceSpecDefaults: Readonly<{ ttlMs: number; check: LookSpec; look: LookSpec; address: AddressSpec }> = Object.freeze({
  ttlMs: 1_000,
  check: Object.freeze({ intervalMs: 100, timeoutMs: 250, answerMs: 30, fall: 2, rise: 1 }),
  look: Object.freeze({ intervalMs: 100, timeoutMs: 250, answerMs: 30, fall: 2, rise: 1 }),
  // The probe is shorter than the real driver's; the gate is as there.
  address: Object.freeze({ probeMs: 30, commandMs: 10, refreshMs: 100, gateMarginMs: 25, kernelLatenessMs: 20 }),
})

/** {@link ServiceSpec} with the defaults filled in. */
export interface ResolvedService {
  readonly definition: ServiceSpec['definition']
  readonly ttlMs: number
  readonly check: LookSpec
  readonly look: LookSpec
  readonly address: AddressSpec
  readonly records: number
}

export function resolveService({ definition, ttlMs, check, look, address, records = 0 }: ServiceSpec): ResolvedService {
  const defaults = serviceSpecDefaults
  return {
    definition,
    ttlMs: ttlMs ?? defaults.ttlMs,
    check: filled(defaults.check, check),
    look: filled(defaults.look, look),
    address: filled(defaults.address, address),
    records,
  }
}

/** Defaults, and what was said instead. */
export function filled<Values extends object>(defaults: Values, values: Some<Values> = {}): Values {
  return { ...defaults, ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) }
}

/**
 * For how long something has to have been so before every node that runs must know it, in true milliseconds: by silence, by
 * looks, or by a report of a peer that may have to be repeated.
 */
export function knownWithinMs({
  services,
  heartbeat,
}: {
  readonly services: readonly ResolvedService[]
  readonly heartbeat: HeartbeatSpec
}): number {
  const byHeartbeat = heartbeat.timeoutMs + heartbeat.intervalMs
  const byLooks = services.flatMap(({ check, look }) => [check, look]).map(lookMs)
  return (Math.max(byHeartbeat, ...byLooks, engineDefaults.reportMs) + 2 * engineDefaults.tickMs) / (1 - CLOCK_RATE_ERROR)
}

/** None begins before the one before it has ended. */
function lookMs({ intervalMs, fastMs = intervalMs, timeoutMs, fall, rise }: LookSpec): number {
  return Math.max(intervalMs, timeoutMs) + (Math.max(fall, rise) - 1) * Math.max(fastMs, timeoutMs) + timeoutMs
}

/** Faults after which a node tries again only after ever longer pauses. */
const FAILING: ReadonlySet<FaultType> = new Set<FaultType>(['actuator'])

/**
 * Within which time each service is served again after the last fault, in true milliseconds: after a bid for a lease that
 * somebody holds, and, where plans have failed for lack of what they need, after the longest pause between two attempts.
 */
export function backWithinMs({ faults }: Pick<Schedule, 'faults'>, services: readonly ResolvedService[]): number {
  const ttlMs = Math.max(0, ...services.map((service) => service.ttlMs))
  const pauseMs = faults.some(({ type }) => FAILING.has(type)) ? decisionDefaults.retryCapMs / (1 - CLOCK_RATE_ERROR) : 0
  return decisionDefaults.yieldMs + 2 * ttlMs + pauseMs
}
