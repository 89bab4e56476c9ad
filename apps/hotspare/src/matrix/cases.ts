import type { ServiceConfig } from '../config/config.ts'
import { relationsOf } from '@hotspare/failover'
import type { ClusterFile } from './cluster-file.ts'
import { heirsOf } from './heirs.ts'
import type { ActiveCase } from './outlook-active.ts'
import { boundsOf, type ServiceBounds } from './service-bounds.ts'
import { asSimulated, type ServiceTimes, timesOf } from './times.ts'

/** All that the failures of one service are foretold from. */
export interface ServiceCase extends ActiveCase {
  readonly service: ServiceConfig
  readonly times: ServiceTimes
  /** Services that it goes with, the nearest first. */
  readonly leaders: readonly string[]
}

/** The same file, but for the order of members of what goes with another service: it is that one's. */
export function inCompany<File extends Pick<ClusterFile, 'services'>>(file: File): File {
  const byName = new Map(file.services.map((service) => [service.name, service]))
  return { ...file, services: file.services.map((service) => ({ ...service, members: rootOf(service, byName).members })) }
}

/**
 * The services of a file, with what each waits for among the others.
 *
 * @param file with the members {@link inCompany}
 * @param simulated devices and providers take what they take as a rule, and not all that they may
 */
export function casesOf(file: ClusterFile, simulated = false): readonly ServiceCase[] {
  const { services, cluster } = file
  const byName = new Map(services.map((service) => [service.name, service]))
  const times = new Map(services.map((service) => [service.name, simulated ? asSimulated(timesOf(service, file)) : timesOf(service, file)]))
  const known = new Map<string, ServiceBounds | 'open'>()
  // Those that wait for it by a circle of order and priority wait for a while and no longer.
  const boundsFor = (name: string): ServiceBounds | undefined => {
    const before = known.get(name)
    if (before !== undefined) return before === 'open' ? undefined : before
    const [service, own] = [byName.get(name), times.get(name)]
    if (!service || !own) return undefined
    known.set(name, 'open')
    const isBeside = (other: string) => byName.get(other)?.members[0] === service.members[0]
    const bases = basesOf(service).filter(isBeside)
    const higher = relationsOf(service, services).higher.filter(isBeside)
    const bounds = boundsOf(own, service.onControlLoss, { bases: bases.map(boundsFor), higher: higher.map(boundsFor) })
    known.set(name, bounds)
    return bounds
  }
  const neighboursOf = (service: ServiceConfig): Pick<ActiveCase, 'shooter' | 'certainBase'> => {
    const fenced = services.filter((each) => areBeside(service, each) && each.fencing !== undefined)
    // One that must let go shoots soonest.
    const shooter = fenced.find(({ onControlLoss }) => onControlLoss === 'release') ?? fenced[0]
    const bounds = shooter && boundsFor(shooter.name)
    const certain = fenced.find((each) => each.fencing === 'required' && comesAfter(service.name, each.name, byName))
    return {
      ...(shooter && bounds ? { shooter: { name: shooter.name, onControlLoss: shooter.onControlLoss, bounds } } : {}),
      ...(certain ? { certainBase: certain.name } : {}),
    }
  }
  return services.flatMap((service): readonly ServiceCase[] => {
    const { name, members } = service
    const [own, bounds] = [times.get(name), boundsFor(name)]
    if (!own || !bounds) return []
    const root = rootOf(service, byName)
    const leader = root === service ? undefined : boundsFor(root.name)
    const chooses = services.some(({ apartFrom, load }) => (apartFrom?.length ?? 0) > 0 || load !== undefined)
    const stuck = bounds.takeover ? undefined : basesOf(service).find((base) => !boundsFor(base)?.takeover)
    return [
      {
        service,
        times: own,
        bounds,
        leaders: leadersOf(service, byName),
        hasArbiter: cluster.arbiter.type !== 'none',
        // Where there is room, and who is there already, is known only then.
        heirs: chooses ? members.slice(1) : heirsOf(members, own),
        chooses,
        isMoved: own.resources.isMoved,
        fence: own.fence?.mode,
        ...neighboursOf(service),
        ...(leader ? { leader: { name: root.name, bounds: leader } } : {}),
        ...(stuck === undefined ? {} : { waitsFor: stuck }),
      },
    ]
  })
}

function areBeside(one: ServiceConfig, other: ServiceConfig): boolean {
  return one !== other && one.members[0] === other.members[0]
}

function basesOf({ after = [], with: leader }: ServiceConfig): readonly string[] {
  return leader === undefined ? after : [...after, leader]
}

function comesAfter(name: string, base: string, byName: ReadonlyMap<string, ServiceConfig>, seen = new Set<string>()): boolean {
  const service = byName.get(name)
  if (!service || seen.has(name)) return false
  seen.add(name)
  return basesOf(service).some((each) => each === base || comesAfter(each, base, byName, seen))
}

function leadersOf(service: ServiceConfig, byName: ReadonlyMap<string, ServiceConfig>): readonly string[] {
  const leaders: string[] = []
  for (let each = service.with; each !== undefined && !leaders.includes(each); each = byName.get(each)?.with) leaders.push(each)
  return leaders
}

function rootOf(service: ServiceConfig, byName: ReadonlyMap<string, ServiceConfig>): ServiceConfig {
  return byName.get(leadersOf(service, byName).at(-1) ?? service.name) ?? service
}
