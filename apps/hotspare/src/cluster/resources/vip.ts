import type { Resource } from '@hotspare/core/plan'
import { createVip, vipDefaults } from '@hotspare/vip'
import { vipInstruction, vipResource } from '@hotspare/vip/resource'
import type { ClusterConfig, ServiceConfig, VipResourceConfig } from '../../config/config.ts'
import type { ResourcePart, ResourceSurroundings } from './part.ts'
import { interfaceOn, lifetimeMsOf } from './vip-terms.ts'

/** A virtual address, on the interface of this node. */
export function vipPart(resource: VipResourceConfig, service: ServiceConfig, surroundings: ResourceSurroundings): ResourcePart {
  const { node, cluster, vipDriver: driver, peerIdentities, record, clock, logger } = surroundings
  const keeps = service.onControlLoss === 'keep'
  const lifetimeMs = lifetimeMsOf(service, cluster.arbiter)
  const vip = createVip({ address: resource.address, interface: interfaceOn(resource, node), lifetimeMs, driver, clock, logger })
  vip.subscribe(record)
  return {
    resource: vipResource(vip, {
      interfaceOf: (name) => interfaceOn(resource, name),
      // A node whose Hotspare has died may still have it; whether it serves there was looked at before.
      tolerate: () => (keeps ? peerIdentities() : []),
      hasLifetime: lifetimeMs !== undefined,
    }),
    identities: () => [vip.snapshot().link?.mac ?? []].flat(),
    start: () => vip.start(),
    stop: ({ holds }) => vip.stop({ leave: keeps || holds }),
  }
}

/** It for people, from the file alone. */
export function describedVip(
  resource: VipResourceConfig,
  service: ServiceConfig,
  { arbiter }: ClusterConfig,
): Pick<Resource, 'id' | 'allowedMs' | 'instruction'> {
  const { address } = resource
  const hasLifetime = lifetimeMsOf(service, arbiter) !== undefined
  return {
    id: `vip ${address}`,
    allowedMs: { acquire: vipDefaults.allowedMs, release: vipDefaults.allowedMs },
    instruction: (verb, node) => vipInstruction(verb, { address, interface: interfaceOn(resource, node), hasLifetime }),
  }
}
