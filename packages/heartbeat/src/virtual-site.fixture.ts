import { type SimulatedMachine, type SimulatedMachineOptions, Simulation, VirtualNetwork } from '@hotspare/core/testing'
import type { HeartbeatEvent } from './events.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { ClusterSecret } from './schema-parts.ts'
import type { HeartbeatOptions } from './options.ts'
import { virtualTransport } from './testing/index.ts'
import type { TransportFactory } from './transport.ts'

/** A packet as it was seen on the wire. */
export interface Captured {
  readonly network: number
  readonly from: string
  readonly to: string
  readonly bytes: Uint8Array
}

export interface VirtualNode {
  readonly name: string
  readonly machine: SimulatedMachine
  readonly heartbeat: Heartbeat
  readonly events: readonly HeartbeatEvent[]
  /** Like `peer-up b`, `path-down b/1`; everything but what tells nothing about a peer. */
  story(): string[]
}

export const SITE_SECRETS: readonly ClusterSecret[] = [{ id: 1, secret: 'the secret of the virtual site' }]

/** What a right wall clock shows at the start of a site. */
export const SITE_WALL_MS = 1_700_000_000_000

interface VirtualSiteOptions {
  readonly seed?: number | undefined
  readonly names?: readonly string[] | undefined
  readonly networks?: number | undefined
}

/** Machines on one or more virtual networks, one path over each, with heartbeats that use them in place of UDP. */
export class VirtualSite {
  readonly simulation: Simulation
  readonly networks: readonly VirtualNetwork<Uint8Array>[]
  /** What an attacker has who listens everywhere. */
  readonly captured: Captured[] = []
  /** What the transports answer instead of sending, by network. */
  readonly sendFaults: Map<number, Error> = new Map()
  readonly #names: readonly string[]

  constructor({ seed = 1, names = ['a', 'b'], networks = 1 }: VirtualSiteOptions = {}) {
    this.simulation = new Simulation({ seed })
    this.networks = Array.from({ length: networks }, () => new VirtualNetwork<Uint8Array>(this.simulation))
    this.#names = names
  }

  /** Starts a heartbeat on a new machine; one of the same name that was killed is replaced. */
  async start(name: string, changes: Partial<HeartbeatOptions> = {}, on: SimulatedMachineOptions = {}): Promise<VirtualNode> {
    // A wall clock that is right, unless told otherwise.
    const machine = this.simulation.machine(name, { startWallMs: SITE_WALL_MS + this.simulation.nowMs, ...on })
    const peers = this.#names
      .filter((other) => other !== name)
      .map((other) => ({
        name: other,
        paths: this.networks.map((_, network) => ({ address: this.#address(network, other), from: this.#address(network, name) })),
      }))
    const heartbeat = createHeartbeat({
      node: name,
      listen: this.networks.map((_, network) => this.#address(network, name)),
      peers,
      secrets: SITE_SECRETS,
      clock: machine.clock,
      transport: this.#transport(machine),
      ...changes,
    })
    const events: HeartbeatEvent[] = []
    heartbeat.subscribe((event) => events.push(event))
    await heartbeat.start()
    return { name, machine, heartbeat, events, story: () => events.flatMap(line) }
  }

  run(byMs: number): Promise<void> {
    return this.simulation.run(byMs)
  }

  /** Waits for something that needs virtual time. */
  async during<T>(byMs: number, work: Promise<T>): Promise<T> {
    await this.run(byMs)
    return work
  }

  /** Sends bytes as an attacker does, who can reach everybody. */
  inject(network: number, to: string, bytes: Uint8Array): void {
    this.networks[network]?.send('attacker', to, Uint8Array.from(bytes))
  }

  #address(network: number, name: string): string {
    return `10.0.${network}.${this.#names.indexOf(name) + 1}:7401`
  }

  /** The virtual transport, with an ear on the wire and the faults of a socket. */
  #transport(machine: SimulatedMachine): TransportFactory {
    const places = new Map(
      this.networks.flatMap((network, index) =>
        this.#names.map((name) => [this.#address(index, name), { machine: name, network }] as const),
      ),
    )
    const factory = virtualTransport(machine, places)
    return (options) => {
      const transport = factory(options)
      return {
        ...transport,
        send: (bytes, route, done) => {
          const network = networkOf(route.from)
          const fault = this.sendFaults.get(network)
          if (fault) return done(fault)
          this.captured.push({ network, from: machine.name, to: places.get(route.to)?.machine ?? '', bytes })
          transport.send(bytes, route, done)
        },
      }
    }
  }
}

function networkOf(address: string): number {
  return Number(address.split('.')[2])
}

function line(event: HeartbeatEvent): string[] {
  if (!('peer' in event)) return []
  return [`${event.type} ${event.peer}${'path' in event ? `/${event.path}` : ''}`]
}
