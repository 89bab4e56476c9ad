import type { Facts, PeerFact, ServiceReport } from './facts.ts'
import { reluctanceOf } from './room.ts'
import type { ServiceDefinition } from './service.ts'

/** Whether a member could be active now, and why or why not. */
export interface Candidate {
  readonly node: string
  readonly eligible: boolean
  /** One clause for people. */
  readonly because: string
  /** Nothing speaks against it but that the service goes with another one, which is not there. */
  readonly isAway?: true | undefined
}

/** Every member in order of preference, this node included. */
export function candidatesOf(service: ServiceDefinition, facts: Facts): readonly Candidate[] {
  return service.members.map((node) => {
    const obstacle = node === facts.node ? ownObstacle(facts) : peerObstacle(service, facts, node)
    if (obstacle !== undefined) return { node, eligible: false, because: obstacle }
    const away = awayFromLeader(facts, node)
    if (away !== undefined) return { node, eligible: false, because: away, isAway: true }
    return { node, eligible: true, because: willing(facts, node) }
  })
}

/** It goes where the service is that it goes with, and nowhere else; where that is nowhere, neither. */
function awayFromLeader({ leader }: Pick<Facts, 'leader'>, node: string): string | undefined {
  return leader === undefined || leader.at === node ? undefined : `it goes with ${leader.name}, ${leader.because}`
}

/** As if it went by itself: for what people say, and for what could be if its leader were elsewhere. */
export function withoutLeader(facts: Facts): Facts {
  return facts.leader === undefined ? facts : { ...facts, leader: undefined }
}

/** Eligible members, those that nothing speaks against first; where there are none, the order alone counts: too much is better than nothing. */
export function eligibleOf(service: ServiceDefinition, facts: Facts): readonly string[] {
  const eligible = candidatesOf(service, facts).flatMap((each) => (each.eligible ? [each.node] : []))
  const isReluctant = (node: string) => reluctanceOf(facts, node) !== undefined
  return [...eligible.filter((node) => !isReluctant(node)), ...eligible.filter(isReluctant)]
}

/**
 * Eligible members that are preferred to this node. Whoever let the right run out is none of them: it may be dead, and its heartbeat
 * not yet missed.
 */
export function aheadOf(service: ServiceDefinition, facts: Facts): readonly string[] {
  if (!service.members.includes(facts.node)) return []
  const eligible = eligibleOf(service, facts)
  const own = eligible.indexOf(facts.node)
  // One that could not be active itself has all before it that precede it in the order.
  const ahead = own >= 0 ? eligible.slice(0, own) : eligible.filter((node) => isBefore(service, node, facts.node))
  return ahead.filter((node) => node !== facts.leaseHolder)
}

/** The first member that could take over from this node. */
export function successorOf(service: ServiceDefinition, facts: Facts): string | undefined {
  return eligibleOf(service, facts).find((node) => node !== facts.node)
}

function isBefore({ members }: ServiceDefinition, one: string, other: string): boolean {
  return members.indexOf(one) < members.indexOf(other)
}

function willing(facts: Facts, node: string): string {
  const reluctance = reluctanceOf(facts, node)
  return reluctance === undefined ? 'alive, well and willing' : `alive, well and willing; but ${reluctance}`
}

function ownObstacle(facts: Facts): string | undefined {
  const { check, sick, maintenance } = facts
  const obstacle = obstacleOf(facts)
  if (sick !== undefined) return sick
  if (maintenance !== undefined) return `in maintenance: ${maintenance}`
  if (obstacle !== undefined) return obstacle
  if (check.state !== 'up' && check.state !== 'degraded') return `its check says ${check.state}: ${check.because}`
  return undefined
}

function peerObstacle(service: ServiceDefinition, facts: Facts, node: string): string | undefined {
  const peer = facts.peers.find((each) => each.node === node)
  if (!peer) return 'it is no node of the cluster'
  if (!isAlive(peer)) return `by its heartbeat it is ${peer.alive.state}: ${peer.alive.because}`
  const { agrees, report } = peer
  if (agrees === false) return 'its configuration or protocol differs from ours'
  if (!report || agrees === undefined) return 'it has not told how it is'
  if (report.maintenance !== undefined) return `in maintenance: ${report.maintenance}`
  const own = serviceReportOf(peer, service.name)
  if (!own) return 'it does not know the service'
  if (own.unfit !== undefined) return own.unfit
  const { state, because } = own.check
  return state === 'up' || state === 'degraded' ? undefined : `its check says ${state}: ${because}`
}

/** What a peer has told about a service, unless that is too old. */
export function serviceReportOf({ report }: PeerFact, service: string): ServiceReport | undefined {
  return report && Object.hasOwn(report.services, service) ? report.services[service] : undefined
}

/** Why this node could not have one of the resources. */
export function obstacleOf({ resources }: Pick<Facts, 'resources'>): string | undefined {
  const hindered = resources.find(({ obstacle }) => obstacle !== undefined)
  return hindered && `${hindered.id}: ${hindered.obstacle}`
}

/** The other members, as far as they are nodes of the cluster. */
export function memberPeers(service: ServiceDefinition, facts: Facts): readonly PeerFact[] {
  return facts.peers.filter(({ node }) => service.members.includes(node))
}

/** Whether it sends, whoever hears it. */
export function isAlive({ alive }: PeerFact): boolean {
  return alive.state === 'up' || alive.state === 'degraded'
}
