import { VirtualNetwork } from '@hotspare/core/testing'
import type { SimulatedMachine } from '@hotspare/core/testing'
import { createPeerLease } from '@hotspare/failover/peer-lease'
import type { SimulatedDrivers } from '@hotspare/failover/simulator'
import { createHeartbeat, memoryCounter } from '@hotspare/heartbeat'
import { virtualTransport } from '@hotspare/heartbeat/testing'
import { createLease, type LeaseRegister } from '@hotspare/lease'
import { type RegisterPacket, serveVirtualRegister, virtualRegister, type VirtualRecords } from '@hotspare/lease/testing'

/** What the engine is simulated with: the real heartbeat and the real leases, over virtual networks. */
export const simulatedDrivers: SimulatedDrivers = {
  heartbeats(simulation, { nodes, intervalMs, timeoutMs }) {
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
          intervalMs,
          detector: { type: 'timeout', timeoutMs },
          session: Array.from({ length: 16 }, () => Math.floor(random.next() * 16).toString(16)).join(''),
          counter: memoryCounter({ clock: machine.clock }),
          transport: virtualTransport(machine, places),
          clock: machine.clock,
        }),
    }
  },
  leases: (simulation, { hasArbiter }) => (hasArbiter ? keptByArbiter(simulation) : keptByPeers()),
}

function keptByArbiter(simulation: Parameters<SimulatedDrivers['leases']>[0]): ReturnType<SimulatedDrivers['leases']> {
  const wire = new VirtualNetwork<RegisterPacket>(simulation)
  const records: VirtualRecords = new Map()
  // A process has one register for all of its leases.
  const registers = new WeakMap<SimulatedMachine, LeaseRegister>()
  const registerOf = (machine: SimulatedMachine) => {
    const register = registers.get(machine) ?? virtualRegister(wire, machine, 'arbiter')
    registers.set(machine, register)
    return register
  }
  return {
    wire,
    serve: (machine) => serveVirtualRegister(wire, machine, records),
    make: ({ node, name, machine, ttlMs, withoutMargin }) => ({
      lease: createLease({
        ...(withoutMargin ? { clockRateError: 0, timerLatenessMs: 0, marginMs: 0.001 } : {}),
        register: registerOf(machine),
        name,
        holder: node,
        ttlMs,
        clock: machine.clock,
        bootMs: () => machine.bootMs(),
      }),
    }),
  }
}

function keptByPeers(): ReturnType<SimulatedDrivers['leases']> {
  return {
    make({ node, name, members, machine, peers }) {
      const lease = createPeerLease({ node, name, members, peers, clock: machine.clock, bootMs: () => machine.bootMs() })
      return { lease, answer: (body, about) => lease.answer(body, about) }
    },
  }
}
