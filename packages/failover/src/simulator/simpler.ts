import type { Fault, Moment } from './fault.ts'
import type { Schedule, ServiceSpec, SiteSpec } from './schedule.ts'

/** Below this a time is not made shorter. */
const SHORTEST_MS = 20

/** The same schedule with one node or service less, or with one thing of its site as it is by default. The boldest first. */
export function* simplerSites(schedule: Schedule): Iterable<Schedule> {
  const { site, clocks = {}, ...rest } = schedule
  const withSite = (other: SiteSpec): Schedule => ({ ...schedule, site: other })
  if (site.services.length > 1) for (const { definition } of site.services) yield withoutService(schedule, definition.name)
  if (site.nodes.length > 1) for (const { name } of site.nodes.toReversed()) yield withoutNode(schedule, name)
  if (schedule.clocks) yield { ...rest, site }
  for (const name of Object.keys(clocks)) {
    const { [name]: _, ...others } = clocks
    yield { ...schedule, clocks: others }
    if (clocks[name]?.rate !== undefined) yield { ...schedule, clocks: { ...others, [name]: { ...clocks[name], rate: undefined } } }
  }
  if (site.heartbeat) {
    const { heartbeat: _, ...others } = site
    yield withSite(others)
  }
  if (site.capacity) yield withSite({ ...site, capacity: undefined })
  if (site.fencing && site.services.every(({ definition }) => !definition.fencing)) yield withSite({ ...site, fencing: undefined })
  for (const [index, service] of site.services.entries()) {
    for (const simpler of simplerServices(service)) yield withSite({ ...site, services: site.services.with(index, simpler) })
  }
  if (site.nodes.some((node) => node.site !== undefined)) yield withSite({ ...site, nodes: site.nodes.map(({ name }) => ({ name })) })
}

/** The same schedule with one fault that is shorter, or at a rounder time; or with an earlier calm. */
export function* simplerFaults(schedule: Schedule): Iterable<Schedule> {
  const { faults, calmAtMs } = schedule
  const endMs = Math.max(1_000, ...faults.map(endsMs))
  if (endMs < calmAtMs) yield { ...schedule, calmAtMs: endMs }
  for (const [index, fault] of faults.entries()) {
    for (const simpler of simplerForms(fault)) yield { ...schedule, faults: faults.with(index, simpler) }
  }
}

function* simplerServices({ definition, ...rest }: ServiceSpec): Iterable<ServiceSpec> {
  if (Object.keys(rest).length > 0) yield { definition }
  for (const key of Object.keys(rest)) yield { definition, ...Object.fromEntries(Object.entries(rest).filter(([other]) => other !== key)) }
  for (const key of ['fencing', 'after', 'with', 'apartFrom', 'priority'] as const) {
    const { [key]: said, ...others } = definition
    if (said !== undefined) yield { definition: others, ...rest }
  }
  if (definition.failback.type !== 'manual') yield { definition: { ...definition, failback: { type: 'manual' } }, ...rest }
}

function* simplerForms(fault: Fault): Iterable<Fault> {
  if ('forMs' in fault && fault.forMs !== undefined) {
    const { forMs } = fault
    if (forMs / 2 >= SHORTEST_MS) yield { ...fault, forMs: round(forMs / 2) }
    if (round(forMs) !== forMs) yield { ...fault, forMs: round(forMs) }
  }
  for (const atMs of simplerMoments(fault.atMs)) yield { ...fault, atMs }
  if (fault.type === 'rough') {
    for (const key of ['lossRatio', 'delayMs', 'duplicateRatio', 'lateRatio', 'lateMs'] as const) {
      const { [key]: value, ...others } = fault
      if (value !== undefined) yield others
    }
  }
}

function* simplerMoments(atMs: Moment): Iterable<Moment> {
  if (typeof atMs === 'number') {
    if (round(atMs) !== atMs) yield round(atMs)
    return
  }
  if (Math.round(atMs.delayMs) !== atMs.delayMs) yield { ...atMs, delayMs: Math.round(atMs.delayMs) }
}

function endsMs(fault: Fault): number {
  // How late such a moment comes is not known before it has.
  if (typeof fault.atMs !== 'number') return Infinity
  return round(fault.atMs + ('forMs' in fault ? (fault.forMs ?? Infinity) : 1_000)) + 100
}

/** To hundreds, or to tens where that is little. */
function round(timeMs: number): number {
  const step = timeMs >= 200 ? 100 : 10
  return Math.round(timeMs / step) * step
}

function withoutService(schedule: Schedule, name: string): Schedule {
  const { site, faults } = schedule
  return {
    ...schedule,
    site: {
      ...site,
      services: site.services.filter(({ definition }) => definition.name !== name).map((service) => forgetting(service, name)),
    },
    faults: faults.filter((fault) => !('service' in fault) || fault.service !== name),
  }
}

/** What it said of a service that is not there any more. */
function forgetting({ definition, ...rest }: ServiceSpec, name: string): ServiceSpec {
  const { after, with: leader, apartFrom, ...others } = definition
  const left = (said: readonly string[] | undefined) => said?.filter((each) => each !== name)
  return {
    ...rest,
    definition: {
      ...others,
      ...(left(after)?.length ? { after: left(after) } : {}),
      ...(leader === undefined || leader === name ? {} : { with: leader }),
      ...(left(apartFrom)?.length ? { apartFrom: left(apartFrom) } : {}),
    },
  }
}

function withoutNode(schedule: Schedule, name: string): Schedule {
  const { site, faults, clocks = {} } = schedule
  const { [name]: _, ...others } = clocks
  const services = site.services.map((service) => {
    const { definition } = service
    return { ...service, definition: { ...definition, members: definition.members.filter((member) => member !== name) } }
  })
  return {
    ...schedule,
    site: {
      ...site,
      nodes: site.nodes.filter((node) => node.name !== name),
      services: services.filter(({ definition }) => definition.members.length > 0),
    },
    clocks: others,
    faults: faults.filter((fault) => !names(fault).includes(name)),
  }
}

/** The nodes that a fault cannot do without; sides of networks may name nodes that are not there. */
function names(fault: Fault): readonly string[] {
  if ('node' in fault) return 'to' in fault && fault.to !== undefined ? [fault.node, fault.to] : [fault.node]
  return []
}
