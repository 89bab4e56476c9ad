import type { HealthState, Verdict } from '@hotspare/core'
import type { NodeReport, ServiceSnapshot } from '@hotspare/failover'
import type { CarriedService, CarrierNode, Carriers } from './departure.ts'
import type { SiteNode } from './sites/view.ts'

/** What this node knows of all nodes, itself included. */
export interface KnownNodes {
  readonly node: string
  readonly nodes: readonly { readonly name: string; readonly site: string | undefined; readonly capacity: number | undefined }[]
  readonly services: readonly CarriedService[]
  /** Its own. */
  readonly maintenance: string | undefined
  readonly snapshots: readonly ServiceSnapshot[]
  readonly alive: (node: string) => Verdict<HealthState>
  readonly agrees: (node: string) => boolean | undefined
  /** The last that it told. */
  readonly reportOf: (node: string) => NodeReport | undefined
}

/** Nodes and what they carry. */
export function carriersOf(known: KnownNodes): Carriers {
  return {
    nodes: known.nodes.map(({ name, capacity }): CarrierNode => {
      if (name === known.node)
        return { name, capacity, obstacle: inMaintenance(known.maintenance), services: ownServices(known.node, known.snapshots) }
      return { name, capacity, obstacle: peerObstacle(known, name), services: peerServices(known, name) }
    }),
    services: known.services,
  }
}

/** Nodes and the sites that they stand in. */
export function siteNodesOf(known: KnownNodes): readonly SiteNode[] {
  return known.nodes.map(({ name, site }) => {
    const isOwn = name === known.node
    const services = isOwn ? ownServices(name, known.snapshots) : peerServices(known, name)
    return {
      name,
      site,
      alive: isOwn ? { state: 'up', since: 0, because: 'this node' } : known.alive(name),
      maintenance: isOwn ? known.maintenance : known.reportOf(name)?.maintenance,
      acts: Object.entries(services).flatMap(([service, { acts }]) => (acts ? [service] : [])),
    }
  })
}

function ownServices(node: string, snapshots: readonly ServiceSnapshot[]): CarrierNode['services'] {
  return Object.fromEntries(
    snapshots.map(({ name, role, candidates }) => {
      const own = candidates.find((each) => each.node === node)
      // Where the one goes that it goes with is another question.
      return [name, { acts: isActing(role), obstacle: own && !own.eligible && !own.isAway ? own.because : undefined }]
    }),
  )
}

function peerServices({ reportOf, alive }: KnownNodes, node: string): CarrierNode['services'] {
  // Of a node that is dead, nothing that it told holds any more.
  if (alive(node).state === 'down') return {}
  return Object.fromEntries(
    Object.entries(reportOf(node)?.services ?? {}).map(([name, { role, check, unfit }]) => {
      const isWell = check.state === 'up' || check.state === 'degraded'
      return [name, { acts: isActing(role), obstacle: unfit ?? (isWell ? undefined : `its check says ${check.state}: ${check.because}`) }]
    }),
  )
}

function peerObstacle({ alive, agrees, reportOf }: KnownNodes, node: string): string | undefined {
  const { state, because } = alive(node)
  if (state !== 'up' && state !== 'degraded') return `by its heartbeat it is ${state}: ${because}`
  if (agrees(node) === false) return 'its configuration or protocol differs from ours'
  const report = reportOf(node)
  return report ? inMaintenance(report.maintenance) : 'it has not told how it is'
}

function inMaintenance(because: string | undefined): string | undefined {
  return because === undefined ? undefined : `in maintenance: ${because}`
}

function isActing(role: ServiceSnapshot['role']): boolean {
  return role !== 'standby'
}
