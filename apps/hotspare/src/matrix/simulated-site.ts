import type { FenceSpec, MovedSpec, ServiceSpec, SiteSpec } from '@hotspare/failover/simulator'
import { vipDefaults } from '@hotspare/vip'
import { capacityOf, serviceDefinition } from '../cluster/definition.ts'
import { fenceLevelsOf } from '../cluster/fencing/devices.ts'
import type { ServiceConfig } from '../config/config.ts'
import type { ClusterFile } from './cluster-file.ts'
import type { OutsideTimes } from './resource-times.ts'
import { allowances, deviceMsOf, timesOf } from './times.ts'

/** What a call to a provider takes that moves nothing, in milliseconds. */
export const PROVIDER_ANSWER_MS = 200

/** The simulator's picture of a file. */
export function siteOf(file: ClusterFile): SiteSpec {
  const { cluster, services, fencing } = file
  const { intervalMs, detector } = cluster.heartbeat
  const times = services.map((service) => timesOf(service, file))
  const capacity = capacityOf(file, cluster)
  return {
    nodes: cluster.nodes.map(({ name }) => ({ name })),
    services: services.map((service) => serviceSpec(service, file)),
    arbiter: cluster.arbiter.type !== 'none',
    heartbeat: { intervalMs, timeoutMs: detector.timeoutMs },
    rules: {
      yieldMs: Math.max(0, ...times.map(({ yieldMs }) => yieldMs)),
      staggerMs: Math.max(0, ...times.map((each) => each.staggerMs)),
    },
    ...(capacity ? { capacity } : {}),
    ...(services.some((service) => service.fencing !== undefined)
      ? { fencing: Object.fromEntries(cluster.nodes.map(({ name }) => [name, fenceSpec(name, fencing)])) }
      : {}),
  }
}

/** The device of a node, which is well; what is switched off stays so. */
function fenceSpec(node: string, fencing: ClusterFile['fencing']): FenceSpec {
  const allowedMs = fenceLevelsOf(fencing, node)?.allowedMs ?? 1
  return { takesMs: deviceMsOf({ deviceMs: allowedMs }), allowedMs }
}

function serviceSpec(service: ServiceConfig, file: ClusterFile): ServiceSpec {
  const { lease, look, gateRefreshMs, gateMarginMs, probeWaitMs, resources } = timesOf(service, file)
  const { intervalMs, fastIntervalMs: fastMs, timeoutMs, fall, rise } = service.check
  const answerMs = Math.min(allowances.answerMs, timeoutMs / 2)
  const address = resources.isMoved ? resources.outside.find(({ moved }) => moved) : undefined
  return {
    // The way back is another matter than the failure.
    definition: { ...serviceDefinition(service, file.fencing, file.services), failback: { type: 'manual' } },
    ...(lease ? { ttlMs: lease.ttlMs } : {}),
    check: { intervalMs, fastMs, timeoutMs, fall, rise, answerMs },
    ...(look ? { look: { intervalMs: look.intervalMs, timeoutMs: look.timeoutMs, fall: look.fall, rise: 1, answerMs } } : {}),
    address: { probeMs: probeWaitMs, commandMs: allowances.commandMs, refreshMs: gateRefreshMs, gateMarginMs },
    ...(address ? { moved: movedSpec(address) } : {}),
    // What users reach it by comes first here, wherever the file has it: all of them count for the bound.
    scripts: [
      ...Array.from({ length: Math.max(0, resources.addresses - 1) }, () => ({
        takesMs: allowances.commandMs,
        allowedMs: vipDefaults.allowedMs,
      })),
      ...resources.outside
        .filter((each) => each !== address)
        .map(({ typicalMs, acquireMs, releaseMs }) => ({
          takesMs: typicalMs,
          allowedMs: Math.max(acquireMs, 2 * releaseMs, 2 * typicalMs),
        })),
    ],
  }
}

function movedSpec({ moved, typicalMs, acquireMs, releaseMs }: OutsideTimes): MovedSpec {
  const { provider = '', shape = 'atomic', lookEveryMs = 1 } = moved ?? {}
  // Taken off the one and given to the other: what it takes as a rule is both.
  const takesMs = shape === 'atomic' ? typicalMs : typicalMs / 2
  return { provider, shape, takesMs, answerMs: PROVIDER_ANSWER_MS, allowedMs: { acquire: acquireMs, release: releaseMs }, lookEveryMs }
}
