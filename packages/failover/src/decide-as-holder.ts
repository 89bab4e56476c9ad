import { candidatesOf, isAlive, memberPeers, obstacleOf, serviceReportOf, successorOf, withoutLeader } from './candidates.ts'
import type { Decided, Decision, Situation } from './decision.ts'
import { decisionDefaults } from './defaults.ts'
import type { Facts } from './facts.ts'
import { unfitness } from './memory.ts'
import { reluctanceOf } from './room.ts'
import { waitToLeave } from './order.ts'
import type { ServiceDefinition } from './service.ts'

/** What the holder of the right does: it stays, brings what is missing, or hands over. */
export function decideAsHolder(situation: Situation, decided: Decided): Decision {
  const { service, facts, memory, atMs, rules } = situation
  const successor = successorOf(service, facts)
  const missing = facts.resources.filter(({ verdict }) => verdict.state !== 'held')
  const { leader } = facts
  // Nothing holds it back: the one that it goes with has moved already.
  if (leader?.at !== undefined && leader.at === successor)
    return handOver('switchover', successor, `${service.name} goes with ${leader.name}, ${leader.because}`)
  if (facts.maintenance !== undefined) {
    const because = `${facts.node} is in maintenance: ${facts.maintenance}`
    // Whether that one can leave is its own concern.
    if (leader?.at === facts.node) return stay(`${because}; ${service.name} goes with ${leader.name}, which is here still`, undefined)
    const wait = successor === undefined ? undefined : waitToLeave(situation)
    if (wait !== undefined) return stay(`${because}; ${wait}`, undefined)
    if (successor !== undefined) return handOver('switchover', successor, because)
    return stay(`${because}; it stays, no other member could take over`, noCandidate(service, facts))
  }

  const obstacle = missing.length > 0 ? obstacleOf(facts) : undefined
  const failing = facts.check.state === 'down' ? `its check says down: ${facts.check.because}` : (obstacle ?? unfitness(memory, rules))
  if (failing !== undefined) {
    if (successor === undefined)
      return stay(`${failing}; it stays, no other member is better`, `${failing}; ${noCandidate(service, facts)}`)
    if (memory.movesMs.length >= service.maxFailoversPerHour) {
      const limit = `it moved ${memory.movesMs.length} times in the last hour, and ${service.maxFailoversPerHour} are allowed`
      return stay(`${failing}; it stays: ${limit}`, limit)
    }
    return handOver('failover', successor, failing)
  }

  if (missing.length > 0) return stay('', undefined)
  const { failback } = service
  if (failback.type === 'after' && memory.preferred && atMs - memory.preferred.sinceMs >= failback.holdMs) {
    const { node } = memory.preferred
    if (memory.movesMs.length < service.maxFailoversPerHour)
      return handOver('failback', node, `${node} is preferred and has been well long enough`)
  }
  const isAlone = memory.aloneSinceMs !== undefined && atMs - memory.aloneSinceMs >= rules.aloneMs
  const alone = isAlone ? noCandidate(service, withoutLeader(facts)) : undefined
  return decided(`${facts.node} is active with everything that belongs to it`, {
    concern: unreachedBy(service, facts) ?? parted(service, facts) ?? alone ?? misplaced(service, facts),
  })

  /** Whatever else is wrong, what belongs here is brought here. */
  function stay(because: string, concern: string | undefined): Decision {
    if (missing.length === 0) return decided(because, { concern })
    const lacks = missing.map(({ id, verdict }) => `${id} is ${verdict.state}: ${verdict.because}`).join('; ')
    const wait = memory.failures !== undefined && atMs < memory.failures.retryAtMs
    if (wait) return decided(`${lacks}; it is tried again soon`, { concern: concern ?? memory.failures?.because })
    // What failed before is no better because it is tried again.
    return decided(lacks, { move: { type: 'complete', purpose: 'repair', because: lacks }, concern: concern ?? memory.failures?.because })
  }

  function handOver(purpose: 'failover' | 'switchover' | 'failback', to: string, because: string): Decision {
    const { failures } = memory
    // The way out waits for nothing but its own last attempt.
    const counts = failures !== undefined && (purpose !== 'failover' || failures.move === 'hand-over')
    // Where it is now is the wrong place: that is tried again soon, however often it failed.
    const isFollowing = leader !== undefined && leader.at === to
    const soonMs = isFollowing ? (failures?.atMs ?? 0) + decisionDefaults.letGoCapMs : Infinity
    if (counts && atMs < Math.min(failures.retryAtMs, soonMs)) {
      return decided(`${because}; the last attempt failed, it is tried again soon`, { concern: failures.because })
    }
    const concern = failures?.move === 'hand-over' ? failures.because : undefined
    return decided(because, { move: { type: 'hand-over', purpose, from: facts.node, to, because }, concern })
  }
}

/** The look of the others: every one that lives and has looked finds nobody at the address. */
function unreachedBy(service: ServiceDefinition, facts: Facts): string | undefined {
  const looks = memberPeers(service, facts)
    .filter(isAlive)
    .flatMap((peer) => ({ node: peer.node, served: serviceReportOf(peer, service.name)?.served }))
    .filter(({ served }) => served === 'yes' || served === 'no')
  if (looks.length === 0 || looks.some(({ served }) => served === 'yes')) return undefined
  return `${facts.node} is active, and its address does not answer as seen from ${looks.map(({ node }) => node).join(', ')}`
}

/** The one that it goes with is elsewhere, and it cannot follow: what serves is not given up for that. */
function parted(service: ServiceDefinition, facts: Facts): string | undefined {
  const { leader, node } = facts
  if (leader?.at === undefined || leader.at === node) return undefined
  const there = candidatesOf(service, facts).find((each) => each.node === leader.at)
  const why = there?.because ?? `${leader.at} is no member of it`
  return `${service.name} is on ${node} and goes with ${leader.name}, ${leader.because}: ${service.name} could not be there: ${why}`
}

/** It stays all the same: nothing moves for it by itself. */
function misplaced(service: ServiceDefinition, facts: Facts): string | undefined {
  const reluctance = reluctanceOf(facts, facts.node)
  return reluctance === undefined ? undefined : `${service.name} is on ${facts.node}, and ${reluctance}`
}

function noCandidate(service: ServiceDefinition, facts: Facts): string {
  const others = candidatesOf(service, facts).filter(({ node }) => node !== facts.node)
  if (others.length === 0) return `${service.name} has no other member`
  return `no member could take ${service.name} over: ${others.map(({ node, because }) => `${node}: ${because}`).join('; ')}`
}
