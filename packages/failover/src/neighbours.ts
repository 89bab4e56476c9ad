import { isAlive, serviceReportOf } from './candidates.ts'
import type { Facts, OtherFacts, Role, ServiceReport } from './facts.ts'
import type { ResolvedFailoverOptions } from './options.ts'
import { nearNodes, relationsOf, standingOf, type ToldRole } from './others.ts'
import type { PeerReports } from './peer-reports.ts'
import type { PeoplePort } from './ports.ts'
import { fullNodes } from './room.ts'
import type { ServiceDefinition } from './service.ts'

export interface NeighboursOptions extends Pick<ResolvedFailoverOptions, 'node' | 'capacity'> {
  readonly people: Pick<PeoplePort, 'maintenance'>
  readonly reports: Pick<PeerReports, 'facts' | 'fresh'>
  /** What this node is for its own, and says of them. */
  readonly services: ReadonlyMap<string, { readonly role: Role; report(): ServiceReport }>
}

/** What one service has to know of the others, by what nodes have told: where there is no room beside them, and which go first. */
export class Neighbours {
  readonly #options: NeighboursOptions

  constructor(options: NeighboursOptions) {
    this.#options = options
  }

  /** Members that had better not take a service, and why. */
  reluctant(definition: ServiceDefinition): Facts['reluctant'] {
    const { capacity } = this.#options
    const { members, apartFrom = [] } = definition
    const rolesOf = (node: string) => this.#rolesOf(node)
    const full = capacity && fullNodes(definition, capacity, rolesOf)
    return apartFrom.length === 0 ? full : { ...full, ...nearNodes(members, apartFrom, rolesOf) }
  }

  /** How the services stand that one depends on, or that depend on it; undefined where it has to do with none. */
  othersOf(definition: ServiceDefinition, all: readonly ServiceDefinition[]): (() => OtherFacts) | undefined {
    const { after, dependents, higher } = relationsOf(definition, all)
    if (after.length + dependents.length + higher.length === 0) return undefined
    const standing = (name: string) => ({ name, ...standingOf(this.#options.node, this.#told(name)) })
    return () => ({ after: after.map(standing), dependents: dependents.map(standing), higher: higher.map(standing) })
  }

  /** What a node is for each service, as far as it is known at this moment. */
  #rolesOf(node: string): Readonly<Record<string, Role>> {
    const { services: own, reports } = this.#options
    if (node === this.#options.node) return Object.fromEntries([...own].map(([name, { role }]) => [name, role]))
    const services = reports.fresh(node)?.services ?? {}
    return Object.fromEntries(Object.entries(services).map(([name, { role }]) => [name, role]))
  }

  /** What nodes that live have told of a service, and what is known of it here. */
  #told(service: string): readonly ToldRole[] {
    const { node, people, reports, services } = this.#options
    const own = services.get(service)?.report()
    const peers = reports.facts().flatMap((peer) => {
      const report = isAlive(peer) && peer.agrees !== false ? serviceReportOf(peer, service) : undefined
      return report ? [{ node: peer.node, role: report.role, fit: peer.report?.maintenance === undefined && isFit(report) }] : []
    })
    return own ? [{ node, role: own.role, fit: people.maintenance() === undefined && isFit(own) }, ...peers] : peers
  }
}

function isFit({ check, unfit }: ServiceReport): boolean {
  return unfit === undefined && (check.state === 'up' || check.state === 'degraded')
}
