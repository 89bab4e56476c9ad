import { type OptionsIssue, optionsError } from '@hotspare/core'
import { z } from 'zod'
import { parseOptions } from '../options.ts'
import { dependencyDefaults } from './defaults.ts'

/** What a target leans on. */
export interface DependencyOptions {
  /** Names of the targets without which it cannot be reached. */
  readonly on: readonly string[]
  /** How many of them it takes. Default: all */
  readonly need?: 'all' | 'any' | number | undefined
}

/** What a target leans on, and `needed`, the number of those that it takes. */
export interface Dependency {
  readonly on: readonly string[]
  readonly needed: number
}

/** A graph without cycles, in which every name is known. */
export interface DependencyGraph {
  /** Every name, each after all that it leans on. */
  readonly order: readonly string[]
  readonly dependencies: ReadonlyMap<string, Dependency>
}

const dependencySchema: z.ZodType<Dependency, DependencyOptions> = z
  .strictObject({
    on: z
      .array(z.string().min(1))
      .min(1)
      .max(dependencyDefaults.maxParents)
      .describe('Names of the targets without which it cannot be reached.'),
    need: z
      .union([z.enum(['all', 'any']), z.int().min(1)])
      .default('all')
      .describe('How many of them it takes: all, any, or a number.'),
  })
  .refine(({ on, need }) => typeof need === 'string' || need <= on.length, {
    path: ['need'],
    message: 'is more than there are names in on',
  })
  .refine(({ on }) => new Set(on).size === on.length, { path: ['on'], message: 'holds a name twice' })
  .transform(({ on, need }) => ({ on, needed: need === 'all' ? on.length : need === 'any' ? 1 : need }))

/** The dependencies of many targets by their names, for whoever reads them from a file. */
export const dependenciesSchema: z.ZodType<Readonly<Record<string, Dependency>>, Readonly<Record<string, DependencyOptions>>> = z.record(
  z.string(),
  dependencySchema,
)

/**
 * @param names every target there is; those that lean on nothing need no entry in `dependencies`
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` that names every unknown name, or the names of a cycle in their order
 */
export function createDependencyGraph(names: Iterable<string>, dependencies: Readonly<Record<string, DependencyOptions>>): DependencyGraph {
  const known = new Set(names)
  if (known.size > dependencyDefaults.maxNames) refuse([{ path: [], message: `more than ${dependencyDefaults.maxNames} names` }])
  const parsed = new Map(Object.entries(parseOptions('dependencies', dependenciesSchema, dependencies)))
  refuse([...parsed].flatMap(([name, dependency]) => unknownNames(name, dependency, known)))
  const order = parentsFirst(known, parsed)
  if (order.length < known.size) {
    const ordered = new Set(order)
    const cycle = findCycle(new Set([...known].filter((name) => !ordered.has(name))), parsed)
    refuse([{ path: [cycle[0] ?? '', 'on'], message: `leans on itself: ${cycle.join(' -> ')}` }])
  }
  return { order, dependencies: parsed }
}

function refuse(issues: readonly OptionsIssue[]): void {
  if (issues.length > 0) throw optionsError({ code: 'HOTSPARE_HEALTH_OPTIONS', who: 'dependencies', issues })
}

function unknownNames(name: string, { on }: Dependency, known: ReadonlySet<string>): OptionsIssue[] {
  if (!known.has(name)) return [{ path: [name], message: 'there is no target of this name' }]
  return on.flatMap((parent, index) =>
    known.has(parent) ? [] : [{ path: [name, 'on', index], message: `there is no target "${parent}"` }],
  )
}

/** Kahn's algorithm. @returns every name that is on no cycle and behind none, each after all that it leans on */
function parentsFirst(names: ReadonlySet<string>, dependencies: ReadonlyMap<string, Dependency>): string[] {
  const missing = new Map<string, number>()
  const children = new Map<string, string[]>()
  for (const name of names) missing.set(name, dependencies.get(name)?.on.length ?? 0)
  for (const [name, { on }] of dependencies) {
    for (const parent of on) {
      const known = children.get(parent)
      if (known) known.push(name)
      else children.set(parent, [name])
    }
  }
  const order = [...names].filter((name) => missing.get(name) === 0)
  // The list grows while it is walked: every name is looked at once.
  for (const name of order) {
    for (const child of children.get(name) ?? []) {
      const left = (missing.get(child) ?? 0) - 1
      missing.set(child, left)
      if (left === 0) order.push(child)
    }
  }
  return order
}

/** Every name that is left leans on another that is left, so that walking on must come back. */
function findCycle(left: ReadonlySet<string>, dependencies: ReadonlyMap<string, Dependency>): string[] {
  const path = new Set<string>()
  let [name = ''] = left
  while (!path.has(name)) {
    path.add(name)
    name = dependencies.get(name)?.on.find((parent) => left.has(parent)) ?? ''
  }
  const walked = [...path]
  return [...walked.slice(walked.indexOf(name)), name]
}
