import { drawSchedule, type Run, runSchedule, type Mutations, type Schedule } from '@hotspare/failover/simulator'
import { simulatedDrivers as drivers } from './drivers.ts'

/** Which schedules are drawn. */
export interface Draw {
  /** Without one, only what may serve twice is allowed. */
  readonly arbiter: boolean
}

/** A seed whose run did what must not happen. */
export interface Red {
  readonly seed: number
  readonly violations: readonly string[]
}

/** How many seeds went how. */
export interface Tally {
  readonly seeds: number
  readonly plans: number
  readonly reds: readonly Red[]
}

export function scheduleOf(seed: number, { arbiter }: Draw): Schedule {
  return drawSchedule(seed, { arbiter })
}

export function run(schedule: Schedule, mutations?: Mutations): Promise<Run> {
  return runSchedule(schedule, { drivers, mutations })
}

/** Runs seeds from `from` on, and stops after the first that is red. */
export async function runSeeds(from: number, count: number, draw: Draw): Promise<Tally> {
  let [seeds, plans] = [0, 0]
  for (let seed = from; seed < from + count; seed++) {
    const { violations, plans: ran } = await run(scheduleOf(seed, draw))
    seeds += 1
    plans += ran.length
    if (violations.length > 0) return { seeds, plans, reds: [{ seed, violations: violations.map(({ what }) => what) }] }
  }
  return { seeds, plans, reds: [] }
}

/**
 * What kind of thing went wrong: its words, without names and numbers, up to the reason that a node gives for it. A schedule that is
 * made smaller has to show the same kind.
 */
export function kindOf(what: string, { site }: Schedule): string {
  const names = [...site.nodes.map(({ name }) => name), ...site.services.map(({ definition }) => definition.name)]
  const words = names.reduce((text, name) => text.replaceAll(name, ''), what.replaceAll(/\d+/gu, ''))
  const [told = ''] = words.replace(/^\W+/u, '').split(':')
  return told.split(/\W+/u).filter(Boolean).slice(0, 8).join(' ')
}
