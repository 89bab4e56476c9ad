import { unknownNames, type Reference } from './checks-names.ts'
import type { FileView } from './issues.ts'
import { limits } from './defaults.ts'
import type { Finding, Path } from './problem.ts'

/** Something of the file that leans on something else. */
export interface DraftLeaning {
  readonly owner: { readonly kind: 'pool' | 'check' | 'service'; readonly name: string }
  /** Every place that names what it leans on. */
  readonly references: readonly Reference[]
  /** Where it says how many of them it takes. */
  readonly needPath: Path
  readonly need: unknown
}

export interface DraftDependencies {
  readonly leaning: readonly DraftLeaning[]
  readonly checkNames: readonly string[]
  /** Of each pool the names of its targets; undefined where the pool could not be understood. */
  readonly targetNames: ReadonlyMap<string, readonly string[] | undefined>
}

/** What leans on what must be there, and must not lead back to itself. */
export function dependencyContradictions(draft: DraftDependencies, view: FileView): Finding[] {
  return [...strangers(draft, view), ...draft.leaning.flatMap((each) => miscounted(each, draft)), ...circles(draft)]
}

function strangers({ leaning, checkNames, targetNames }: DraftDependencies, view: FileView): Finding[] {
  const references = leaning.flatMap((each) => each.references)
  const isReadable = ({ name }: Reference) => {
    const pool = poolOf(name)
    return !targetNames.has(pool) || targetNames.get(pool) !== undefined
  }
  const targets = [...targetNames].flatMap(([pool, names]) => [...(names ?? []).map((name) => `${pool}/${name}`), `${pool}/*`])
  const lost = references.filter((each) => !isTarget(each) && targetNames.has(each.name) && !checkNames.includes(each.name))
  return [
    ...lost.map(({ path, name }) => ({ path, message: 'this is a pool', hint: `write "${name}/*" for all of its targets` })),
    ...unknownNames(
      'check',
      references.filter((each) => !isTarget(each) && !lost.includes(each)),
      checkNames,
      view,
    ),
    ...unknownNames(
      'target',
      references.filter((each) => isTarget(each) && isReadable(each)),
      targets,
      view,
    ),
  ]
}

function isTarget({ name }: Reference): boolean {
  return name.includes('/')
}

function miscounted({ references, need, needPath }: DraftLeaning, draft: DraftDependencies): Finding[] {
  const all = references.flatMap(({ name, path }) => idsOf(name, draft).map((id) => ({ id, path })))
  const twice = all.find(({ id }, index) => all.findIndex((other) => other.id === id) !== index)
  if (twice) return [{ path: twice.path, message: 'this is there twice', hint: 'name each target or check once' }]
  if (all.length > limits.dependencies) {
    const path = references[0]?.path.slice(0, -1) ?? []
    return [{ path, message: `these are ${all.length} targets and checks, and ${limits.dependencies} is the most` }]
  }
  return typeof need === 'number' && need > all.length ? [{ path: needPath, message: 'is more than there are names' }] : []
}

interface Edge {
  readonly to: string
  readonly path: Path
}

/** All targets of a pool lean on the same, so that a circle of targets is one of their pools. */
function circles(draft: DraftDependencies): Finding[] {
  const isThere = ({ name }: Reference) => !name.includes('/') || isTargetName(name, draft)
  const edges = new Map(
    draft.leaning.map(({ owner, references }) => [
      `${owner.kind} ${owner.name}`,
      references
        .filter(isThere)
        .map(({ name, path }): Edge => ({ path, to: name.includes('/') ? `pool ${poolOf(name)}` : `check ${name}` })),
    ]),
  )
  const findings: Finding[] = []
  const done = new Set<string>()
  for (const start of edges.keys()) {
    // The way from the start to where we are, and which edge comes next at each step of it.
    const way = done.has(start) ? [] : [{ node: start, next: 0 }]
    for (let step = way.at(-1); step; step = way.at(-1)) {
      const edge = edges.get(step.node)?.[step.next++]
      if (!edge) {
        done.add(step.node)
        way.pop()
        continue
      }
      const at = way.findIndex(({ node }) => node === edge.to)
      if (at >= 0) findings.push(circle([...way.slice(at).map(({ node }) => node), edge.to], edge.path))
      else if (!done.has(edge.to) && edges.has(edge.to)) way.push({ node: edge.to, next: 0 })
    }
  }
  return findings
}

function circle(nodes: readonly string[], path: Path): Finding {
  return { path, message: `it would lean on itself: ${nodes.join(' -> ')}`, hint: 'take one of these out' }
}

function idsOf(name: string, { targetNames }: DraftDependencies): string[] {
  const pool = poolOf(name)
  return name.endsWith('/*') ? (targetNames.get(pool) ?? []).map((target) => `${pool}/${target}`) : [name]
}

function isTargetName(name: string, { targetNames }: DraftDependencies): boolean {
  const names = targetNames.get(poolOf(name))
  return names !== undefined && (name.endsWith('/*') || names.includes(name.slice(name.indexOf('/') + 1)))
}

function poolOf(name: string): string {
  return name.split('/')[0] ?? ''
}
