import type { Schedule } from './schedule.ts'
import { simplerFaults, simplerSites } from './simpler.ts'

/** Whether a schedule still shows what is looked for. Has to be deterministic, as `runSchedule` is. */
export type IsRed = (schedule: Schedule) => Promise<boolean>

export interface ShrinkOptions {
  /** How often it may be tried. Default: 500 */
  readonly mostRuns?: number | undefined
  /** Told of each smaller schedule that is still red. */
  readonly onSmaller?: ((schedule: Schedule) => void) | undefined
}

const MOST_RUNS = 500

/** Counts attempts, and keeps the smallest that was red. */
class Search {
  best: Schedule
  #left: number
  readonly #isRed: IsRed
  readonly #onSmaller: ((schedule: Schedule) => void) | undefined

  constructor(schedule: Schedule, isRed: IsRed, { mostRuns = MOST_RUNS, onSmaller }: ShrinkOptions) {
    this.best = schedule
    this.#isRed = isRed
    this.#left = mostRuns
    this.#onSmaller = onSmaller
  }

  /** @returns whether the candidate is red: then it is the best so far */
  async accepts(candidate: Schedule): Promise<boolean> {
    if (this.#left <= 0) return false
    this.#left -= 1
    if (!(await this.#isRed(candidate))) return false
    this.best = candidate
    this.#onSmaller?.(candidate)
    return true
  }
}

/**
 * Makes a red schedule as small as it stays red: fewer faults (delta debugging, Zeller and Hildebrandt 2002), fewer nodes and
 * services, good clocks, shorter and rounder times. The same schedule and predicate give the same result.
 *
 * @returns the smallest that was found; the schedule itself if it is not red, or nothing can be left out
 */
export async function shrink(schedule: Schedule, isRed: IsRed, options: ShrinkOptions = {}): Promise<Schedule> {
  const search = new Search(schedule, isRed, options)
  if (!(await search.accepts(schedule))) return schedule
  for (let isSmaller = true; isSmaller;) {
    const before = search.best
    await withFewerFaults(search)
    await withSimpler(search, simplerSites)
    await withSimpler(search, simplerFaults)
    isSmaller = search.best !== before
  }
  return search.best
}

/** `ddmin`: leaves parts of the faults out, ever smaller parts, down to single ones. */
async function withFewerFaults(search: Search): Promise<void> {
  for (let parts = 2; ;) {
    const { faults } = search.best
    if (faults.length === 0) return
    const size = Math.max(1, Math.ceil(faults.length / parts))
    let isSmaller = false
    for (let from = 0; from < faults.length && !isSmaller; from += size) {
      isSmaller = await search.accepts({ ...search.best, faults: faults.filter((_, index) => index < from || index >= from + size) })
    }
    if (isSmaller) parts = Math.max(2, parts - 1)
    else if (size === 1) return
    else parts = Math.min(faults.length, parts * 2)
  }
}

/** Takes one simpler form after the other, as long as there are some that stay red. */
async function withSimpler(search: Search, simpler: (schedule: Schedule) => Iterable<Schedule>): Promise<void> {
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false
    for (const candidate of simpler(search.best)) {
      isSmaller = await search.accepts(candidate)
      if (isSmaller) break
    }
  }
}
