/** What counts for the order in which services are taken over. */
export interface OrderedService {
  readonly name: string
  /** They are active before it. */
  readonly after?: readonly string[] | undefined
  /** It is active before it, and on the same node. */
  readonly with?: string | undefined
  /** Default: 0 */
  readonly priority?: number | undefined
}

/**
 * The order in which services are recovered when all of them are down: each after what it needs, then by priority, then as the file
 * has them.
 *
 * @returns all names, each once; what waits for itself comes last
 */
export function recoveryOrder(services: readonly OrderedService[]): readonly string[] {
  const known = new Set(services.map(({ name }) => name))
  const order: string[] = []
  const open = services.toSorted((one, other) => (other.priority ?? 0) - (one.priority ?? 0))
  while (open.length > 0) {
    const index = open.findIndex((each) => basesOf(each).every((base) => order.includes(base) || !known.has(base)))
    const [next] = open.splice(Math.max(0, index), 1)
    if (next) order.push(next.name)
  }
  return order
}

function basesOf({ after = [], with: leader }: OrderedService): readonly string[] {
  return leader === undefined ? after : [...after, leader]
}

/** A service in the order, and why it stands there. */
export interface OrderedName {
  readonly service: string
  readonly because?: string | undefined
}

/** For people; undefined where the file says nothing of an order. */
export function shownOrder(services: readonly OrderedService[]): readonly OrderedName[] | undefined {
  if (!hasOrder(services)) return undefined
  return recoveryOrder(services).map((service) => {
    const because = orderReason(services.find(({ name }) => name === service) ?? { name: service })
    return { service, ...(because === undefined ? {} : { because }) }
  })
}

/** Whether the file says anything of an order. */
function hasOrder(services: readonly OrderedService[]): boolean {
  return services.length > 1 && services.some((each) => basesOf(each).length > 0 || (each.priority ?? 0) !== 0)
}

/** Why a service stands where it does in the order; undefined where nothing is said of it. */
function orderReason({ after = [], with: leader, priority = 0 }: OrderedService): string | undefined {
  const reasons = [
    ...(after.length > 0 ? [`after ${after.join(', ')}`] : []),
    ...(leader === undefined ? [] : [`with ${leader}, on its node`]),
    ...(priority === 0 ? [] : [`priority ${priority}`]),
  ]
  return reasons.length === 0 ? undefined : reasons.join('; ')
}
