import { aheadOf, type Candidate, candidatesOf, isAlive, memberPeers, serviceReportOf, withoutLeader } from './candidates.ts'
import type { Decided, Decision, Situation } from './decision.ts'
import { decisionDefaults } from './defaults.ts'
import type { Facts, PeerFact, Role } from './facts.ts'
import { unheardToFence } from './fencing.ts'
import type { Move } from './make-plan.ts'
import { canBeTaken } from './memory.ts'
import { waitForOthers } from './order.ts'
import type { ServiceDefinition } from './service.ts'

/** What a node without the right does: it lets go of what is here or keeps it, takes the right, or waits. */
export function decideWithoutRight(situation: Situation, decided: Decided): Decision {
  const { service, facts, memory, atMs, rules } = situation
  const here = facts.resources.filter(({ verdict }) => verdict.state === 'held').map(({ id }) => id)
  if (here.length === 0) return decideAsStandby(situation, decided)

  const mine = `${here.join(', ')} ${here.length === 1 ? 'is' : 'are'} here without the right`
  if (service.onControlLoss === 'release') return letGo(`${mine}: ${facts.lease.because}`)
  if (canBeTaken(facts)) return decideAsStandby(situation, decided)
  // It brings nothing to itself before we have let go, or are off.
  const waiting = service.fencing?.mode === 'required' ? takerOf(service, facts) : undefined
  if (waiting !== undefined) return letGo(`${mine}, and ${waiting} has the right and waits for it`)
  if (facts.lease.state === 'unknown') {
    const because = `${mine}, and stays: the arbiter does not answer`
    return decided(because, { concern: because })
  }
  // That the arbiter answers is told a moment before who has it.
  if (facts.leaseHolder === undefined) return decided(`${mine}, and stays: who has the right is not known yet`)
  // After a quick restart. Nobody else can have it before it has run out, and then it is taken anew.
  if (facts.leaseHolder === facts.node) return decided(`${mine}, and stays: the right is still that of the process before this one`)
  const holder = facts.peers.find(({ node }) => node === facts.leaseHolder)
  // A word that waited while we stood still may be that of a node which has died since.
  const isOld = holder?.toldMs !== undefined && memory.sickMs !== undefined && holder.toldMs <= memory.sickMs
  const role = holder && isAlive(holder) && !isOld ? serviceReportOf(holder, service.name)?.role : undefined
  // Its right may be told of before what it does with it.
  if (role !== undefined && role !== 'active') return decided(`${facts.leaseHolder} is taking over; ${mine} until it has`)
  // It may be dead, and then its right runs out soon: what serves is not given up for it.
  const unseenMs = role === undefined ? atMs - (memory.elsewhereSinceMs ?? atMs) : Infinity
  if (unseenMs < rules.yieldMs) return decided(`${facts.leaseHolder} has the right and has not told that it is active; ${mine} meanwhile`)
  return letGo(`${mine}: ${facts.lease.because}`)

  function letGo(because: string): Decision {
    const { failures } = memory
    const failed = failures?.move === 'let-go' ? failures : undefined
    // Nothing keeps a first attempt back, and hardly anything the next one.
    if (failed && atMs < Math.min(failed.retryAtMs, failed.atMs + decisionDefaults.letGoCapMs)) {
      return decided(`${because}; it could not be let go of: ${failed.because}`, { concern: failed.because })
    }
    return decided(because, { move: { type: 'let-go', purpose: 'release', because }, concern: failed?.because })
  }
}

function decideAsStandby(situation: Situation, decided: Decided): Decision {
  const { service, facts, memory } = situation
  const { lease, leaseHolder } = facts
  if (!canBeTaken(facts)) {
    const because = `${facts.node} stands by: ${lease.because}`
    // Who has the resources may go on without it; where nobody has, nobody can have them.
    const isStuck =
      !facts.arbiterAnswers &&
      !memberPeers(service, facts).some((peer) => isAlive(peer) && isActing(serviceReportOf(peer, service.name)?.role))
    return decided(because, { concern: isStuck ? `nobody is active, and nobody can be: ${lease.because}` : undefined })
  }
  // What is here already is taken up here again, and goes to where it belongs under that right.
  const isHere = facts.resources.some(({ verdict }) => verdict.state === 'held')
  const own = candidatesOf(service, isHere ? withoutLeader(facts) : facts).find(({ node }) => node === facts.node)
  if (!own) return decided(`nobody is active, and ${facts.node} is no member`)
  if (!own.eligible) {
    const because = `nobody is active, and ${facts.node} could not be: ${own.because}`
    return decided(because, { concern: isLasting(situation, own) ? because : undefined })
  }
  const wait = reasonToWait(situation)
  if (wait) return decided(wait.because, { concern: wait.concern })
  const last = leaseHolder ?? memory.lastHolder
  const from = last === facts.node ? undefined : last
  const because = from === undefined ? `nobody is active: ${lease.because}` : `${from} is active no longer: ${lease.because}`
  const purpose = from === undefined ? 'start' : 'failover'
  const move: Move = { type: 'take', purpose, from, to: facts.node, because }
  return decided(because, { move, concern: memory.failures?.because })
}

/** Right after the start nothing has been looked at yet; and where the service goes with another one, it waits for that a while. */
function isLasting({ facts, memory, atMs, rules }: Situation, own: Candidate): boolean {
  if (!own.isAway) return atMs - memory.startedMs >= rules.settleMs
  // Where that one is, it is known what stands in the way.
  return facts.leader?.at === undefined && atMs - (memory.freeSinceMs ?? atMs) >= rules.settleMs
}

interface Wait {
  readonly because: string
  readonly concern?: string | undefined
}

function reasonToWait(situation: Situation): Wait | undefined {
  const { service, facts, memory, atMs, rules } = situation
  if (memory.failures && atMs < memory.failures.retryAtMs) {
    return { because: `the last attempt failed: ${memory.failures.because}; it is tried again soon`, concern: memory.failures.because }
  }
  const unheard = memberPeers(service, facts).filter(({ alive }) => alive.state === 'unknown')
  if (unheard.length > 0 && atMs - memory.startedMs < rules.settleMs) {
    return { because: `just started, and ${names(unheard)} was not heard yet` }
  }
  const undecided = preferredMembers(service, facts).filter((peer) => isAlive(peer) && isUndecided(peer, service))
  if (undecided.length > 0 && atMs - memory.startedMs < decisionDefaults.undecidedMs) {
    return { because: `just started, and ${names(undecided)} has not told how it is` }
  }
  // What is here already disturbs nobody when its right comes back.
  if (facts.resources.some(({ verdict }) => verdict.state === 'held')) return undefined
  const booting = unheardToFence(service, facts)
  if (service.fencing && booting.length > 0 && atMs - memory.startedMs < service.fencing.startDelayMs) {
    const because = `just started, and ${booting.join(', ')} would be fenced: it may be starting too`
    return { because, concern: atMs - memory.startedMs < rules.settleMs ? undefined : because }
  }
  const newer = memberPeers(service, facts).find((peer) => isAlive(peer) && hasNewerRight(peer, service, facts))
  if (newer) return { because: `${newer.node} has just taken it` }
  const busy = memberPeers(service, facts).find((peer) => isAlive(peer) && isMoving(serviceReportOf(peer, service.name)?.role))
  if (busy) return { because: `${busy.node} is moving the service` }
  const order = waitForOthers(situation)
  if (order) return order
  if (service.onControlLoss === 'keep' && service.isLookedAt !== false && facts.served.state !== 'no') {
    const seen = facts.served.state === 'yes' ? 'the site still answers at its address' : 'whether the site still answers is not known yet'
    const because = `${seen}, so ${facts.node} waits: ${facts.lease.because}`
    // Whether it answers takes a moment to find out, and after that people are needed.
    const isWorrying = facts.served.state === 'yes' || atMs - (memory.freeSinceMs ?? atMs) >= rules.settleMs
    return { because, concern: isWorrying ? because : undefined }
  }
  const ahead = aheadOf(service, facts)
  // From when one of them could have gone; but not for ever, where they are well only now and then.
  const waitedMs = atMs - (memory.aheadSinceMs ?? atMs)
  const isLongFree = atMs - (memory.freeSinceMs ?? atMs) >= rules.settleMs + ahead.length * rules.staggerMs
  if (!isLongFree && waitedMs < ahead.length * rules.staggerMs) return { because: `${ahead.join(', ')} may go first` }
  return undefined
}

/** Who has the right by its own word, and is bringing the service to itself. */
function takerOf(service: ServiceDefinition, facts: Facts): string | undefined {
  return memberPeers(service, facts).find((peer) => {
    const report = serviceReportOf(peer, service.name)
    return isAlive(peer) && report?.role === 'taking' && report.token !== undefined && report.token >= facts.leaseToken
  })?.node
}

function isActing(role: Role | undefined): boolean {
  return role !== undefined && role !== 'standby'
}

/** It says that it is active by a right that the arbiter has not shown us yet. */
function hasNewerRight(peer: PeerFact, service: ServiceDefinition, facts: Facts): boolean {
  const report = serviceReportOf(peer, service.name)
  return report?.role === 'active' && report.token !== undefined && report.token > facts.leaseToken
}

function preferredMembers(service: ServiceDefinition, facts: Facts): readonly PeerFact[] {
  const own = service.members.indexOf(facts.node)
  return memberPeers(service, facts).filter(({ node }) => service.members.indexOf(node) < own)
}

function isUndecided(peer: PeerFact, service: ServiceDefinition): boolean {
  const report = serviceReportOf(peer, service.name)
  return report === undefined || report.check.state === 'unknown'
}

function isMoving(role: Role | undefined): boolean {
  return role === 'taking' || role === 'leaving'
}

function names(peers: readonly PeerFact[]): string {
  return peers.map(({ node }) => node).join(', ')
}
