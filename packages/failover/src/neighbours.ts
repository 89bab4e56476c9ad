import { isAlive, serviceReportOf } from './candidates.ts'
import type { Facts, LeaderFact, OtherFacts, Role, ServiceReport } from './facts.ts'
import type { ResolvedFailoverOptions } from './options.ts'
import { leaderFact, nearNodes, partingNodes, standingOf, type ToldRight, type ToldRole } from './others.ts'
import type { PeerReports } from './peer-reports.ts'
import type { PeoplePort } from './ports.ts'
import { relationsOf } from './relations.ts'
import { fullNodes } from './room.ts'
import type { ServiceDefinition } from './service.ts'

export interface NeighboursOptions extends Pick<ResolvedFailoverOptions, 'node' | 'capacity'> {
  readonly people: Pick<PeoplePort, 'maintenance'>
  readonly reports: Pick<PeerReports, 'facts' | 'fresh'>
  /** What this node is for its own, and says of them. */
  readonly services: ReadonlyMap<string, { readonly role: Role; readonly token: number | undefined; report(): ServiceReport }>
}

/** What one service has to know of the others, by what nodes have told: where there is no room beside them, and which go first. */
export class Neighbours {
  readonly #options: NeighboursOptions

  constructor(options: NeighboursOptions) {
    this.#options = options
  }

  /** Members that had better not take a service, and why: with it come those that go with it. */
  reluctantOf(definition: ServiceDefinition, all: readonly ServiceDefinition[]): () => Facts['reluctant'] {
    const { capacity } = this.#options
    const { members } = definition
    const followers = relationsOf(definition, all).followers
    const along = all.filter(({ name }) => followers.includes(name))
    const apartFrom = [...new Set([definition, ...along].flatMap((each) => each.apartFrom ?? []))]
    const rolesOf = (node: string) => this.#rolesOf(node)
    return () => {
      const full = capacity && fullNodes(definition, capacity, rolesOf, followers)
      if (apartFrom.length + followers.length === 0) return full
      const parting = partingNodes(members, followers, (node, name) => this.#unfitAt(node, name))
      return { ...full, ...nearNodes(members, apartFrom, rolesOf), ...parting }
    }
  }

  /** Where the service is that one goes with; undefined where it goes by itself. */
  leaderOf({ with: leader }: ServiceDefinition): LeaderFact | undefined {
    if (leader === undefined) return undefined
    const { node, services } = this.#options
    const own = services.get(leader)
    const peers = this.#reports(leader).map(({ peer, report }): ToldRight => ({ node: peer, role: report.role, token: report.token }))
    return leaderFact(leader, own ? [{ node, role: own.role, token: own.token }, ...peers] : peers)
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
    const { node, people, services } = this.#options
    const own = services.get(service)?.report()
    const peers = this.#reports(service).map(({ peer, report, inMaintenance }): ToldRole => {
      return { node: peer, role: report.role, fit: !inMaintenance && isFit(report) }
    })
    return own ? [{ node, role: own.role, fit: people.maintenance() === undefined && isFit(own) }, ...peers] : peers
  }

  /** Of peers that live and agree. */
  #reports(service: string): readonly { readonly peer: string; readonly report: ServiceReport; readonly inMaintenance: boolean }[] {
    return this.#options.reports.facts().flatMap((peer) => {
      const report = isAlive(peer) && peer.agrees !== false ? serviceReportOf(peer, service) : undefined
      return report ? [{ peer: peer.node, report, inMaintenance: peer.report?.maintenance !== undefined }] : []
    })
  }

  /** Why a service could not be on a node, by that node's own word; undefined where it could, or nothing is known. */
  #unfitAt(node: string, service: string): string | undefined {
    const { node: self, services, reports } = this.#options
    const report = node === self ? services.get(service)?.report() : reports.fresh(node)?.services[service]
    if (!report) return undefined
    return report.unfit ?? (report.check.state === 'down' ? `its check says down: ${report.check.because}` : undefined)
  }
}

function isFit({ check, unfit }: ServiceReport): boolean {
  return unfit === undefined && (check.state === 'up' || check.state === 'degraded')
}
