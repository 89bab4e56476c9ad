import type { Resource } from '@hotspare/core/plan'
import { Keepalived, keepalivedAllowedMs, keepalivedInstruction, keepalivedResource } from '@hotspare/vip/keepalived'
import type { KeepalivedResourceConfig } from '../../config/config-announced.ts'
import type { ResourcePart, ResourceSurroundings } from './part.ts'
import { interfaceOn } from './vip-terms.ts'

/** An address that keepalived has while this node is active. */
export function keepalivedPart(resource: KeepalivedResourceConfig, surroundings: ResourceSurroundings): ResourcePart {
  const { node, vipDriver: driver, clock } = surroundings
  const { address, routerId, advertIntervalMs } = resource
  const managed = keepalivedResource(daemonOf(resource, surroundings), {
    address,
    interface: interfaceOn(resource, node),
    routerId,
    advertIntervalMs,
    interfaceOf: (name) => interfaceOn(resource, name),
    driver,
    clock,
  })
  return { resource: managed, start: () => managed.start(), stop: () => managed.stop() }
}

/** It for people, from the file alone. */
export function describedKeepalived(resource: KeepalivedResourceConfig): Pick<Resource, 'id' | 'allowedMs' | 'instruction'> {
  const { address, folder, advertIntervalMs } = resource
  return {
    id: `keepalived ${address}`,
    allowedMs: keepalivedAllowedMs(advertIntervalMs),
    instruction: (verb, node) => keepalivedInstruction(verb, { address, interface: interfaceOn(resource, node), folder }),
  }
}

/** One for each folder: all addresses of a node's keepalived share its FIFO and its reloads. */
const daemons = new WeakMap<ResourceSurroundings, Map<string, Keepalived>>()

function daemonOf({ folder, pidFile }: KeepalivedResourceConfig, surroundings: ResourceSurroundings): Keepalived {
  const own = daemons.get(surroundings) ?? new Map<string, Keepalived>()
  daemons.set(surroundings, own)
  const known = own.get(folder) ?? new Keepalived({ folder, pidFile, logger: surroundings.logger })
  own.set(folder, known)
  return known
}
