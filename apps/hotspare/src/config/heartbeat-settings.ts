import type { HeartbeatSettings, PeerOptions } from '@hotspare/heartbeat'
import { hostAndPort } from './addresses.ts'
import type { ClusterConfig, NodeConfig } from './config.ts'

/**
 * What the heartbeat of one node goes by: the nth path between two nodes leads from the nth address of the one to the nth of
 * the other, and where one has fewer, its last stands in. So both ends come to the same paths in the same order.
 *
 * @param node the name of a node of the cluster
 */
export function heartbeatSettings(cluster: ClusterConfig, node: string): HeartbeatSettings {
  const own = cluster.nodes.find(({ name }) => name === node)
  const listen = own ? addressesOf(own) : []
  return {
    node,
    listen,
    peers: cluster.nodes.filter(({ name }) => name !== node).map((peer) => peerOf(peer, listen)),
    secrets: cluster.secrets,
    intervalMs: cluster.heartbeat.intervalMs,
    detector: cluster.heartbeat.detector,
  }
}

function peerOf(peer: NodeConfig, own: readonly string[]): PeerOptions {
  const theirs = addressesOf(peer)
  const length = Math.max(theirs.length, own.length)
  const paths = Array.from({ length }, (_, index) => ({ address: theirs[index] ?? theirs.at(-1) ?? '', from: own[index] ?? own.at(-1) }))
  return { name: peer.name, paths }
}

/** The first is the one that everything else uses too. */
function addressesOf({ peer, paths }: NodeConfig): string[] {
  return [peer, ...paths].map(hostAndPort)
}
