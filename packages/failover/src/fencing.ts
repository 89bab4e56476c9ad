import { isAlive, serviceReportOf } from './candidates.ts'
import type { Facts } from './facts.ts'
import type { PlanFacts } from './make-plan.ts'
import type { ServiceDefinition } from './service.ts'

/**
 * Members that may still hold something when `to` brings the service to itself: all but those that have just said that they
 * hold nothing, and those that are off. Not only the last holder: an earlier one may never have been fenced, where the
 * process that was to do it has died.
 *
 * @param move `from`: who is thought to have had it; of a member that nobody knows anything of, nothing is said otherwise
 */
export function nodesToFence(
  service: ServiceDefinition,
  facts: PlanFacts,
  { from, to }: { readonly from?: string | undefined; readonly to: string },
): readonly string[] {
  const hasAll = to === facts.node && facts.resources.every(({ verdict }) => verdict.state === 'held')
  if (!service.fencing || facts.cleared || hasAll) return []
  const known = new Set(facts.peers?.map(({ node }) => node))
  return service.members.filter((node) => {
    const isAnother = node !== to && node !== facts.node && (known.has(node) || node === from)
    return isAnother && !isClear(service, facts, node)
  })
}

/** Whether it is certain at this moment that a member holds nothing. */
export function isClear(service: ServiceDefinition, { peers = [], off = [] }: Pick<PlanFacts, 'peers' | 'off'>, node: string): boolean {
  if (off.includes(node)) return true
  const peer = peers.find((each) => each.node === node)
  return peer !== undefined && isAlive(peer) && serviceReportOf(peer, service.name)?.clear === true
}

/** Members that would be fenced, and were never heard since our own start: they may be booting. */
export function unheardToFence(service: ServiceDefinition, facts: Facts): readonly string[] {
  const unheard = new Set(facts.peers.flatMap(({ node, alive }) => (alive.state === 'unknown' ? [node] : [])))
  return nodesToFence(service, facts, { to: facts.node }).filter((node) => unheard.has(node))
}
