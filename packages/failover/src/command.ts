import { candidatesOf, eligibleOf, isAlive, withoutLeader } from './candidates.ts'
import type { Facts } from './facts.ts'
import type { Move } from './make-plan.ts'
import type { ServiceDefinition } from './service.ts'
import type { Command } from './wire.ts'

/** A move that is run by the node that is active, or by the one that is to be; or why there is none. */
export interface CommandDecision {
  readonly move?: Extract<Move, { readonly type: 'take' | 'hand-over' }> | undefined
  readonly because: string
}

/**
 * What a command of people leads to. A hold does not stop them, and neither do damping and preference; what would make
 * things worse does.
 *
 * @param active who is active, as far as this node knows
 */
export function decideCommand(service: ServiceDefinition, facts: Facts, command: Command, active: string | undefined): CommandDecision {
  const { to } = command
  if (to !== undefined && !service.members.includes(to)) {
    return { because: `${to} is no member of ${service.name}: ${service.members.join(', ')}` }
  }
  if (active !== undefined && to === active) return { because: `${active} is active already` }
  // Where nobody has it, people may have it anywhere; where somebody has, it goes with its leader.
  const known = command.type === 'failover' ? withoutLeader(facts) : facts
  const candidates = candidatesOf(service, known)
  const best = eligibleOf(service, known).find((node) => node !== active && (to === undefined || node === to))
  if (best === undefined) {
    const others = candidates.filter(({ node }) => node !== active && (to === undefined || node === to))
    return { because: `nobody could take ${service.name} over: ${others.map(({ node, because }) => `${node}: ${because}`).join('; ')}` }
  }
  const because = `people asked for it: ${command.type} to ${best}`
  if (command.type === 'switchover') return switchover(facts, best, active, because)
  // A node whose Hotspare is dead lets go of nothing.
  const stillThere = service.onControlLoss === 'keep' && service.fencing === undefined && facts.served.state === 'yes'
  const warning = stillThere
    ? `; the site still answers at its address, so ${active ?? 'some node'} has it still: switch that node off, or there are two holders`
    : ''
  return failover(facts, best, active, `${because}${warning}`)
}

function switchover(facts: Facts, to: string, from: string | undefined, because: string): CommandDecision {
  if (from === undefined) return { because: 'nobody is active: a failover takes the service from nobody' }
  if (from !== facts.node && !isLive(facts, from))
    return { because: `${from} is active and does not answer: a failover takes the service from it` }
  return { move: { type: 'hand-over', purpose: 'switchover', from, to, because }, because }
}

function failover(facts: Facts, to: string, from: string | undefined, because: string): CommandDecision {
  if (from !== undefined && (from === facts.node || isLive(facts, from))) {
    return { because: `${from} is active and answers: a switchover moves the service without a gap` }
  }
  return { move: { type: 'take', purpose: 'failover', from, to, because }, because }
}

function isLive(facts: Facts, node: string): boolean {
  const peer = facts.peers.find((each) => each.node === node)
  return peer !== undefined && isAlive(peer) && peer.report !== undefined
}
