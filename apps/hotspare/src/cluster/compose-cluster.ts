import { randomBytes } from 'node:crypto'
import { type Clock, HotspareError, type Logger } from '@hotspare/core'
import { createFailover, decisionDefaults, type Failover, failoverMethods, type LeasePort } from '@hotspare/failover'
import { createPeerLease, type PeerLease, peerLeaseMethod, peerLeaseNameOf } from '@hotspare/failover/peer-lease'
import { createHeartbeat } from '@hotspare/heartbeat'
import { createPeerChannel, type PeerHandler } from '@hotspare/heartbeat/channel'
import { createLease, timingChain } from '@hotspare/lease'
import { createVip, type Vip } from '@hotspare/vip'
import { vipResource } from '@hotspare/vip/resource'
import { hostAndPort } from '../config/addresses.ts'
import type { ClusterConfig, Config, ResourceConfig, ServiceConfig } from '../config/config.ts'
import { configFingerprint } from '../config/fingerprint.ts'
import { heartbeatSettings } from '../config/heartbeat-settings.ts'
import { type ClusterEvent, clusterEvent, type ToldEvent } from './events.ts'
import { serviceDefinition } from './definition.ts'
import { instructionsFor, PEER_LEASE_MS } from './instructions.ts'
import type { ClusterView } from './messages.ts'
import { PeopleFiles } from './people-files.ts'
import { type ClusterPeers, clusterPeers } from './peers-port.ts'
import { registerFor } from './registers.ts'

export interface ClusterSurroundings {
  readonly clock: Clock
  readonly logger: Logger
  readonly record: (event: ClusterEvent) => void
}

/** One node's part in a cluster, running. */
export interface Cluster {
  readonly failover: Failover
  readonly people: PeopleFiles
  view(): ClusterView
  /** @throws HotspareError that says what cannot be opened, and why; nothing stays open then */
  start(): Promise<void>
  /** Hands over what can be handed over, and lets go of the rest as each service's policy says. Never rejects. */
  stop(): Promise<void>
}

/** The map of a node in a cluster: who lives, who may act, what moves, and who decides. Undefined where the file has no cluster. */
export function composeCluster(config: Config, { clock, logger, record: tell }: ClusterSurroundings): Cluster | undefined {
  const { cluster, node } = config
  if (!cluster) return undefined
  const own = nodeOf(cluster, node)
  const others = cluster.nodes.filter(({ name }) => name !== node)
  const record = (event: ToldEvent) => tell(clusterEvent(event))
  // Names this process for peers, in heartbeat and channel alike.
  const session = randomBytes(8).toString('hex')

  // What people say stands above everything.
  const people = new PeopleFiles({ folder: cluster.state, clock, changed: () => failover.look(), record })

  // Who lives.
  const heartbeat = createHeartbeat({ ...heartbeatSettings(cluster, node), session, clock, logger })
  heartbeat.subscribe(record)
  const channel = createPeerChannel({
    node,
    session,
    listen: own.peer,
    peers: others.map(({ name, peer }) => ({ name, address: hostAndPort(peer) })),
    secrets: cluster.secrets,
    fingerprint: configFingerprint(config),
    handlers: {
      ...Object.fromEntries(
        failoverMethods.map((method): [string, PeerHandler] => [method, (body, about) => failover.answer(method, body, about)]),
      ),
      [peerLeaseMethod]: async (body, about) => peerLeases.get(peerLeaseNameOf(body) ?? '')?.answer(body, about),
    },
    clock,
    logger,
  })
  channel.subscribe(record)
  channel.subscribe((event) => {
    if (event.type === 'peer-process-gone') heartbeat.processGone(event.peer, event)
  })
  const peers = clusterPeers(heartbeat, channel)

  // Who may act.
  const register = registerFor(cluster.arbiter, clock)
  const peerLeases = new Map<string, PeerLease>()
  function leaseOf(service: ServiceConfig): LeasePort {
    const { name, members } = service
    if (register && cluster?.arbiter.type !== 'none') {
      const lease = createLease({ register, name, holder: node, ttlMs: cluster?.arbiter.ttlMs ?? 0, clock, logger })
      lease.subscribe(record)
      return lease
    }
    const lease = createPeerLease({ node, name, members, peers, clock })
    peerLeases.set(name, lease)
    return lease
  }

  // What moves.
  const vips: { readonly vip: Vip; readonly keeps: boolean }[] = []
  function resourceOf(resource: ResourceConfig, { onControlLoss }: ServiceConfig) {
    const keeps = onControlLoss === 'keep'
    const lifetimeMs = keeps || cluster?.arbiter.type === 'none' ? undefined : cluster?.arbiter.ttlMs
    const vip = createVip({ address: resource.address, interface: interfaceOn(resource, node), lifetimeMs, clock, logger })
    vip.subscribe(record)
    vips.push({ vip, keeps })
    return vipResource(vip, {
      interfaceOf: (name) => interfaceOn(resource, name),
      // A node whose Hotspare has died may still have it; whether it serves there was looked at before.
      tolerate: () => (keeps ? failover.peerIdentities() : []),
      hasLifetime: lifetimeMs !== undefined,
    })
  }

  // Who decides.
  const leaseMs = cluster.arbiter.type === 'none' ? PEER_LEASE_MS : timingChain({ ttlMs: cluster.arbiter.ttlMs }).takeoverMs
  const mine = config.services.filter(({ members }) => members.includes(node))
  const failover = createFailover({
    node,
    peerNodes: others.map(({ name }) => name),
    services: mine.map((service) => {
      const resources = service.resources.map((resource) => resourceOf(resource, service))
      return {
        definition: serviceDefinition(service),
        lease: leaseOf(service),
        resources,
        instructions: instructionsFor({ service, resources, stateFolder: cluster.state, leaseMs }),
        hasCheck: true,
      }
    }),
    peers,
    people: { hold: () => people.hold, maintenance: () => people.maintenance?.because },
    // What serves is not given up for a holder that may be dead, before its right could have run out.
    rules: { yieldMs: Math.max(decisionDefaults.yieldMs, 2 * leaseMs) },
    identities: () => vips.flatMap(({ vip }) => vip.snapshot().link?.mac ?? []),
    clock,
    logger,
  })
  failover.subscribe(record)

  async function start(): Promise<void> {
    try {
      // Before anything else: a hold from before a crash counts from the first moment.
      await people.start()
      await heartbeat.start()
      await channel.start()
      await Promise.all(vips.map(({ vip }) => vip.start()))
      await failover.start()
    } catch (error) {
      await stop()
      throw error
    }
  }

  async function stop(): Promise<void> {
    await failover.stop({ handOver: true })
    people.stop()
    await Promise.allSettled(vips.map(({ vip, keeps }) => vip.stop({ leave: keeps || people.hold !== undefined })))
    await channel.stop()
    await heartbeat.stop()
    await register?.close()
  }

  return { failover, people, start, stop, view: () => viewOf({ config, cluster, people, peers, failover, isConnected }) }

  function isConnected(name: string): boolean {
    return channel.snapshot().peers.some((peer) => peer.name === name && peer.verdict.state === 'connected')
  }
}

interface ViewParts {
  readonly config: Config
  readonly cluster: ClusterConfig
  readonly people: PeopleFiles
  readonly peers: ClusterPeers
  readonly failover: Failover
  readonly isConnected: (name: string) => boolean
}

function viewOf({ config, cluster, people, peers, failover, isConnected }: ViewParts): ClusterView {
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
          connected: isConnected(name),
          agrees: peers.agrees(name),
          hold: report?.hold,
          maintenance: report?.maintenance,
        }
      }),
    services: failover.snapshot(),
  }
}

function nodeOf({ nodes }: ClusterConfig, node: string): ClusterConfig['nodes'][number] {
  const own = nodes.find(({ name }) => name === node)
  if (own) return own
  throw new HotspareError({
    code: 'HOTSPARE_APP_USAGE',
    message: `cluster: ${node} is none of its nodes: ${nodes.map(({ name }) => name).join(', ')}`,
  })
}

function interfaceOn({ address, interfaces }: ResourceConfig, node: string): string {
  const name = interfaces[node]
  if (name !== undefined) return name
  throw new HotspareError({ code: 'HOTSPARE_APP_USAGE', message: `vip ${address}: no interface is given for ${node}` })
}
