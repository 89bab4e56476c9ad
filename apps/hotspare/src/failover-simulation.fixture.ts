import { expect } from 'vitest'
import { drawSchedule, type DrawLimits, type Mutations, type Run, runSchedule, type Schedule } from '@hotspare/failover/simulator'
import { simulatedDrivers as drivers } from './simulation/drivers.ts'
import { replayCommand, shrinkRed } from './simulation/shrink-red.ts'

/** How often a red schedule may be run to make it smaller: half a minute at most. */
const MOST_RUNS = 300
const MOST_TRIED = 400

export function simulate(seed: number, mutations: Mutations = {}, limits: DrawLimits = {}): Promise<Run> {
  return runSchedule(drawSchedule(seed, limits), { drivers, mutations })
}

/**
 * Runs seeds up to the first that is red, and fails with its smallest form and the command that shows it.
 *
 * @returns how many plans were run in all of them
 */
export async function expectGreen(from: number, count: number, limits: DrawLimits = {}): Promise<number> {
  let plans = 0
  for (let seed = from; seed < from + count; seed++) {
    const run = await simulate(seed, {}, limits)
    if (run.violations.length > 0) expect.fail(await told(seed, run, drawSchedule(seed, limits)))
    plans += run.plans.length
  }
  return plans
}

/** The first seed from `from` on with which that goes wrong. */
export async function firstRed(mutations: Mutations, what: string, from: number): Promise<number | undefined> {
  for (let seed = from; seed < from + MOST_TRIED; seed++) {
    const { violations } = await simulate(seed, mutations)
    if (violations.some((violation) => violation.what.includes(what))) return seed
  }
  return undefined
}

async function told(seed: number, { violations }: Run, schedule: Schedule): Promise<string> {
  const smallest = await shrinkRed(schedule, { mostRuns: MOST_RUNS })
  const what = violations.map((violation) => `at ${violation.atMs.toFixed(1)} ms: ${violation.what}`).join('\n')
  return `seed ${seed}:\n${what}\nas small as it gets:\n${JSON.stringify(smallest, undefined, 2)}\n${replayCommand(smallest)}`
}
