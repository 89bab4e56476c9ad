import { randomBytes } from 'node:crypto'
import { errorText } from '@hotspare/core'
import { createFailover, decisionDefaults, failoverMethods, type LeasePort } from '@hotspare/failover'
import { createPeerLease, type PeerLease, peerLeaseMethod, peerLeaseNameOf } from '@hotspare/failover/peer-lease'
import { createHeartbeat } from '@hotspare/heartbeat'
import { createPeerChannel, type PeerHandler } from '@hotspare/heartbeat/channel'
import { createLease } from '@hotspare/lease'
import { hostAndPort } from '../config/addresses.ts'
import type { ClusterConfig, Config, ResourceConfig, ServiceConfig } from '../config/config.ts'
import { configFingerprint } from '../config/fingerprint.ts'
import { heartbeatSettings } from '../config/heartbeat-settings.ts'
import { clusterEvent, type ToldEvent } from './events.ts'
import type { Cluster, ClusterSurroundings } from './cluster.ts'
import { clusterView } from './cluster-view.ts'
import { capacityOf, nodeOf, serviceDefinition } from './definition.ts'
import { instructionsFor } from './runbook/instructions.ts'
import { fenceDesk, watchdogOf } from './fencing/parts.ts'
import { guardedResource } from './resources/guarded.ts'
import { leaseWaitMs, staggerMs } from './lease-wait.ts'
import { PeopleFiles } from './people-files.ts'
import { clusterPeers } from './peers-port.ts'
import { registerFor } from './registers.ts'
import { type ResourcePart, resourcePart, type ResourceSurroundings } from './resources/part.ts'
import { carriersOf, type KnownNodes, siteNodesOf } from './node-facts.ts'
import { departureOf } from './departure.ts'
import { SiteDesk } from './sites/desk.ts'
import { siteWordMethod } from './sites/word.ts'
import { sitesOf } from './sites/view.ts'
import { type VotesAnswer, votesMethod } from './votes/message.ts'
import { VotesRelay } from './votes/relay.ts'

/** The map of a node in a cluster: who lives, who may act, what moves, and who decides. Undefined where the file has no cluster. */
export function composeCluster(config: Config, surroundings: ClusterSurroundings): Cluster | undefined {
  const { clock, logger, record: tell, votesCame: came = () => {}, vipDriver } = surroundings
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
      [siteWordMethod]: (body, about) => siteDesk.answer(body, about),
      [votesMethod]: async (body, about): Promise<VotesAnswer> => votes?.answer(body, about) ?? { believed: false },
    },
    clock,
    logger,
  })
  channel.subscribe(record)
  channel.subscribe((event) => {
    if (event.type === 'peer-process-gone') heartbeat.processGone(event.peer, event)
    if (event.type === 'peer-connected') fence?.connected(event.peer)
  })
  const peers = clusterPeers(heartbeat, channel)

  // What people say of a whole site.
  const known = (): KnownNodes => ({
    node,
    nodes: cluster.nodes.map(({ name, site, capacity }) => ({ name, site, capacity })),
    services: config.services.map(({ name, members, load, with: leader }) => ({ name, members, load, with: leader })),
    maintenance: people.maintenance?.because,
    snapshots: failover.snapshot(),
    alive: (name) => peers.verdict(name),
    agrees: (name) => peers.agrees(name),
    reportOf: (name) => failover.reportOf(name),
  })
  const carriers = () => carriersOf(known())
  const sites = () => sitesOf(siteNodesOf(known()))
  const siteDesk = new SiteDesk({
    node,
    nodes: cluster.nodes,
    folder: cluster.state,
    people,
    peers,
    departure: (leaving) => departureOf(carriers(), leaving),
    clock,
  })

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

  // Who is switched off.
  const fence = fenceDesk(config, { peers, clock, changed: () => failover.look(), record })
  const watchdog = watchdogOf(config, { until: () => failover.heldUntilMs(), clock, logger })
  watchdog?.subscribe(record)

  // What moves.
  const around: ResourceSurroundings = { node, cluster, vipDriver, peerIdentities: () => failover.peerIdentities(), record, clock, logger }
  const parts: ResourcePart[] = []
  function resourceOf(resource: ResourceConfig, service: ServiceConfig) {
    const part = resourcePart(resource, service, around)
    parts.push(part)
    return watchdog ? guardedResource(part.resource, () => watchdog.obstacle()) : part.resource
  }

  // Who decides.
  const leaseMs = leaseWaitMs(cluster.arbiter)
  const mine = config.services.filter(({ members }) => members.includes(node))
  const failover = createFailover({
    node,
    peerNodes: others.map(({ name }) => name),
    services: mine.map((service) => {
      const resources = service.resources.map((resource) => resourceOf(resource, service))
      return {
        definition: serviceDefinition(service, config.fencing, config.services),
        lease: leaseOf(service, cluster),
        resources,
        instructions: instructionsFor({ service, resources, stateFolder: cluster.state, leaseMs, fencing: config.fencing }),
        hasCheck: true,
      }
    }),
    peers,
    people: {
      hold: () => people.hold,
      maintenance: () => people.maintenance?.because,
      maintenanceOf: (name) => siteDesk.maintenanceOf(name),
    },
    fence,
    reserveMs: () => watchdog?.reserveMs() ?? 0,
    capacity: capacityOf(config, cluster),
    // What serves is not given up for a holder that may be dead, before its right could have run out.
    rules: { yieldMs: Math.max(decisionDefaults.yieldMs, 2 * leaseMs), staggerMs: staggerMs(cluster.arbiter) },
    identities: () => parts.flatMap(({ identities }) => identities?.() ?? []),
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
      await Promise.all(parts.map(async (part) => part.start?.()))
      await fence?.start()
      await watchdog?.start()
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
    fence?.stop()
    votes?.stop()
    const holds = people.hold !== undefined
    // One after the other, and none is kept open by another one that fails.
    await Promise.all(parts.map(({ resource, stop: end }) => quietly(resource.id, async () => end?.({ holds }))))
    // What could not be let go of is left to it.
    await quietly('the watchdog', async () => watchdog?.stop({ safe: !failover.mayHold() }))
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
    siteDesk,
    carriers,
    sites,
    votes,
    start: () => (starting ??= start()),
    stop: () => (stopping ??= stop()),
    view: () => ({
      ...clusterView({
        config,
        cluster,
        people,
        peers,
        failover,
        connections: channel.snapshot().peers,
        heard: heartbeat.snapshot().peers,
      }),
      sites: sites(),
      off: fence?.view(),
      watchdog: watchdog?.snapshot(),
    }),
  }
}
