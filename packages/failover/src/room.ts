import type { Facts, Role } from './facts.ts'

/** How much nodes can carry, and what services ask of the node that is active; in any units, the same for both. The same on every node. */
export interface CapacityOptions {
  /** By node; one that is not named is never full. */
  readonly nodes: Readonly<Record<string, number>>
  /** By service, also those that this node has no part in; one that is not named is not counted. */
  readonly loads: Readonly<Record<string, number>>
}

/**
 * Members that have no room for a service, each with why: `it is too much there (100 of 90)`. What it carries already counts, but for the
 * service itself; what is only moving to it, or from it, too.
 *
 * @param rolesOf what a node is for each service, by what it has told
 * @param along services that come with it, and ask for room as well
 */
export function fullNodes(
  service: { readonly name: string; readonly members: readonly string[] },
  { nodes, loads }: CapacityOptions,
  rolesOf: (node: string) => Readonly<Record<string, Role>>,
  along: readonly string[] = [],
): Readonly<Record<string, string>> {
  const moving = [service.name, ...along]
  const amounts = moving.flatMap((name) => amountOf(loads, name) ?? [])
  if (amounts.length === 0) return {}
  const own = amounts.reduce((sum, amount) => sum + amount, 0)
  const full = service.members.flatMap((node): [string, string][] => {
    const capacity = amountOf(nodes, node)
    if (capacity === undefined) return []
    const others = Object.entries(rolesOf(node)).filter(([name, role]) => !moving.includes(name) && role !== 'standby')
    const load = others.reduce((sum, [name]) => sum + (amountOf(loads, name) ?? 0), own)
    return load <= capacity ? [] : [[node, `it is too much there (${figure(load)} of ${figure(capacity)})`]]
  })
  return Object.fromEntries(full)
}

/** Why a service had better not be on a member; undefined where nothing speaks against it. */
export function reluctanceOf({ reluctant }: Pick<Facts, 'reluctant'>, node: string): string | undefined {
  return reluctant && Object.hasOwn(reluctant, node) ? reluctant[node] : undefined
}

function amountOf(amounts: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(amounts, name) ? amounts[name] : undefined
}

/** Sums of fractions, as people write them. */
function figure(value: number): string {
  return String(Math.round(value * 1_000) / 1_000)
}
