import { VirtualNetwork } from '@hotspare/core/testing'
import { createPeerLease } from '@hotspare/failover/peer-lease'
import { type Mutations, simulate, type SimulatedDrivers, type SimulationOutcome } from '@hotspare/failover/testing'
import { createHeartbeat, memoryCounter } from '@hotspare/heartbeat'
import { virtualTransport } from '@hotspare/heartbeat/testing'
import { createLease } from '@hotspare/lease'
import { type RegisterPacket, serveVirtualRegister, virtualRegister, type VirtualRecords } from '@hotspare/lease/testing'

type Heartbeats = Pick<SimulatedDrivers, 'heartbeats'>

/** The real heartbeat over a virtual network. */
const withHeartbeats: Heartbeats = {
  heartbeats(simulation, nodes) {
    const wire = new VirtualNetwork<Uint8Array>(simulation)
    const address = (name: string) => `10.0.0.${nodes.indexOf(name) + 1}:7401`
    const places = new Map(nodes.map((name) => [address(name), { machine: name, network: wire }]))
    return {
      wire,
      make: ({ node, peers, machine, random }) =>
        createHeartbeat({
          node,
          listen: [address(node)],
          peers: peers.map((name) => ({ name, paths: [{ address: address(name) }] })),
          secrets: [{ id: 1, secret: 'the secret of the virtual site' }],
          // Seldom and soon: a beat is signed, and that is what a schedule spends its time on.
          intervalMs: 200,
          detector: { type: 'timeout', timeoutMs: 800 },
          session: Array.from({ length: 16 }, () => Math.floor(random.next() * 16).toString(16)).join(''),
          counter: memoryCounter({ clock: machine.clock }),
          transport: virtualTransport(machine, places),
          clock: machine.clock,
        }),
    }
  },
}

/** The real lease, kept by an arbiter. */
const arbiter: SimulatedDrivers = {
  ...withHeartbeats,
  leases(simulation) {
    const wire = new VirtualNetwork<RegisterPacket>(simulation)
    const records: VirtualRecords = new Map()
    return {
      wire,
      serve: (machine) => serveVirtualRegister(wire, machine, records),
      make: ({ node, name, machine, ttlMs, withoutMargin }) => ({
        lease: createLease({
          ...(withoutMargin ? { clockRateError: 0, timerLatenessMs: 0, marginMs: 0.001 } : {}),
          register: virtualRegister(wire, machine, 'arbiter'),
          name,
          holder: node,
          ttlMs,
          clock: machine.clock,
          bootMs: () => machine.bootMs(),
        }),
      }),
    }
  },
}

/** The right among peers, without an arbiter. */
const peersOnly: SimulatedDrivers = {
  ...withHeartbeats,
  leases: () => ({
    make({ node, name, members, machine, peers }) {
      const lease = createPeerLease({ node, name, members, peers, clock: machine.clock, bootMs: () => machine.bootMs() })
      return { lease, answer: (body, about) => lease.answer(body, about) }
    },
  }),
}

/** Runs one schedule with an arbiter. */
export function simulateWithArbiter(seed: number, mutations: Mutations = {}, trace?: (line: string) => void): Promise<SimulationOutcome> {
  return simulate({ ...mutations, seed, drivers: arbiter, hasArbiter: true, trace })
}

/** Runs one schedule without an arbiter: only what may serve twice is allowed there. */
export function simulateWithoutArbiter(seed: number, trace?: (line: string) => void): Promise<SimulationOutcome> {
  return simulate({ seed, drivers: peersOnly, hasArbiter: false, onControlLoss: 'keep', trace })
}
