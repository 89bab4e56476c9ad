import { decisionDefaults, engineDefaults } from '../defaults.ts'
import type { FaultType } from './fault.ts'
import type { AddressSpec, FenceSpec, HeartbeatSpec, LookSpec, MovedSpec, Schedule, ScriptSpec, ServiceSpec, Some } from './schedule.ts'

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
  address: Object.freeze({ probeMs: 30, commandMs: 10, refreshMs: 100, gateMarginMs: 25, kernelLatenessMs: 20, allowedMs: 2_000 }),
})

/** {@link ServiceSpec} with the defaults filled in. */
export interface ResolvedService {
  readonly definition: ServiceSpec['definition']
  readonly ttlMs: number
  readonly check: LookSpec
  readonly look: LookSpec
  readonly address: AddressSpec
  readonly moved: MovedSpec | undefined
  readonly scripts: readonly ScriptSpec[]
  readonly records: number
}

export function resolveService({
  definition,
  ttlMs,
  check,
  look,
  address,
  moved,
  scripts = [],
  records = 0,
}: ServiceSpec): ResolvedService {
  const defaults = serviceSpecDefaults
  return {
    definition,
    ttlMs: ttlMs ?? defaults.ttlMs,
    check: filled(defaults.check, check),
    look: filled(defaults.look, look),
    address: filled(defaults.address, address),
    moved,
    scripts,
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
const FAILING: ReadonlySet<FaultType> = new Set<FaultType>(['actuator', 'provider-down', 'provider-slow', 'fence-dead', 'fence-slow'])

/**
 * Within which time each service is served again after the last fault, in true milliseconds: after a bid for a lease that
 * somebody holds, and, where plans have failed for lack of what they need, after the longest pause between two attempts. What a device
 * or a provider takes comes on top of that, and so do services that wait for each other.
 */
export function backWithinMs({ faults, site }: Pick<Schedule, 'faults' | 'site'>, services: readonly ResolvedService[]): number {
  const ttlMs = Math.max(0, ...services.map((service) => service.ttlMs))
  const pauseMs = faults.some(({ type }) => FAILING.has(type)) ? decisionDefaults.retryCapMs / (1 - CLOCK_RATE_ERROR) : 0
  const outsideMs = Math.max(0, ...services.map((service) => movingMs(service.moved) + fencingMs(service, site.fencing)))
  const depth = services.some(({ definition }) => definition.after || definition.with) ? services.length : 1
  const waitsMs = services.some(({ definition }) => definition.priority) ? decisionDefaults.orderMs : 0
  return decisionDefaults.yieldMs + depth * (2 * ttlMs + pauseMs + outsideMs) + waitsMs
}

/** Each attempt may take all of its time, and what was changed elsewhere is seen late. */
function movingMs(moved: MovedSpec | undefined): number {
  return moved ? 2 * (moved.allowedMs.acquire + moved.allowedMs.release) + 4 * moved.lookEveryMs : 0
}

/** One attempt that was under way, and one more; and a node that is switched on again in the calm. */
function fencingMs({ definition }: ResolvedService, fencing: Readonly<Record<string, FenceSpec>> = {}): number {
  if (!definition.fencing) return 0
  const deviceMs = Math.max(0, ...Object.values(fencing).map(({ allowedMs }) => allowedMs))
  return 2 * (deviceMs + engineDefaults.consentMs + 2 * engineDefaults.reportTimeoutMs) + definition.fencing.startDelayMs + POWER_ON_MS
}

/** Whoever was switched off in the calm has power again after this. */
export const POWER_ON_MS = 500
