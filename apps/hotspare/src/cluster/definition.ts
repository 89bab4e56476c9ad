import { HotspareError } from '@hotspare/core'
import type { CapacityOptions, ServiceDefinition } from '@hotspare/failover'
import { type ClusterConfig, type Config, isOnInterface, type ServiceConfig } from '../config/config.ts'
import type { FencingConfig } from '../config/config-fencing.ts'
import { lookCheck } from './look-check.ts'

/** A service of the file, as the engine takes it. */
export function serviceDefinition(service: ServiceConfig, fencing?: FencingConfig, all: readonly ServiceConfig[] = []): ServiceDefinition {
  const {
    name,
    members,
    onControlLoss,
    failback,
    maxFailoversPerHour,
    after,
    with: leader,
    apartFrom = [],
    priority,
    fencing: mode,
  } = service
  // Who is kept apart from it keeps apart as well: either may be the one that is taken last.
  const apart = [...new Set([...apartFrom, ...all.flatMap((each) => (each.apartFrom?.includes(name) ? [each.name] : []))])]
  return {
    name,
    members,
    onControlLoss,
    failback: failback.type === 'manual' ? { type: 'manual' } : { type: 'after', holdMs: failback.afterMs },
    maxFailoversPerHour,
    // What is on an interface stays there when Hotspare dies: taken blindly, it would be on two.
    ...(lookCheck(service) !== undefined || service.resources.some(isOnInterface) ? {} : { isLookedAt: false }),
    ...(after === undefined ? {} : { after }),
    ...(leader === undefined ? {} : { with: leader }),
    ...(apart.length === 0 ? {} : { apartFrom: apart }),
    ...(priority === undefined ? {} : { priority }),
    ...(mode === undefined ? {} : { fencing: { mode, startDelayMs: fencing?.startDelayMs ?? 0 } }),
  }
}

/** @throws HotspareError `HOTSPARE_APP_USAGE` for a node that the cluster does not have */
export function nodeOf({ nodes }: ClusterConfig, node: string): ClusterConfig['nodes'][number] {
  const own = nodes.find(({ name }) => name === node)
  if (own) return own
  throw new HotspareError({
    code: 'HOTSPARE_APP_USAGE',
    message: `cluster: ${node} is none of its nodes: ${nodes.map(({ name }) => name).join(', ')}`,
  })
}

/** What nodes can carry and services weigh, as the engine takes it; undefined where the file weighs nothing. */
export function capacityOf({ services }: Pick<Config, 'services'>, { nodes }: ClusterConfig): CapacityOptions | undefined {
  const weighed = nodes.flatMap(({ name, capacity }) => (capacity === undefined ? [] : [[name, capacity] as const]))
  const loads = services.flatMap(({ name, load }) => (load === undefined ? [] : [[name, load] as const]))
  return weighed.length === 0 ? undefined : { nodes: Object.fromEntries(weighed), loads: Object.fromEntries(loads) }
}
