import type { HealthState, Verdict } from '@hotspare/core'

/** A node, as far as its site is concerned. */
export interface SiteNode {
  readonly name: string
  readonly site: string | undefined
  /** By the heartbeat; `up` for this node itself. */
  readonly alive: Verdict<HealthState>
  /** Why people want no service on it, by the last that it told. */
  readonly maintenance: string | undefined
  /** Services that it is active for, or keeps. */
  readonly acts: readonly string[]
}

/** How a site is, as this node sees it. */
export type SiteState =
  | 'up'
  /** A node of it is dead, or in maintenance. */
  | 'partial'
  /** All its nodes are in maintenance. */
  | 'drained'
  /** All its nodes are dead, and people had not emptied it before. */
  | 'lost'

export interface SiteView {
  readonly name: string
  readonly state: SiteState
  readonly because: string
  readonly nodes: readonly string[]
  /** Services that are active there. */
  readonly services: readonly string[]
}

/** The sites that nodes stand in, in the order of the nodes; those without one are left out. */
export function sitesOf(nodes: readonly SiteNode[]): readonly SiteView[] {
  const names = [...new Set(nodes.flatMap(({ site }) => (site === undefined ? [] : [site])))]
  return names.map((name) =>
    siteOf(
      name,
      nodes.filter(({ site }) => site === name),
    ),
  )
}

function siteOf(name: string, nodes: readonly SiteNode[]): SiteView {
  const dead = nodes.filter(({ alive }) => alive.state === 'down')
  const said = nodes.filter(({ maintenance }) => maintenance !== undefined)
  return {
    name,
    ...verdictOf(nodes, dead, said),
    nodes: nodes.map((node) => node.name),
    services: [...new Set(nodes.flatMap((node) => (dead.includes(node) ? [] : node.acts)))],
  }
}

function verdictOf(
  nodes: readonly SiteNode[],
  dead: readonly SiteNode[],
  said: readonly SiteNode[],
): { readonly state: SiteState; readonly because: string } {
  // What people have emptied may be switched off: nobody needs to be told.
  if (said.length === nodes.length) return { state: 'drained', because: reasonsOf(said) }
  if (dead.length === nodes.length) return { state: 'lost', because: `no heartbeat of ${namesOf(dead)}` }
  const notes = [
    ...(dead.length > 0 ? [`no heartbeat of ${namesOf(dead)}`] : []),
    ...(said.length > 0 ? [`in maintenance: ${namesOf(said)}`] : []),
  ]
  return notes.length === 0 ? { state: 'up', because: 'no node of it is dead' } : { state: 'partial', because: notes.join('; ') }
}

function reasonsOf(said: readonly SiteNode[]): string {
  return [...new Set(said.map(({ maintenance }) => maintenance))].join('; ')
}

function namesOf(nodes: readonly SiteNode[]): string {
  return nodes.map(({ name }) => name).join(', ')
}
