import type { OtherService, Role } from './facts.ts'
import type { ServiceDefinition } from './service.ts'

/** What counts for the order of services. */
export type ServiceOrder = Pick<ServiceDefinition, 'name' | 'after' | 'priority'>

/** Services that one has to do with, by what the file says of both. */
export interface Relations {
  /** It is taken only once these are active. */
  readonly after: readonly string[]
  /** These are taken only once it is active, and leave before it. */
  readonly dependents: readonly string[]
  /** These go first, by their priority, and wait for it in nothing. */
  readonly higher: readonly string[]
  /** Whether it waits for itself, by way of others: nobody could ever take it. */
  readonly isCircle: boolean
}

/** What a service has to do with the others. One that it waits for, or that waits for it, has no say by its priority. */
export function relationsOf(service: ServiceOrder, all: readonly ServiceOrder[]): Relations {
  const byName = new Map(all.map((each) => [each.name, each]))
  const bases = basesOf(service.name, byName)
  const isCircle = (service.after ?? []).some((base) => base === service.name || basesOf(base, byName).has(service.name))
  const dependents = all.filter(({ name }) => basesOf(name, byName).has(service.name)).map(({ name }) => name)
  const priority = service.priority ?? 0
  return {
    after: service.after ?? [],
    dependents,
    isCircle,
    higher: all
      .filter((each) => (each.priority ?? 0) > priority && !bases.has(each.name) && !dependents.includes(each.name))
      .map(({ name }) => name),
  }
}

/** Everything that has to be active before it, however many steps away; a circle ends where it began. */
function basesOf(name: string, all: ReadonlyMap<string, ServiceOrder>): ReadonlySet<string> {
  const bases = new Set<string>()
  const open = [...(all.get(name)?.after ?? [])]
  for (let base = open.pop(); base !== undefined; base = open.pop()) {
    if (base === name || bases.has(base)) continue
    bases.add(base)
    open.push(...(all.get(base)?.after ?? []))
  }
  return bases
}

/** What a node that lives has told of another service, this node included. */
export interface ToldRole {
  readonly node: string
  readonly role: Role
  /** Whether it could be active. */
  readonly fit: boolean
}

/** How another service stands, by what nodes that live have told of it. */
export function standingOf(self: string, told: readonly ToldRole[]): OtherService {
  const acting = told.filter(({ role }) => role !== 'standby')
  const here = acting.some(({ node }) => node === self)
  const active = told.find(({ role }) => role === 'active' || role === 'keeping')
  if (active) return { state: 'active', here, because: `it is active on ${active.node}` }
  const moving = acting[0]
  if (moving) return { state: 'coming', here, because: `${moving.node} is moving it` }
  const fit = told.find((each) => each.fit)
  if (fit) return { state: 'coming', here, because: `${fit.node} could take it` }
  return { state: 'nobody', here, because: told.length === 0 ? 'no node that lives has told of it' : 'no member of it is well' }
}

/** Members on which one of these services is active, each with which; what is only moving there counts, what is moving away too. */
export function nearNodes(
  members: readonly string[],
  apartFrom: readonly string[],
  rolesOf: (node: string) => Readonly<Record<string, Role>>,
): Readonly<Record<string, string>> {
  const near = members.flatMap((node): [string, string][] => {
    const roles = new Map(Object.entries(rolesOf(node)))
    const there = apartFrom.filter((name) => (roles.get(name) ?? 'standby') !== 'standby')
    return there.length === 0 ? [] : [[node, `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there too`]]
  })
  return Object.fromEntries(near)
}
