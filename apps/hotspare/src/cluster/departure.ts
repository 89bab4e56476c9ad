/** A node, as far as it could carry services. */
export interface CarrierNode {
  readonly name: string
  /** What it can carry, in the units of `load`; undefined: it is not counted. */
  readonly capacity: number | undefined
  /** Why nothing could go there: dead, silent, in maintenance, of another configuration. */
  readonly obstacle: string | undefined
  /** Of the services that it is a member of. */
  readonly services: Readonly<Record<string, { readonly acts: boolean; readonly obstacle: string | undefined }>>
}

/** A service, as far as it has to be carried. */
export interface CarriedService {
  readonly name: string
  /** In order of preference. */
  readonly members: readonly string[]
  /** Undefined: it is not counted. */
  readonly load: number | undefined
  /** The service that it goes with, and to wherever that one goes. */
  readonly with?: string | undefined
}

export interface Carriers {
  readonly nodes: readonly CarrierNode[]
  readonly services: readonly CarriedService[]
}

/** Where a service goes. */
export interface Departure {
  readonly service: string
  readonly from: string
  /** Undefined where nobody could take it. */
  readonly to: string | undefined
  readonly because: string
}

/** What a node carries then. */
export interface CarriedLoad {
  readonly node: string
  readonly load: number
  /** How much of it comes from those that leave. */
  readonly added: number
  readonly capacity: number
  readonly fits: boolean
}

/** Whether the others would carry what is to leave. */
export interface DepartureAnswer {
  readonly departures: readonly Departure[]
  /** Of the nodes that stay, and say what they can carry. */
  readonly loads: readonly CarriedLoad[]
  /** Services that nobody could take over. */
  readonly stranded: readonly string[]
  /** Nodes that would carry more than they can, for what is added. */
  readonly overloaded: readonly string[]
}

/**
 * What becomes of services when nodes are to be empty: each goes to the first member that is well and has room; to the first that is
 * well, where none has room. The heavy ones choose first; what goes with another service goes where that one goes.
 *
 * @param leaving nodes that are to be empty
 */
export function departureOf({ nodes, services }: Carriers, leaving: readonly string[]): DepartureAnswer {
  const staying = nodes.filter(({ name }) => !leaving.includes(name))
  const leavers = services.flatMap((service) => {
    const from = nodes.find((node) => leaving.includes(node.name) && node.services[service.name]?.acts === true)
    const isElsewhere = staying.some((node) => node.obstacle === undefined && node.services[service.name]?.acts === true)
    return from && !isElsewhere ? [{ service, from: from.name }] : []
  })
  return place({ nodes: staying, services }, leavers)
}

/**
 * What becomes of the nodes when one service moves to another one.
 *
 * @param to undefined: the first that is well and has room
 */
export function moveOf({ nodes, services }: Carriers, name: string, to: string | undefined): DepartureAnswer {
  const service = services.find((each) => each.name === name)
  const from = nodes.find((node) => node.services[name]?.acts === true)?.name
  if (!service || from === undefined) return { departures: [], loads: [], stranded: [], overloaded: [] }
  const members = to === undefined ? service.members : service.members.filter((member) => member === to)
  const followers = followersOf(name, services).filter((each) => nodes.some((node) => node.name === from && node.services[each.name]?.acts))
  const leavers = [{ ...service, members }, ...followers].map((each) => ({ service: each, from }))
  return place({ nodes: nodes.filter((node) => node.name !== from), services }, leavers)
}

/** Those that go where it goes, at however many steps. */
function followersOf(name: string, services: readonly CarriedService[]): readonly CarriedService[] {
  const found: CarriedService[] = []
  const open = [name]
  for (let leader = open.pop(); leader !== undefined; leader = open.pop()) {
    const next = services.filter((each) => each.with === leader && !found.includes(each))
    found.push(...next)
    open.push(...next.map((each) => each.name))
  }
  return found
}

function place(
  { nodes, services }: Carriers,
  leavers: readonly { readonly service: CarriedService; readonly from: string }[],
): DepartureAnswer {
  const loadNow = (node: CarrierNode) =>
    services.reduce((sum, { name, load }) => sum + (node.services[name]?.acts === true ? (load ?? 0) : 0), 0)
  const loads = new Map(nodes.map((node) => [node.name, { now: loadNow(node), added: 0 }]))
  const fits = ({ name, capacity }: CarrierNode, more: number) => {
    const { now, added } = loads.get(name) ?? { now: 0, added: 0 }
    return capacity === undefined || more === 0 || now + added + more <= capacity
  }
  const departures: Departure[] = []
  for (const { service, from } of inTurn(leavers)) departures.push(departure(service, from))
  function departure(service: CarriedService, from: string): Departure {
    const { name, load = 0 } = service
    const leader = departures.find((each) => each.service === service.with)
    const members = leader ? service.members.filter((member) => member === leader.to) : service.members
    const others = members.flatMap((member) => nodes.filter((node) => node.name === member && member !== from))
    const well = others.filter((node) => obstacleOf(node, name) === undefined)
    // There has to be room for those too that come with it.
    const along = followersOf(name, services).filter((each) => leavers.some((leaver) => leaver.service.name === each.name))
    const weight = along.reduce((sum, each) => sum + (each.load ?? 0), load)
    const to = well.find((node) => fits(node, weight)) ?? well[0]
    if (!to) {
      const whys = others.map((node) => `${node.name}: ${obstacleOf(node, name) ?? ''}`)
      const none = leader ? `it goes with ${leader.service}, which has nowhere to go` : 'it has no member that stays'
      return { service: name, from, to: undefined, because: whys.length > 0 ? whys.join('; ') : none }
    }
    const because = fits(to, weight) ? 'alive, well and willing' : 'well, and it has no room'
    const carried = loads.get(to.name)
    if (carried) carried.added += load
    return { service: name, from, to: to.name, because }
  }
  const carried = nodes.flatMap(({ name, capacity, obstacle }): CarriedLoad[] => {
    const { now, added } = loads.get(name) ?? { now: 0, added: 0 }
    if (capacity === undefined || (obstacle !== undefined && added === 0)) return []
    return [{ node: name, load: now + added, added, capacity, fits: now + added <= capacity }]
  })
  return {
    departures,
    loads: carried,
    stranded: departures.flatMap(({ service, to }) => (to === undefined ? [service] : [])),
    overloaded: carried.flatMap(({ node, added, fits: isRoom }) => (added > 0 && !isRoom ? [node] : [])),
  }
}

/** The heavy ones first, and whoever goes with another one after it. */
function inTurn<Leaver extends { readonly service: CarriedService }>(leavers: readonly Leaver[]): readonly Leaver[] {
  const heavyFirst = leavers.toSorted((one, other) => (other.service.load ?? 0) - (one.service.load ?? 0))
  const order: Leaver[] = []
  for (let open = heavyFirst; open.length > 0;) {
    const waits = ({ service }: Leaver) => open.some((each) => each.service.name === service.with)
    const next = open.filter((each) => !waits(each))
    // A circle, which no file has, would be left over.
    order.push(...(next.length > 0 ? next : open))
    open = next.length > 0 ? open.filter(waits) : []
  }
  return order
}

function obstacleOf(node: CarrierNode, service: string): string | undefined {
  if (node.obstacle !== undefined) return node.obstacle
  const own = node.services[service]
  return own ? own.obstacle : 'it has not told how it is for it'
}

/** Why it is better not done, with figures; undefined where nothing speaks against it. */
export function objectionTo(answer: DepartureAnswer): string | undefined {
  const { departures, stranded } = answer
  const nobody = departures.flatMap(({ service, because }) =>
    stranded.includes(service) ? [`nobody could take ${service} over (${because})`] : [],
  )
  const full = overloadOf(answer)
  const all = [...nobody, ...(full === undefined ? [] : [full])]
  return all.length === 0 ? undefined : all.join('; ')
}

/** Who would carry more than it can, with figures; undefined where nobody would. */
export function overloadOf({ loads, overloaded }: DepartureAnswer): string | undefined {
  const full = loads.filter(({ node }) => overloaded.includes(node))
  if (full.length === 0) return undefined
  return full.map(({ node, load, capacity }) => `${node} would carry ${figure(load)} of ${figure(capacity)}`).join('; ')
}

/** Sums of fractions, as people write them. */
function figure(value: number): string {
  return String(Math.round(value * 1_000) / 1_000)
}
