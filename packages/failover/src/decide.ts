import { assertNever } from '@hotspare/core'
import { aheadOf, candidatesOf, isAlive, obstacleOf, serviceReportOf, successorOf } from './candidates.ts'
import { decisionDefaults } from './defaults.ts'
import type { Facts, PeerFact, Role } from './facts.ts'
import type { Move } from './make-plan.ts'
import { canBeTaken, type Memory } from './memory.ts'
import type { ServiceDefinition } from './service.ts'

/** Limits of the decisions, in milliseconds where no unit stands. */
export interface DecisionRules {
  /** After the start, peers that were not heard yet are waited for, for so long. */
  readonly settleMs: number
  /** How long each eligible member that is preferred to us may take before we go. */
  readonly staggerMs: number
  /** How long nobody could take over before people are told. */
  readonly aloneMs: number
  /** Failed plans in a row after which a node is unfit for the service. */
  readonly unfitAfter: number
  /** How long what is kept stays where it is while the right is with a node that is not heard. */
  readonly yieldMs: number
}

/** Whether machines may act by themselves, and why not. */
export interface Automation {
  readonly state: 'on' | 'off'
  readonly because: string
  /** Who has switched it off; undefined while it is on. */
  readonly cause?: 'people' | 'disagreement' | undefined
}

/** What is done now, and why; or why nothing is. */
export interface Decision {
  readonly automation: Automation
  readonly because: string
  readonly move?: Move | undefined
  /** People should know: something is not as it should be, and the engine does not mend it. */
  readonly concern?: string | undefined
}

/**
 * What this node does for a service, from what it knows. Pure and level-triggered: it is asked again and again, and nothing
 * depends on which event came before.
 *
 * @param atMs by the monotonic clock
 */
export function decide(service: ServiceDefinition, facts: Facts, memory: Memory, atMs: number, rules: DecisionRules): Decision {
  const automation = automationOf(facts)
  const decided = (because: string, rest: Partial<Decision> = {}): Decision => ({ automation, because, ...rest })
  if (automation.state === 'off') {
    // What people have decided needs no people, unless something would have to be done now.
    const { move, concern } = decide(service, withoutObjections(facts), memory, atMs, rules)
    const due = move ? `${automation.because}; otherwise a ${move.purpose} would be due: ${move.because}` : automation.because
    const worries = move !== undefined || concern !== undefined || automation.cause === 'disagreement'
    return decided(due, {
      concern: worries ? (move ? due : [automation.because, concern].filter((each) => each !== undefined).join('; ')) : undefined,
    })
  }
  if (facts.sick !== undefined) return decided(`nothing moves: ${facts.sick}`)
  switch (facts.lease.state) {
    case 'held':
      return decideAsHolder({ service, facts, memory, atMs, rules }, decided)
    case 'unconfirmed':
      return decided(`the right is not confirmed: ${facts.lease.because}`)
    case 'elsewhere':
    case 'free':
    case 'unknown':
      return decideWithoutRight({ service, facts, memory, atMs, rules }, decided)
    default:
      return assertNever(facts.lease.state)
  }
}

/** As if nobody held it, and all agreed: for what would be done then. */
function withoutObjections(facts: Facts): Facts {
  const peers = facts.peers.map((peer) => ({
    ...peer,
    agrees: peer.agrees === false ? true : peer.agrees,
    report: peer.report && { ...peer.report, hold: undefined },
  }))
  return { ...facts, hold: undefined, peers }
}

/** A hold on any node counts, and nodes that disagree do not automate. */
export function automationOf({ hold, peers, node }: Pick<Facts, 'hold' | 'peers' | 'node'>): Automation {
  if (hold) return { state: 'off', cause: 'people', because: `people hold it on ${node}: ${hold.because}` }
  for (const peer of peers) {
    if (peer.report?.hold) return { state: 'off', cause: 'people', because: `people hold it on ${peer.node}: ${peer.report.hold.because}` }
  }
  const other = peers.find(({ agrees }) => agrees === false)
  if (other) return { state: 'off', cause: 'disagreement', because: `${other.node} has another configuration or protocol than ${node}` }
  return { state: 'on', because: 'no hold, and all nodes that answer agree' }
}

/** What this node is for the service; `busy` while a plan runs. */
export function roleOf(facts: Facts, busy: 'taking' | 'leaving' | undefined): Role {
  if (busy) return busy
  const held = facts.resources.filter(({ verdict }) => verdict.state === 'held').length
  const holds = facts.lease.state === 'held' || facts.lease.state === 'unconfirmed'
  if (holds) return held === facts.resources.length ? 'active' : 'taking'
  return held > 0 ? 'keeping' : 'standby'
}

interface Situation {
  readonly service: ServiceDefinition
  readonly facts: Facts
  readonly memory: Memory
  readonly atMs: number
  readonly rules: DecisionRules
}

type Decided = (because: string, rest?: Partial<Decision>) => Decision

function decideAsHolder({ service, facts, memory, atMs, rules }: Situation, decided: Decided): Decision {
  const successor = successorOf(service, facts)
  const missing = facts.resources.filter(({ verdict }) => verdict.state !== 'held')
  if (facts.maintenance !== undefined) {
    const because = `${facts.node} is in maintenance: ${facts.maintenance}`
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
  const alone = memory.aloneSinceMs !== undefined && atMs - memory.aloneSinceMs >= rules.aloneMs ? noCandidate(service, facts) : undefined
  return decided(`${facts.node} is active with everything that belongs to it`, { concern: unreachedBy(service, facts) ?? alone })

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
    if (counts && atMs < failures.retryAtMs) {
      return decided(`${because}; the last attempt failed, it is tried again soon`, { concern: failures.because })
    }
    const concern = failures?.move === 'hand-over' ? failures.because : undefined
    return decided(because, { move: { type: 'hand-over', purpose, from: facts.node, to, because }, concern })
  }
}

/** The look of the others: every one that lives and has looked finds nobody at the address. */
function unreachedBy(service: ServiceDefinition, facts: Facts): string | undefined {
  const looks = membersOf(service, facts)
    .filter(isAlive)
    .flatMap((peer) => ({ node: peer.node, served: serviceReportOf(peer, service.name)?.served }))
    .filter(({ served }) => served === 'yes' || served === 'no')
  if (looks.length === 0 || looks.some(({ served }) => served === 'yes')) return undefined
  return `${facts.node} is active, and its address does not answer as seen from ${looks.map(({ node }) => node).join(', ')}`
}

function decideWithoutRight(situation: Situation, decided: Decided): Decision {
  const { service, facts, memory, atMs, rules } = situation
  const here = facts.resources.filter(({ verdict }) => verdict.state === 'held').map(({ id }) => id)
  if (here.length === 0) return decideAsStandby(situation, decided)

  const mine = `${here.join(', ')} ${here.length === 1 ? 'is' : 'are'} here without the right`
  if (service.onControlLoss === 'release') return letGo(`${mine}: ${facts.lease.because}`)
  if (canBeTaken(facts)) return decideAsStandby(situation, decided)
  if (facts.lease.state === 'unknown') {
    const because = `${mine}, and stays: the arbiter does not answer`
    return decided(because, { concern: because })
  }
  // That the arbiter answers is told a moment before who has it.
  if (facts.leaseHolder === undefined) return decided(`${mine}, and stays: who has the right is not known yet`)
  // After a quick restart. Nobody else can have it before it has run out, and then it is taken anew.
  if (facts.leaseHolder === facts.node) return decided(`${mine}, and stays: the right is still that of the process before this one`)
  const holder = facts.peers.find(({ node }) => node === facts.leaseHolder)
  const role = holder && isAlive(holder) ? serviceReportOf(holder, service.name)?.role : undefined
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
      !membersOf(service, facts).some((peer) => isAlive(peer) && isActing(serviceReportOf(peer, service.name)?.role))
    return decided(because, { concern: isStuck ? `nobody is active, and nobody can be: ${lease.because}` : undefined })
  }
  const own = candidatesOf(service, facts).find(({ node }) => node === facts.node)
  if (!own) return decided(`nobody is active, and ${facts.node} is no member`)
  if (!own.eligible) {
    const because = `nobody is active, and ${facts.node} could not be: ${own.because}`
    // Right after the start nothing has been looked at yet.
    return decided(because, { concern: situation.atMs - memory.startedMs < situation.rules.settleMs ? undefined : because })
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

interface Wait {
  readonly because: string
  readonly concern?: string | undefined
}

function reasonToWait({ service, facts, memory, atMs, rules }: Situation): Wait | undefined {
  if (memory.failures && atMs < memory.failures.retryAtMs) {
    return { because: `the last attempt failed: ${memory.failures.because}; it is tried again soon`, concern: memory.failures.because }
  }
  const unheard = membersOf(service, facts).filter(({ alive }) => alive.state === 'unknown')
  if (unheard.length > 0 && atMs - memory.startedMs < rules.settleMs) {
    return { because: `just started, and ${names(unheard)} was not heard yet` }
  }
  const undecided = preferredMembers(service, facts).filter((peer) => isAlive(peer) && isUndecided(peer, service))
  if (undecided.length > 0 && atMs - memory.startedMs < rules.settleMs) {
    return { because: `just started, and ${names(undecided)} has not told how it is` }
  }
  // What is here already disturbs nobody when its right comes back.
  if (facts.resources.some(({ verdict }) => verdict.state === 'held')) return undefined
  const newer = membersOf(service, facts).find((peer) => isAlive(peer) && hasNewerRight(peer, service, facts))
  if (newer) return { because: `${newer.node} has just taken it` }
  const busy = membersOf(service, facts).find((peer) => isAlive(peer) && isMoving(serviceReportOf(peer, service.name)?.role))
  if (busy) return { because: `${busy.node} is moving the service` }
  if (service.onControlLoss === 'keep' && facts.served.state !== 'no') {
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
  return membersOf(service, facts).filter(({ node }) => service.members.indexOf(node) < own)
}

function isUndecided(peer: PeerFact, service: ServiceDefinition): boolean {
  const report = serviceReportOf(peer, service.name)
  return report === undefined || report.check.state === 'unknown'
}

function isMoving(role: Role | undefined): boolean {
  return role === 'taking' || role === 'leaving'
}

/** Why a node is unfit, from the plans that failed on it; undefined while it is not. */
export function unfitness(memory: Memory, rules: DecisionRules): string | undefined {
  const { failures } = memory
  if (!failures || failures.ownFaults < rules.unfitAfter) return undefined
  return `${failures.ownFaults} attempts in a row failed: ${failures.because}`
}

function membersOf(service: ServiceDefinition, facts: Facts): readonly PeerFact[] {
  return facts.peers.filter(({ node }) => service.members.includes(node))
}

function names(peers: readonly PeerFact[]): string {
  return peers.map(({ node }) => node).join(', ')
}

function noCandidate(service: ServiceDefinition, facts: Facts): string {
  const others = candidatesOf(service, facts).filter(({ node }) => node !== facts.node)
  if (others.length === 0) return `${service.name} has no other member`
  return `no member could take ${service.name} over: ${others.map(({ node, because }) => `${node}: ${because}`).join('; ')}`
}
