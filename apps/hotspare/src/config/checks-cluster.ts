import { formatDuration } from '@hotspare/core'
import { hostAndPort } from './addresses.ts'
import { fencingContradictions } from './checks-fencing.ts'
import { type Reference, shownName } from './checks-names.ts'
import { detectionBoundMs } from '@hotspare/heartbeat'
import { calmTtlMs, optionsProblem } from './arbiter-options.ts'
import type { HeartbeatConfig, PeerAddress } from './config.ts'
import { serviceContradictions, serviceDoubts } from './checks-services.ts'
import { sameFamily } from './ip-addresses.ts'
import type { FileView } from './issues.ts'
import { type Finding, type Path, quote } from './problem.ts'
import { valueAt } from './schema-guide.ts'
import type { ParsedArbiter } from './schema-arbiter.ts'
import type { ParsedNode } from './schema-cluster.ts'
import type { ParsedService } from './schema-services.ts'
import { closest, suggestion } from './suggest.ts'

/** What of a draft belongs to the cluster and its services. */
export interface DraftCluster {
  /** This machine's name, from the file or from the machine; undefined where the file's is none. */
  readonly node: string | undefined
  readonly hasCluster: boolean
  readonly nodes: readonly DraftNode[]
  readonly heartbeat: HeartbeatConfig | undefined
  readonly arbiter: ParsedArbiter | undefined
  readonly services: readonly DraftService[]
}

interface DraftNode {
  readonly name: string
  readonly node: ParsedNode | undefined
}

export interface DraftService {
  readonly name: string
  readonly service: ParsedService | undefined
  /** Every place that names a member, even where the rest of the service is wrong. */
  readonly memberReferences: readonly Reference[]
}

const CLUSTER = ['cluster']
const NODES = [...CLUSTER, 'nodes']

export function clusterContradictions(draft: DraftCluster, view: FileView): Finding[] {
  return [
    ...missingCluster(draft),
    ...strangeNode(draft, view),
    ...repeatedPeers(draft),
    ...mixedPaths(draft),
    ...secretTwice(view),
    ...hastyHeartbeat(draft),
    ...lateHeartbeat(draft),
    ...arbiterContradictions(draft, view),
    ...serviceContradictions(draft, view),
    ...fencingContradictions(draft, view),
  ]
}

export function clusterDoubts(draft: DraftCluster): Finding[] {
  return [...nervousHeartbeat(draft), ...hastyArbiter(draft), ...arbiterOnNode(draft), ...idleCluster(draft), ...serviceDoubts(draft)]
}

function missingCluster({ hasCluster, services }: DraftCluster): Finding[] {
  if (hasCluster || services.length === 0) return []
  return [
    {
      path: ['services'],
      at: 'key',
      message: 'services need a cluster',
      hint: 'write the key "cluster" with nodes, a secret and an arbiter',
    },
  ]
}

/** A node that is none of the cluster's would watch nothing and be nobody's peer. */
function strangeNode({ node, nodes }: DraftCluster, view: FileView): Finding[] {
  const names = nodes.map(({ name }) => name)
  if (node === undefined || names.length === 0 || names.includes(node)) return []
  if (valueAt(view.value, ['node']) !== undefined) {
    const hint = view.reference(['node']) === undefined ? suggestion(node, names, 'known nodes') : undefined
    return [
      {
        path: ['node'],
        message: `the cluster has no node ${hint === undefined ? 'named as ' : ''}${shownName(['node'], node, view)}`,
        hint,
      },
    ]
  }
  const meant = closest(node, names)
  const hint = meant === undefined ? `write "node" with one of ${names.join(', ')}` : `did you mean ${quote(`node: ${meant}`)}?`
  return [{ path: NODES, at: 'key', message: `this machine is called ${quote(node)}, and no node is`, hint }]
}

interface PlacedPeer {
  readonly owner: string
  readonly path: Path
  readonly address: PeerAddress
}

function placedPeers({ nodes }: DraftCluster): PlacedPeer[] {
  return nodes.flatMap(({ name, node }) =>
    node
      ? [
          { owner: name, path: [...NODES, name, 'peer'], address: node.peer },
          ...node.paths.map((address, index) => ({ owner: name, path: [...NODES, name, 'paths', index], address })),
        ]
      : [],
  )
}

function repeatedPeers(draft: DraftCluster): Finding[] {
  const first = new Map<string, PlacedPeer>()
  return placedPeers(draft).flatMap((peer) => {
    const key = hostAndPort(peer.address)
    const earlier = first.get(key)
    if (!earlier) first.set(key, peer)
    return earlier ? [{ path: peer.path, message: `${earlier.owner} already has this address`, hint: 'each node needs its own' }] : []
  })
}

/** The second path of one node leads to the second of another: where one has fewer, its last stands in. */
function mixedPaths({ nodes }: DraftCluster): Finding[] {
  const [first, ...others] = nodes
  return others.flatMap(({ name, node }) => {
    const other = first?.node
    if (!node || !other) return []
    const [ours, theirs] = [
      [node.peer, ...node.paths],
      [other.peer, ...other.paths],
    ]
    const length = Math.max(ours.length, theirs.length)
    const index = Array.from({ length }, (_, at) => at).find((at) => {
      const [one, two] = [ours[Math.min(at, ours.length - 1)], theirs[Math.min(at, theirs.length - 1)]]
      return one && two && !sameFamily(one, two)
    })
    if (index === undefined) return []
    const path = index === 0 || ours.length === 1 ? 'peer' : 'paths'
    const at = path === 'peer' ? [path] : [path, Math.min(index, ours.length - 1) - 1]
    const message = `path ${index + 1} between ${first.name} and ${name} would be IPv4 at one end and IPv6 at the other`
    return [{ path: [...NODES, name, ...at], message, hint: 'list the addresses of all nodes in the same order of networks' }]
  })
}

function secretTwice(view: FileView): Finding[] {
  if (['secret', 'secrets'].some((key) => valueAt(view.value, [...CLUSTER, key]) === undefined)) return []
  return [
    {
      path: [...CLUSTER, 'secret'],
      at: 'key',
      message: '"secrets" is there too',
      hint: 'write one of them; "secret" is the same as a list of one with id 1',
    },
  ]
}

const FEWEST_INTERVALS = 3
/** At 30 % loss, four beats in a row are lost once in 120. */
const CALM_INTERVALS = 5

function heartbeatIntervals({ heartbeat }: DraftCluster): number {
  return heartbeat ? heartbeat.detector.timeoutMs / heartbeat.intervalMs : Infinity
}

/** `@hotspare/heartbeat` refuses that: one lost beat is no death. */
function hastyHeartbeat(draft: DraftCluster): Finding[] {
  const { heartbeat } = draft
  if (!heartbeat || heartbeatIntervals(draft) >= FEWEST_INTERVALS) return []
  const least = formatDuration(FEWEST_INTERVALS * heartbeat.intervalMs)
  return [
    {
      path: [...CLUSTER, 'heartbeat', 'timeout'],
      message: `shorter than ${FEWEST_INTERVALS} intervals`,
      hint: `one lost heartbeat is no death; write ${least} or more`,
    },
  ]
}

/** A promise that the times next to it break, whatever is measured. */
function lateHeartbeat({ heartbeat }: DraftCluster): Finding[] {
  if (!heartbeat?.promise) return []
  const { intervalMs, detector, promise } = heartbeat
  const { onTime } = detectionBoundMs({ intervalMs, limitMs: detector.timeoutMs, ownPauseMs: intervalMs })
  if (onTime <= promise.detectMs) return []
  return [
    {
      path: [...CLUSTER, 'heartbeat', 'promise', 'detect'],
      message: `a dead node is noticed within ${formatDuration(onTime)} with this interval and timeout`,
      hint: '`hotspare calibrate` says which keep the promise',
    },
  ]
}

function nervousHeartbeat(draft: DraftCluster): Finding[] {
  const intervals = heartbeatIntervals(draft)
  if (intervals >= CALM_INTERVALS) return []
  return [
    {
      path: [...CLUSTER, 'heartbeat', 'timeout'],
      message: `shorter than ${CALM_INTERVALS} intervals`,
      hint: 'a few lost heartbeats in a row, or a busy machine, then pass for a death',
    },
  ]
}

/** Of which a majority is left when one dies. */
const FEWEST_MEMBERS = 3

function arbiterContradictions({ arbiter }: DraftCluster, view: FileView): Finding[] {
  if (arbiter?.type === 'none' && !arbiter.acceptSplitBrain) {
    const hint =
      'without an arbiter, nodes that cannot see each other all become active and answer for the same address; write "acceptSplitBrain: true" if you accept that'
    const at = valueAt(view.value, [...CLUSTER, 'arbiter', 'acceptSplitBrain']) === undefined ? 'type' : 'acceptSplitBrain'
    return [{ path: [...CLUSTER, 'arbiter', at], message: 'two nodes may be active at once', hint }]
  }
  if (arbiter?.type === 'etcd' && (arbiter.user === undefined) !== (arbiter.password === undefined)) {
    const [there, missing] = arbiter.user === undefined ? ['password', 'user'] : ['user', 'password']
    return [
      {
        path: [...CLUSTER, 'arbiter', there],
        at: 'key',
        message: `"${missing}" is missing beside it`,
        hint: 'user and password go together',
      },
    ]
  }
  const problem = arbiter && optionsProblem(arbiter)
  return problem ? [{ path: [...CLUSTER, 'arbiter', problem.key], at: 'key', message: problem.message }] : []
}

/** A store that is slow at times ends rights with renewals that come late, and services move for nothing. */
function hastyArbiter({ arbiter }: DraftCluster): Finding[] {
  if (!arbiter || arbiter.type === 'none') return []
  const calmMs = calmTtlMs(arbiter.type)
  if (calmMs === undefined || arbiter.ttlMs >= calmMs) return []
  const message = `shorter than ${formatDuration(calmMs)}`
  const hint = `${arbiter.type} takes long to answer now and then, and a lease that is not renewed in time ends: services move for nothing`
  return [{ path: [...CLUSTER, 'arbiter', 'ttl'], message, hint }]
}

/** Where it dies with a node, the others may not act: just then. Three members on three nodes outlive one. */
function arbiterOnNode({ arbiter, nodes }: DraftCluster): Finding[] {
  if (arbiter?.type !== 'etcd' && arbiter?.type !== 'consul' && arbiter?.type !== 'witness') return []
  const urls = arbiter.type === 'witness' ? [arbiter.url] : arbiter.endpoints
  const owners = urls.map((url) => {
    const host = new URL(url).hostname.replaceAll(/^\[|\]$/g, '')
    return nodes.find(({ node }) => node && [node.peer, ...node.paths].some((address) => address.host === host))?.name
  })
  const [owner] = owners
  if (urls.length >= FEWEST_MEMBERS || owner === undefined || owners.includes(undefined)) return []
  const message = `the arbiter is on ${owner}`
  const hint = `when ${owner} dies, nobody else may act; put it on a machine that is none of these nodes`
  return [{ path: [...CLUSTER, 'arbiter', arbiter.type === 'witness' ? 'url' : 'endpoints'], message, hint }]
}

function idleCluster({ hasCluster, services }: DraftCluster): Finding[] {
  if (!hasCluster || services.length > 0) return []
  return [{ path: CLUSTER, at: 'key', message: 'there are no services', hint: 'the nodes watch each other, and nothing ever moves' }]
}
