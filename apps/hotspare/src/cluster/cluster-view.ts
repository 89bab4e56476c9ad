import type { Failover, ServiceSnapshot } from '@hotspare/failover'
import type { PeerSnapshot } from '@hotspare/heartbeat'
import type { PeerChannelSnapshot } from '@hotspare/heartbeat/channel'
import { hostAndPort } from '../config/addresses.ts'
import type { ClusterConfig, Config } from '../config/config.ts'
import type { ClusterView } from './messages.ts'
import type { PeopleFiles } from './people-files.ts'
import type { ClusterPeers } from './peers-port.ts'

/** What a node knows of its cluster, and from whom. */
interface ViewParts {
  readonly config: Config
  readonly cluster: ClusterConfig
  readonly people: PeopleFiles
  readonly peers: ClusterPeers
  readonly failover: Failover
  /** By the peer channel. */
  readonly connections: PeerChannelSnapshot['peers']
  readonly heard: readonly PeerSnapshot[]
}

/** How the cluster stands, as this node sees it: what control and people are told. */
export function clusterView({ config, cluster, people, peers, failover, connections, heard }: ViewParts): Omit<ClusterView, 'sites'> {
  return {
    node: config.node,
    arbiter: cluster.arbiter.type,
    hold: people.hold,
    maintenance: people.maintenance,
    peers: cluster.nodes
      .filter(({ name }) => name !== config.node)
      .map(({ name, site, peer }) => {
        const report = failover.reportOf(name)
        return {
          name,
          site,
          address: hostAndPort(peer),
          alive: peers.verdict(name),
          connected: connections.some((each) => each.name === name && each.verdict.state === 'connected'),
          agrees: peers.agrees(name),
          hold: report?.hold,
          maintenance: report?.maintenance,
          beats: heard.find((each) => each.name === name)?.paths.map(({ timings }) => timings) ?? [],
        }
      }),
    services: failover.snapshot().map(told),
  }
}

/** What the API promises of a candidate, and no more. */
function told(service: ServiceSnapshot): ServiceSnapshot {
  return { ...service, candidates: service.candidates.map(({ node, eligible, because }) => ({ node, eligible, because })) }
}
