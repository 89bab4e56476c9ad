import type { ServiceDefinition } from './service.ts'

/** What counts for the order of services. */
export type ServiceOrder = Pick<ServiceDefinition, 'name' | 'after' | 'with' | 'priority'>

/** Services that one has to do with, by what the file says of both. */
export interface Relations {
  /** It is taken only once these are active. */
  readonly after: readonly string[]
  /** These are taken only once it is active, and leave before it. */
  readonly dependents: readonly string[]
  /** These go where it goes, at however many steps: they are taken, and leave, after it. */
  readonly followers: readonly string[]
  /** These go first, by their priority, and wait for it in nothing. */
  readonly higher: readonly string[]
  /** Whether it waits for itself, by way of others: nobody could ever take it. */
  readonly isCircle: boolean
}

/** What a service has to do with the others. One that it waits for, or that waits for it, has no say by its priority. */
export function relationsOf(service: ServiceOrder, all: readonly ServiceOrder[]): Relations {
  const byName = new Map(all.map((each) => [each.name, each]))
  const bases = basesOf(service.name, byName)
  const isCircle = directBases(service).some((base) => base === service.name || basesOf(base, byName).has(service.name))
  const needers = all.filter(({ name }) => basesOf(name, byName).has(service.name)).map(({ name }) => name)
  const followers = needers.filter((name) => goesWith(name, service.name, byName))
  // What a follower needs stays for as long as the follower does: it cannot leave before either.
  const stay = new Set(followers.flatMap((name) => [name, ...basesOf(name, byName)]))
  const priority = service.priority ?? 0
  return {
    after: service.after ?? [],
    dependents: needers.filter((name) => !stay.has(name)),
    followers,
    isCircle,
    higher: all
      .filter((each) => (each.priority ?? 0) > priority && !bases.has(each.name) && !needers.includes(each.name))
      .map(({ name }) => name),
  }
}

/**
 * Which services are to have left a node before each of them leaves it: those that need it, and the one that it goes with. No two of
 * them wait for each other, whatever is said of them.
 */
export function leavingOrder(all: readonly ServiceOrder[]): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map(
    all.map((each) => [each.name, [...relationsOf(each, all).dependents, ...(each.with === undefined ? [] : [each.with])]]),
  )
  const before = new Map<string, readonly string[]>()
  const open = [...wanted.keys()]
  while (open.length > 0) {
    const ready = open.findIndex((name) => wanted.get(name)?.every((other) => before.has(other)))
    const [next] = open.splice(Math.max(0, ready), 1)
    if (next !== undefined) before.set(next, wanted.get(next)?.filter((other) => before.has(other)) ?? [])
  }
  return before
}

/** Everything that has to be active before it, however many steps away; a circle ends where it began. */
function basesOf(name: string, all: ReadonlyMap<string, ServiceOrder>): ReadonlySet<string> {
  const bases = new Set<string>()
  const open = [...directBases(all.get(name))]
  for (let base = open.pop(); base !== undefined; base = open.pop()) {
    if (base === name || bases.has(base)) continue
    bases.add(base)
    open.push(...directBases(all.get(base)))
  }
  return bases
}

function directBases(service: ServiceOrder | undefined): readonly string[] {
  return [...(service?.after ?? []), ...(service?.with === undefined ? [] : [service.with])]
}

/** Whether it goes where the other one goes, at however many steps. */
function goesWith(name: string, leader: string, all: ReadonlyMap<string, ServiceOrder>): boolean {
  const seen = new Set<string>()
  for (let each = all.get(name)?.with; each !== undefined && !seen.has(each); each = all.get(each)?.with) {
    if (each === leader) return true
    seen.add(each)
  }
  return false
}
