import type { SimulatedMachine, VirtualNetwork } from '@hotspare/core/testing'
import type { TransportFactory } from '../transport.ts'

/** Where an address leads: the machine that has it, and the network that it is on. */
export interface VirtualPlace {
  readonly machine: string
  readonly network: VirtualNetwork<Uint8Array>
}

/**
 * Carries a heartbeat's packets over virtual networks in place of UDP.
 *
 * @param places every address of the site, as heartbeats are configured with them
 */
export function virtualTransport(machine: SimulatedMachine, places: ReadonlyMap<string, VirtualPlace>): TransportFactory {
  return ({ listen }) => ({
    async open(handlers) {
      for (const address of listen) places.get(address)?.network.attach(machine, (bytes) => handlers.onPacket(bytes, address))
    },
    send(bytes, { from, to }, done) {
      const target = places.get(to)
      // Like a packet that is sent into another network: nobody is there.
      if (target && target.network === places.get(from)?.network) target.network.send(machine.name, target.machine, bytes)
      done(undefined)
    },
    async close() {},
  })
}
