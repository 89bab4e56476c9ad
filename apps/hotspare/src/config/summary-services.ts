import { assertNever, formatDuration } from '@hotspare/core'
import { detectionBoundMs, type HeartbeatPromise, heartbeatSettingsSchema } from '@hotspare/heartbeat'
import { formatTimingChain, type TimingChain, timingChain } from '@hotspare/lease'
import { formatListen, hostAndPort } from './addresses.ts'
import { placeOfLeases } from './arbiter-options.ts'
import { type CloudResourceConfig, cloudName, isCloud } from './config-cloud.ts'
import type { DnsResourceConfig } from './config-dns.ts'
import type { ArbiterConfig, ClusterConfig, Config, InterfaceResourceConfig, ResourceConfig, ServiceConfig } from './config.ts'
import { falseAlarms } from './false-alarms.ts'
import { configFingerprint } from './fingerprint.ts'
import { heartbeatSettings } from './heartbeat-settings.ts'
import { type ReleaseTiming, releaseTiming } from './service-timing.ts'
import { addressOf } from './probe-address.ts'
import { type DetectionBound, type DetectionBoundsOf, formatBound, formatWatch, watchOf, type WatchSummary } from './summary-watch.ts'

/** What `hotspare check` tells about the cluster. Holds no secret. */
export interface ClusterSummary {
  readonly nodes: readonly {
    readonly name: string
    readonly peer: string
    readonly site: string | undefined
    readonly capacity?: number | undefined
  }[]
  readonly arbiter: ArbiterConfig['type']
  /** Which store of its kind, where there are several: `bucket hotspare in eu-central-1`. */
  readonly place: string | undefined
  /** Undefined without an arbiter. */
  readonly ttlMs: number | undefined
  /** From a node's last heartbeat to the verdict that it is dead. */
  readonly deadNode: NodeBound
  /** What the times of the heartbeat are to keep. */
  readonly promise: HeartbeatPromise | undefined
  /** The same on all nodes whose files agree. */
  readonly fingerprint: string
}

interface NodeBound extends DetectionBound {
  /** Where the node that watches is itself held up. */
  readonly heldUpMs: number
}

/** What a provider is told beside its targets may be secret: it is left out. */
type ResourceSummary =
  | InterfaceResourceConfig
  | Omit<DnsResourceConfig, 'account'>
  | (Pick<CloudResourceConfig, 'type' | 'targets'> & { readonly name: string })

/** What `hotspare check` tells about a service. */
export interface ServiceSummary
  extends
    WatchSummary,
    Pick<
      ServiceConfig,
      'name' | 'members' | 'onControlLoss' | 'failback' | 'maxFailoversPerHour' | 'load' | 'after' | 'with' | 'apartFrom' | 'priority'
    > {
  readonly resources: readonly ResourceSummary[]
  readonly check: ServiceConfig['check']['type']
  /** From the service's death to the verdict `down`. */
  readonly deadService: DetectionBound
  /** From the death of the active member to another's right to act. Undefined without an arbiter. */
  readonly takeover: DetectionBound | undefined
  /** Undefined without an arbiter. */
  readonly timing: ServiceTiming | undefined
}

interface ServiceTiming {
  readonly chain: TimingChain
  /** Of `release` services. */
  readonly release: Omit<ReleaseTiming, 'chain'> | undefined
}

export function summarizeCluster(config: Config, cluster: ClusterConfig): ClusterSummary {
  const { nodes, arbiter } = cluster
  return {
    nodes: nodes.map(({ name, peer, site, capacity }) => ({
      name,
      peer: hostAndPort(peer),
      site,
      ...(capacity === undefined ? {} : { capacity }),
    })),
    arbiter: arbiter.type,
    place: placeOfLeases(arbiter),
    ttlMs: ttlOf(arbiter),
    deadNode: nodeBoundOf(cluster, config.node),
    promise: cluster.heartbeat.promise,
    fingerprint: configFingerprint(config),
  }
}

export function summarizeService(service: ServiceConfig, arbiter: ArbiterConfig, boundsOf: DetectionBoundsOf): ServiceSummary {
  const {
    name,
    members,
    onControlLoss,
    failback,
    maxFailoversPerHour,
    load,
    after,
    with: leader,
    apartFrom,
    priority,
    resources,
    check,
  } = service
  const { down, up } = boundsOf(check)
  const ttlMs = ttlOf(arbiter)
  const timing = ttlMs === undefined ? undefined : timingOf(ttlMs, onControlLoss)
  return {
    name,
    members,
    onControlLoss,
    failback,
    maxFailoversPerHour,
    ...(load === undefined ? {} : { load }),
    ...(after === undefined ? {} : { after }),
    ...(leader === undefined ? {} : { with: leader }),
    ...(apartFrom === undefined ? {} : { apartFrom }),
    ...(priority === undefined ? {} : { priority }),
    resources: resources.map(summarizeResource),
    check: check.type,
    deadService: down,
    ...watchOf(check, addressOf(check), up),
    takeover: timing && takeoverOf(timing.chain),
    timing,
  }
}

function ttlOf(arbiter: ArbiterConfig): number | undefined {
  return arbiter.type === 'none' ? undefined : arbiter.ttlMs
}

function nodeBoundOf(cluster: ClusterConfig, node: string): NodeBound {
  const { intervalMs, ownPauseMs } = heartbeatSettingsSchema.parse(heartbeatSettings(cluster, node))
  const { timeoutMs } = cluster.heartbeat.detector
  const { onTime, late } = detectionBoundMs({ intervalMs, limitMs: timeoutMs, ownPauseMs })
  return { worstCaseMs: onTime, formula: `${formatDuration(timeoutMs)} + ${formatDuration(intervalMs)}`, heldUpMs: late }
}

function timingOf(ttlMs: number, onControlLoss: ServiceConfig['onControlLoss']): ServiceTiming {
  if (onControlLoss === 'keep') return { chain: timingChain({ ttlMs }), release: undefined }
  const { chain, ...release } = releaseTiming(ttlMs)
  return { chain, release }
}

function takeoverOf({ takeoverMs, timing }: TimingChain): DetectionBound {
  const { ttlMs, pollMs, callTimeoutMs } = timing
  const formula = `${formatDuration(ttlMs)} + ${formatDuration(pollMs)} + 3 * ${formatDuration(callTimeoutMs)}`
  return { worstCaseMs: takeoverMs, formula }
}

export function formatCluster(summary: ClusterSummary, own: string): string[] {
  const { nodes, arbiter, place, ttlMs, deadNode, promise, fingerprint } = summary
  return [
    `cluster: ${nodes.map((node) => formatNode(node, own)).join(', ')}`,
    ttlMs === undefined
      ? '  no arbiter: nodes that cannot see each other are all active'
      : `  ${arbiter}${place === undefined ? '' : ` (${place})`} says who may act; a lease lasts ${formatDuration(ttlMs)}`,
    `  a dead node is noticed within ${formatBound(deadNode)}; within ${formatDuration(deadNode.heldUpMs)} by one that is itself held up`,
    ...(promise
      ? [
          `  promised: within ${formatDuration(promise.detectMs)}, and at most ${falseAlarms(promise.falseAlarmsPerYear)} a year; \`hotspare calibrate\` looks whether that holds`,
        ]
      : []),
    `  the fingerprint is ${fingerprint}: compare it with the other nodes`,
  ]
}

function formatNode({ name, peer, site, capacity }: ClusterSummary['nodes'][number], own: string): string {
  const carries = capacity === undefined ? [] : [`carries ${capacity}`]
  return `${name} (${[...(name === own ? ['this node'] : []), peer, ...(site === undefined ? [] : [site]), ...carries].join(', ')})`
}

export function formatService(service: ServiceSummary): string[] {
  const { name, members, onControlLoss, failback, maxFailoversPerHour, resources, check, deadService, takeover, timing } = service
  const back = failback.type === 'manual' ? 'failback by people' : `failback after ${formatDuration(failback.afterMs)}`
  const most = maxFailoversPerHour === 1 ? '1 failover' : `${maxFailoversPerHour} failovers`
  return [
    `service ${name}: ${members.join(', then ')}; ${onControlLoss}; ${check} check; ${back}; at most ${most} an hour${formatRelations(service)}`,
    ...resources.map((resource) => `  ${formatResource(resource)}`),
    ...formatWatch(service, deadService, 'a dead service'),
    takeover
      ? `  after a node's death another may act within ${formatBound(takeover)}`
      : "  after a node's death another acts as soon as it has noticed",
    ...(timing ? formatTiming(timing) : []),
  ]
}

/** What it has to do with other services, and with what nodes can carry. */
function formatRelations({ load, after, with: leader, apartFrom, priority }: ServiceSummary): string {
  const words = [
    ...(priority === undefined ? [] : [`priority ${priority}`]),
    ...(after === undefined ? [] : [`after ${after.join(', ')}`]),
    ...(leader === undefined ? [] : [`with ${leader}`]),
    ...(apartFrom === undefined ? [] : [`apart from ${apartFrom.join(', ')}`]),
    ...(load === undefined ? [] : [`asks for ${load}`]),
  ]
  return words.map((word) => `; ${word}`).join('')
}

/** Without what a provider is shown. */
function summarizeResource(resource: ResourceConfig): ResourceSummary {
  if (isCloud(resource)) return { type: resource.type, name: cloudName(resource), targets: resource.targets }
  if (resource.type !== 'dns') return resource
  const { account: _, ...rest } = resource
  return rest
}

/** One interface, or one for each member where they differ. */
function formatResource(resource: ResourceSummary): string {
  if ('targets' in resource) {
    const given = Object.entries(resource.targets).map(([node, target]) => `${target} (${node})`)
    return `${resource.name}, which its provider gives to ${given.join(' or ')}`
  }
  if (resource.type === 'dns') {
    const { name, recordType, provider, follows, ttlSeconds } = resource
    const given = Object.entries(follows).map(([node, values]) => `${values.join(', ')} (${node})`)
    return `dns ${name} ${recordType} at ${provider}: ${given.join(' or ')}, for ${formatDuration(ttlSeconds * 1_000)}`
  }
  const { type, address, interfaces } = resource
  const names = [...new Set(Object.values(interfaces))]
  const where =
    names.length === 1
      ? `on ${names[0]}`
      : Object.entries(interfaces)
          .map(([node, each]) => `on ${each} of ${node}`)
          .join(', ')
  return `${type} ${address} ${where}${byWhom(resource)}`
}

function byWhom(resource: InterfaceResourceConfig): string {
  switch (resource.type) {
    case 'vip':
      return ''
    case 'bgp': {
      const { sessions, minEstablished, socket } = resource
      const which = sessions ? `of ${sessions.join(', ')}` : 'of BGP'
      return `, announced by BIRD (${socket}) with ${minEstablished} or more sessions ${which}`
    }
    case 'keepalived':
      return `, by keepalived with the router id ${resource.routerId}; it reads ${resource.folder}`
    default:
      return assertNever(resource)
  }
}

function formatTiming({ chain, release }: ServiceTiming): string[] {
  const lines = formatTimingChain(chain)
    .split('\n')
    .map((line) => `    ${line}`)
  if (!release) return ['  the times of its lease:', ...lines]
  const { gateMs, addressLifetimeSeconds } = release
  return [
    `  the times of its lease, with a packet gate that stays open for ${formatDuration(gateMs)} or more after each renewal:`,
    ...lines,
    addressLifetimeSeconds === undefined
      ? '    the address itself may stay for a second longer: the gate alone ends in time with a ttl this short'
      : `    behind the gate, the kernel removes the address itself at most ${addressLifetimeSeconds}s after a renewal (valid_lft), a quarter of a second late at worst`,
  ]
}

/** `witness 10.0.0.9:7402: leases in /var/lib/hotspare/witness.json` */
export function formatWitness({ listen, file }: { readonly listen: string; readonly file: string }): string {
  return `witness ${listen}: leases in ${file}`
}

export function summarizeWitness({ listen, file }: NonNullable<Config['witness']>): { readonly listen: string; readonly file: string } {
  return { listen: formatListen(listen), file }
}
