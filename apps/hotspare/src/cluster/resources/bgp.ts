import type { Resource } from '@hotspare/core/plan'
import { createVip, vipDefaults } from '@hotspare/vip'
import { bgpInstruction, bgpResource, birdDefaults } from '@hotspare/vip/bird'
import type { ClusterConfig, ServiceConfig } from '../../config/config.ts'
import type { BgpResourceConfig } from '../../config/config-announced.ts'
import type { ResourcePart, ResourceSurroundings } from './part.ts'
import { interfaceOn, lifetimeMsOf } from './vip-terms.ts'

/** An address that BIRD announces while it is on this node: its life is that of a virtual address, its standing is BIRD's. */
export function bgpPart(resource: BgpResourceConfig, service: ServiceConfig, surroundings: ResourceSurroundings): ResourcePart {
  const { node, cluster, vipDriver: driver, record, clock, logger } = surroundings
  const { socket, sessions, minEstablished } = resource
  const keeps = service.onControlLoss === 'keep'
  const lifetimeMs = lifetimeMsOf(service, cluster.arbiter)
  const vip = createVip({ address: resource.address, interface: interfaceOn(resource, node), lifetimeMs, driver, clock, logger })
  vip.subscribe((event) => {
    // Routers learn of it by BGP: that nothing goes out by ARP is no news.
    if (event.type !== 'vip-announcer-degraded') record(event)
  })
  return {
    resource: bgpResource(vip, {
      socket,
      sessions,
      minEstablished,
      interfaceOf: (name) => interfaceOn(resource, name),
      hasLifetime: lifetimeMs !== undefined,
      clock,
    }),
    start: () => vip.start(),
    stop: ({ holds }) => vip.stop({ leave: keeps || holds }),
  }
}

/** It for people, from the file alone. */
export function describedBgp(
  resource: BgpResourceConfig,
  service: ServiceConfig,
  { arbiter }: ClusterConfig,
): Pick<Resource, 'id' | 'allowedMs' | 'instruction'> {
  const { address, sessions } = resource
  const hasLifetime = lifetimeMsOf(service, arbiter) !== undefined
  return {
    id: `bgp ${address}`,
    allowedMs: { acquire: birdDefaults.allowedMs, release: vipDefaults.allowedMs },
    instruction: (verb, node) => bgpInstruction(verb, { address, interface: interfaceOn(resource, node), hasLifetime, sessions }),
  }
}
