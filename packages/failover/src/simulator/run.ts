import type { HealthState } from '@hotspare/core'
import type { PlanPurpose } from '@hotspare/core/plan'
import type { Role } from '../facts.ts'
import type { SimulatedDrivers } from './drivers.ts'
import { Inflictor } from './inflict.ts'
import type { Span } from './ledger.ts'
import type { Mutations } from './mutations.ts'
import type { Schedule } from './schedule.ts'
import { Site } from './site.ts'

export type { Span } from './ledger.ts'

/** Something that must not happen and did. */
export interface Violation {
  /** In true milliseconds since the start. */
  readonly atMs: number
  readonly what: string
}

/** A plan that a node ran. */
export interface PlanRun {
  readonly service: string
  /** Who ran it. */
  readonly node: string
  readonly purpose: PlanPurpose
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly because: string
  readonly beginMs: number
  /** Undefined where its process died with it. */
  readonly endMs?: number | undefined
  /** Whether all of its steps were done. */
  readonly ok: boolean
}

/** A node has another opinion of something than before. */
export type Notice = { readonly atMs: number; readonly node: string } & (
  | { readonly about: 'peer'; readonly peer: string; readonly state: HealthState }
  | { readonly about: 'check'; readonly service: string; readonly state: HealthState }
  /** Whether the service answers at its address, as seen from there. */
  | { readonly about: 'look'; readonly service: string; readonly state: 'yes' | 'no' }
  | { readonly about: 'arbiter'; readonly service: string; readonly state: 'up' | 'down' }
  | { readonly about: 'role'; readonly service: string; readonly state: Role }
)

/** How one service fared. */
export interface ServiceRun {
  /** When no node had its address and served there. From the start on: at first nobody does. */
  readonly unserved: readonly Span[]
  /** When two kernels had its address. Allowed for `keep`, and for a machine that has just slept. */
  readonly twoHolders: readonly Span[]
  /** Who had its address in the end. */
  readonly holders: readonly string[]
  /** From the beginning of the calm until it was served for good, in true milliseconds. */
  readonly backMs: number
}

/** How a schedule went. All times are true ones, in milliseconds since the start. */
export interface Run {
  readonly violations: readonly Violation[]
  readonly plans: readonly PlanRun[]
  readonly services: Readonly<Record<string, ServiceRun>>
  readonly notices: readonly Notice[]
  /** Faults that struck, with the time; those for which there was nothing to strike are missing. */
  readonly struck: readonly { readonly atMs: number; readonly fault: number }[]
  readonly endMs: number
  /** How many events it took: a measure of the work. */
  readonly events: number
  /** The same for two runs that did the same. */
  readonly digest: string
}

export interface RunOptions {
  readonly drivers: SimulatedDrivers
  readonly mutations?: Mutations | undefined
  /** Told of all that happens, line by line. */
  readonly trace?: ((line: string) => void) | undefined
}

/** How often it is looked whether all is as it should be, in the calm. */
const CALM_LOOK_MS = 250

/**
 * Runs a site through the faults of a schedule, then through a calm. The same schedule gives the same run.
 *
 * @throws HotspareError `HOTSPARE_FAILOVER_OPTIONS` for services that the engine refuses, `HOTSPARE_CORE_SIMULATION` when time
 * stands still
 */
export async function runSchedule(schedule: Schedule, { drivers, mutations = {}, trace }: RunOptions): Promise<Run> {
  const site = new Site(schedule, { drivers, mutations, trace })
  const { simulation } = site
  const inflictor = new Inflictor(site, schedule)
  await simulation.run(schedule.calmAtMs)
  inflictor.calm()
  const calmMs = schedule.calmMs ?? site.backWithinMs + 1_000
  const { settledMs = Infinity } = schedule
  let settledForMs = 0
  for (let passedMs = 0; passedMs < calmMs && settledForMs < settledMs; passedMs += CALM_LOOK_MS) {
    await simulation.run(Math.min(CALM_LOOK_MS, calmMs - passedMs))
    settledForMs = Number.isFinite(settledMs) && site.isSettled() ? settledForMs + CALM_LOOK_MS : 0
  }
  return site.end(schedule.calmAtMs)
}
