import { randomBytes } from 'node:crypto'
import { type Clock, errorText, HotspareError, type Logger } from '@hotspare/core'
import { createFailover, decisionDefaults, type Failover, failoverMethods, type LeasePort } from '@hotspare/failover'
import { createPeerLease, type PeerLease, peerLeaseMethod, peerLeaseNameOf } from '@hotspare/failover/peer-lease'
import { createHeartbeat } from '@hotspare/heartbeat'
import { createPeerChannel, type PeerHandler } from '@hotspare/heartbeat/channel'
import { createLease } from '@hotspare/lease'
import { createVip, type Vip, type VipDriver } from '@hotspare/vip'
import { vipResource } from '@hotspare/vip/resource'
import { hostAndPort } from '../config/addresses.ts'
import type { ClusterConfig, Config, ResourceConfig, ServiceConfig } from '../config/config.ts'
import { configFingerprint } from '../config/fingerprint.ts'
import { heartbeatSettings } from '../config/heartbeat-settings.ts'
import { type ClusterEvent, clusterEvent, type ToldEvent } from './events.ts'
import { serviceDefinition } from './definition.ts'
import { instructionsFor } from './instructions.ts'
import { leaseWaitMs } from './lease-wait.ts'
import type { ClusterView } from './messages.ts'
import { PeopleFiles } from './people-files.ts'
import { type ClusterPeers, clusterPeers } from './peers-port.ts'
import { registerFor } from './registers.ts'
import { interfaceOn, lifetimeMsOf } from './vip-terms.ts'
import { type VotesAnswer, votesMethod } from './votes-message.ts'
import { VotesRelay } from './votes-relay.ts'

export interface ClusterSurroundings {
  readonly clock: Clock
  readonly logger: Logger
  readonly record: (event: ClusterEvent) => void
  /** Told what a peer that is believed holds of targets and checks. */
  readonly votesCame?: ((observer: string, body: unknown) => void) | undefined
  /** How addresses are put on interfaces. Default: by the kernel of this machine */
  readonly vipDriver?: VipDriver | undefined
}

/** One node's part in a cluster, running. */
export interface Cluster {
  readonly failover: Failover
  readonly people: PeopleFiles
  /** Undefined where each node believes itself. */
  readonly votes: VotesRelay | undefined
  view(): ClusterView
  /** Idempotent. @throws HotspareError that says what cannot be opened, and why; nothing stays open then */
  start(): Promise<void>
  /** Hands over what can be handed over, and lets go of the rest as each service's policy says. Idempotent. Never rejects. */
  stop(): Promise<void>
}

/** The map of a node in a cluster: who lives, who may act, what moves, and who decides. Undefined where the file has no cluster. */
export function composeCluster(config: Config, surroundings: ClusterSurroundings): Cluster | undefined {
  const { clock, logger, record: tell, votesCame: came = () => {}, vipDriver: driver } = surroundings
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
      [votesMethod]: async (body, about): Promise<VotesAnswer> => votes?.answer(body, about) ?? { believed: false },
    },
    clock,
    logger,
  })
  channel.subscribe(record)
  channel.subscribe((event) => {
    if (event.type === 'peer-process-gone') heartbeat.processGone(event.peer, event)
  })
  const peers = clusterPeers(heartbeat, channel)

  // What each holds of targets and checks.
  const votes = config.health.quorum && new VotesRelay({ others: others.map(({ name }) => name), peers, came, clock, logger })

  // Who may act.
  const register = registerFor(cluster.arbiter, clock)
  const peerLeases = new Map<string, PeerLease>()
  function leaseOf({ name, members }: ServiceConfig, { arbiter }: ClusterConfig): LeasePort {
    if (register && arbiter.type !== 'none') {
      const lease = createLease({ register, name, holder: node, ttlMs: arbiter.ttlMs, clock, logger })
      lease.subscribe(record)
      return lease
    }
    const lease = createPeerLease({ node, name, members, peers, clock, logger })
    peerLeases.set(name, lease)
    return lease
  }

  // What moves.
  const vips: { readonly vip: Vip; readonly keeps: boolean }[] = []
  function resourceOf(resource: ResourceConfig, service: ServiceConfig, { arbiter }: ClusterConfig) {
    const keeps = service.onControlLoss === 'keep'
    const lifetimeMs = lifetimeMsOf(service, arbiter)
    const vip = createVip({ address: resource.address, interface: interfaceOn(resource, node), lifetimeMs, driver, clock, logger })
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
  const leaseMs = leaseWaitMs(cluster.arbiter)
  const mine = config.services.filter(({ members }) => members.includes(node))
  const failover = createFailover({
    node,
    peerNodes: others.map(({ name }) => name),
    services: mine.map((service) => {
      const resources = service.resources.map((resource) => resourceOf(resource, service, cluster))
      return {
        definition: serviceDefinition(service),
        lease: leaseOf(service, cluster),
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

  let engineBegan = false
  async function start(): Promise<void> {
    try {
      // Before anything else: a hold from before a crash counts from the first moment.
      await people.start()
      await heartbeat.start()
      await channel.start()
      await Promise.all(vips.map(({ vip }) => vip.start()))
      engineBegan = true
      await failover.start()
    } catch (error) {
      await (stopping ??= stop())
      throw error
    }
  }

  async function stop(): Promise<void> {
    // An engine that never began has put nothing anywhere: what is on an interface may be another daemon's of this machine.
    if (engineBegan) await failover.stop({ handOver: true })
    people.stop()
    votes?.stop()
    const stopVip = ({ vip, keeps }: (typeof vips)[number]) => vip.stop({ leave: keeps || people.hold !== undefined })
    // One after the other, and none is kept open by another one that fails.
    await Promise.all(vips.map((each) => quietly(each.vip.address, () => stopVip(each))))
    await quietly('the peer channel', () => channel.stop())
    await quietly('the heartbeat', () => heartbeat.stop())
    await quietly('the arbiter', async () => register?.close())
  }

  async function quietly(what: string, close: () => Promise<unknown>): Promise<void> {
    await close().catch((error: unknown) => logger.warn({ error: errorText(error) }, `the cluster stops, but for ${what}`))
  }

  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    failover,
    people,
    votes,
    start: () => (starting ??= start()),
    stop: () => (stopping ??= stop()),
    view: () => viewOf({ config, cluster, people, peers, failover, isConnected }),
  }

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
