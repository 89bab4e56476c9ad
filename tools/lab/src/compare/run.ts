import { errorText, systemClock } from '@hotspare/core'
import { removeNetworks } from '../network.ts'
import type { FailoverSystem } from '../takeover/scenario.ts'
import { measure } from '../takeover/scenario.ts'
import { createSite, type Site } from '../takeover/site.ts'
import type { ComparedFault } from './faults.ts'
import type { Task } from './plan.ts'
import type { Results, Round } from './results.ts'
import type { ComparedSystem } from './systems.ts'

/** Before the fault: so long the noise is learnt. */
const QUIET_MS = 1_000

interface Running {
  readonly site: Site
  readonly system: FailoverSystem
}

/** Measures what is missing of one cell, and writes each round as soon as it is there. */
export async function measureCell(
  task: Task,
  { create, watchMs }: ComparedSystem,
  { fault }: ComparedFault,
  results: Results,
  report: (line: string) => void,
): Promise<void> {
  const { system: id, fault: faultId, settings } = task
  const rounds: Round[] = [...task.before]
  let running: Running | undefined
  try {
    for (let missing = task.missingRounds; missing > 0; missing -= 1) {
      const at = new Date(systemClock.wallMs()).toISOString()
      // What does not even start says nothing about the fault, and is no round.
      running ??= await startSite(create())
      try {
        const measured = await measure(running.system, running.site, fault, { quietMs: QUIET_MS, watchMs })
        rounds.push({ at, measured })
        report(`${measured.gapMs} ms, ${measured.failed} failed, ${measured.takeovers} takeovers, holders ${measured.holders.join()}`)
      } catch (error) {
        rounds.push({ at, failed: errorText(error).slice(0, 2_000) })
        report(`failed: ${errorText(error).slice(0, 200)}`)
        // What is left of it is no start for the next round.
        removeNetworks()
        running = undefined
      }
      results.write({ system: id, fault: faultId, settings, rounds })
    }
  } finally {
    removeNetworks()
  }
}

async function startSite(system: FailoverSystem): Promise<Running> {
  // It is removed with all others.
  const site = await createSite(() => {})
  await system.start(site)
  return { site, system }
}
