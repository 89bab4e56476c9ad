import { assertNever } from '@hotspare/core'
import { decideAsHolder } from './decide-as-holder.ts'
import { decideWithoutRight } from './decide-without-right.ts'
import type { Automation, Decision, DecisionRules } from './decision.ts'
import type { Facts, Role } from './facts.ts'
import type { Memory } from './memory.ts'
import type { ServiceDefinition } from './service.ts'

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
