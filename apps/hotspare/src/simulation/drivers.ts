import { VirtualNetwork } from '@hotspare/core/testing'
import type { SimulatedMachine } from '@hotspare/core/testing'
import { createPeerLease } from '@hotspare/failover/peer-lease'
import type { SimulatedDrivers } from '@hotspare/failover/simulator'
import { createHeartbeat, memoryCounter } from '@hotspare/heartbeat'
import { virtualTransport } from '@hotspare/heartbeat/testing'
import { createLease, type LeaseRegister } from '@hotspare/lease'
import { type AddressProvider, providerResource } from '@hotspare/vip/providers'
import { type RegisterPacket, serveVirtualRegister, virtualRegister, type VirtualRecords } from '@hotspare/lease/testing'

/** For one call to a provider, as those of the package have it, in milliseconds. */
const CALL_MS = 10_000

/** What the engine is simulated with: the real heartbeat, the real leases and the real driver of providers, over what is virtual. */
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
  moved: ({ id, node, members, machine, random, spec, provider }) => {
    const { shape, takesMs, answerMs, allowedMs, lookEveryMs } = spec
    const place = 'place'
    const moved: AddressProvider = {
      id,
      shape,
      terms: {
        typicalMs: takesMs,
        allowedMs,
        callMs: Math.min(CALL_MS, allowedMs.acquire),
        pollMs: Math.max(1, answerMs),
        lookEveryMs,
        credentialsPauseMs: CALL_MS,
        rate: { perSecond: 100, burst: 100, source: 'a virtual site has no limits' },
      },
      look: async () => ({ places: [{ name: place, holder: await provider.look() }] }),
      assign: ({ target }) => provider.assign(target).then(() => undefined),
      unassign: ({ target }) => provider.unassign(target).then(() => undefined),
      instruction: (verb) => ({
        what: `The provider is to ${verb} it.`,
        manual: ['hotspare status'],
        verification: { command: 'hotspare status', expect: 'active' },
      }),
      close: async () => {},
    }
    return providerResource(moved, { node, targets: Object.fromEntries(members.map((name) => [name, name])), clock: machine.clock, random })
  },
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
