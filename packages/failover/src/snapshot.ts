import { type Candidate, candidatesOf, serviceReportOf } from './candidates.ts'
import { automationOf } from './decide.ts'
import type { Automation, Decision } from './decision.ts'
import type { PlanRecord } from './execute.ts'
import type { Facts, Role } from './facts.ts'
import type { Memory } from './memory.ts'
import type { ServiceDefinition } from './service.ts'

/** A service as this node sees it, for people. */
export interface ServiceSnapshot {
  readonly name: string
  readonly role: Role
  /** Who is active, as far as this node knows. */
  readonly active: string | undefined
  readonly token: number | undefined
  readonly automation: Automation
  /** Why it is as it is. */
  readonly because: string
  readonly concern: string | undefined
  readonly lease: Facts['lease']
  readonly check: Facts['check']
  readonly served: Facts['served']
  readonly resources: readonly ({ readonly id: string } & Facts['resources'][number]['verdict'])[]
  readonly candidates: readonly Candidate[]
  readonly movesInLastHour: number
  readonly lastPlan: PlanRecord | undefined
}

export interface SnapshotParts {
  readonly definition: ServiceDefinition
  readonly facts: Facts
  readonly memory: Memory
  readonly role: Role
  readonly token: number | undefined
  readonly decision: Decision | undefined
  readonly lastPlan: PlanRecord | undefined
}

export function snapshotOf({ definition, facts, memory, role, token, decision, lastPlan }: SnapshotParts): ServiceSnapshot {
  return {
    name: definition.name,
    role,
    active: activeNode(definition, facts, role),
    token,
    automation: automationOf(facts),
    because: decision?.because ?? 'nothing was looked at yet',
    concern: decision?.concern,
    lease: facts.lease,
    check: facts.check,
    served: facts.served,
    resources: facts.resources.map(({ id, verdict }) => ({ id, ...verdict })),
    candidates: candidatesOf(definition, facts),
    movesInLastHour: memory.movesMs.length,
    lastPlan,
  }
}

/** Who is active, as far as this node knows: by the arbiter's word first, then by what nodes say of themselves. */
export function activeNode({ name }: ServiceDefinition, facts: Facts, role: Role): string | undefined {
  const { lease, leaseHolder, node, peers } = facts
  if (lease.state === 'held' || lease.state === 'unconfirmed') return node
  if (lease.state === 'elsewhere' && leaseHolder) return leaseHolder
  const told = peers.find((peer) => {
    const said = serviceReportOf(peer, name)?.role
    return said === 'active' || said === 'keeping'
  })
  return told?.node ?? (role === 'keeping' ? node : undefined)
}
