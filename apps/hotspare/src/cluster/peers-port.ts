import type { PeersPort } from '@hotspare/failover'
import type { Heartbeat } from '@hotspare/heartbeat'
import type { PeerChannel } from '@hotspare/heartbeat/channel'

/** The heartbeat and the channel as one: for the engine, and for leases among peers, whose method is another. */
export interface ClusterPeers extends Omit<PeersPort, 'request'> {
  request(node: string, method: string, body: unknown, options: Parameters<PeersPort['request']>[3]): Promise<unknown>
}

/** What the channel tells that changes nothing about a peer. */
const NO_NEWS: ReadonlySet<string> = new Set(['connections-refused'])

export function clusterPeers(heartbeat: Heartbeat, channel: PeerChannel): ClusterPeers {
  return {
    verdict: (node) => heartbeat.verdict(node),
    agrees: (node) => channel.snapshot().peers.find(({ name }) => name === node)?.fingerprintAgrees,
    request: (node, method, body, options) => channel.request(node, method, body, options),
    subscribe(listener) {
      const ends = [
        heartbeat.subscribe((event) => {
          if (event.type.startsWith('peer-')) listener()
        }),
        channel.subscribe((event) => {
          if (!NO_NEWS.has(event.type)) listener()
        }),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}
