import type { HealthState, Random, Verdict } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import type { LeasePort, PeersPort } from '../ports.ts'
import type { HeartbeatSpec, MovedSpec } from './schedule.ts'
import type { Wire } from './wires.ts'

/** A heartbeat, as far as the simulator needs it; that of `@hotspare/heartbeat` fits. */
export interface SimulatedHeartbeat {
  readonly session: string
  start(): Promise<void>
  stop(): Promise<void>
  verdict(peer: string): Verdict<HealthState>
  processGone(peer: string, gone: { readonly session?: string | undefined; readonly because: string }): void
  subscribe(listener: () => void): () => void
}

/** A network of its own, with heartbeats on it. */
export interface SimulatedHeartbeats {
  readonly wire: Wire
  make(parts: {
    readonly node: string
    readonly peers: readonly string[]
    readonly machine: SimulatedMachine
    readonly random: Random
  }): SimulatedHeartbeat
}

export interface SimulatedLeaseParts {
  readonly node: string
  /** Of the service. */
  readonly name: string
  readonly members: readonly string[]
  readonly machine: SimulatedMachine
  readonly ttlMs: number
  /** A lease that believes that clocks are perfect. */
  readonly withoutMargin: boolean
  /** For a lease without an arbiter. */
  readonly peers: Pick<PeersPort, 'verdict' | 'subscribe'> & {
    request(node: string, method: string, body: unknown, options: { readonly timeoutMs: number }): Promise<unknown>
  }
}

/** A lease, and what it answers to peers where there is no arbiter. */
export interface SimulatedLease {
  readonly lease: LeasePort
  readonly answer?: ((body: unknown, about: { readonly peer: string }) => unknown) | undefined
}

/** Where the rights are kept. */
export interface SimulatedLeases {
  /** The network to the arbiter; none where there is none. */
  readonly wire?: Wire | undefined
  /** Serves the same records as before, from a machine called `arbiter`. */
  readonly serve?: ((machine: SimulatedMachine) => void) | undefined
  make(parts: SimulatedLeaseParts): SimulatedLease
}

/** What a provider does for one address: single calls, each of which may fail, or never be answered. */
export interface SimulatedProvider {
  /** Which node has it. */
  look(): Promise<string | undefined>
  assign(node: string): Promise<void>
  unassign(node: string): Promise<void>
}

export interface SimulatedMoveParts {
  readonly id: string
  readonly node: string
  readonly members: readonly string[]
  readonly machine: SimulatedMachine
  readonly random: Random
  readonly spec: MovedSpec
  readonly provider: SimulatedProvider
}

/** What the engine is simulated with: the real lease, heartbeat and driver of providers, over what is virtual. */
export interface SimulatedDrivers {
  heartbeats(simulation: Simulation, parts: { readonly nodes: readonly string[] } & HeartbeatSpec): SimulatedHeartbeats
  leases(simulation: Simulation, parts: { readonly hasArbiter: boolean }): SimulatedLeases
  /** An address that a provider moves; that of `@hotspare/vip/providers` fits. */
  moved(parts: SimulatedMoveParts): Resource
}
