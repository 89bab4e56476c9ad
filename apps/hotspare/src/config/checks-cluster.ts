import { formatDuration } from '@hotspare/core'
import { hostAndPort } from './addresses.ts'
import { type Reference, shownName } from './checks-names.ts'
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
    ...arbiterContradictions(draft, view),
    ...serviceContradictions(draft, view),
  ]
}

export function clusterDoubts(draft: DraftCluster): Finding[] {
  return [...nervousHeartbeat(draft), ...idleCluster(draft), ...serviceDoubts(draft)]
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
  return []
}

function idleCluster({ hasCluster, services }: DraftCluster): Finding[] {
  if (!hasCluster || services.length > 0) return []
  return [{ path: CLUSTER, at: 'key', message: 'there are no services', hint: 'the nodes watch each other, and nothing ever moves' }]
}
