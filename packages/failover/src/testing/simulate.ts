import { Faults } from './faults.ts'
import { Site, type SiteOptions } from './site.ts'

export type { Mutations, SiteOptions } from './site.ts'

/** How a run went. */
export interface SimulationOutcome {
  readonly seed: number
  /** What must not happen and did, with its time. */
  readonly violations: readonly string[]
  readonly plans: number
  /** From the last fault until the service was served for good, in true milliseconds. */
  readonly backMs: number
  /** The same for two runs that did the same. */
  readonly digest: string
}

/** The phases of a run, in milliseconds. */
const phases = Object.freeze({
  /** Nothing happens at first, so that there is something to break. */
  quietMs: 1_500,
  faultyMs: 9_000,
  /** Longer than a bid for a lease that somebody holds, and the pause after plans that failed. */
  calmMs: 7_000,
  /** How often it is seen whether anybody serves. */
  lookMs: 100,
})

/** Within this the service is served again after the last fault. */
const BACK_WITHIN_MS = 6_000

/** Runs a site through faults that the seed draws, then through a calm. The same seed gives the same run. */
export async function simulate(options: SiteOptions): Promise<SimulationOutcome> {
  const site = new Site(options)
  const { simulation } = site
  const { members, onControlLoss, failback } = site.service
  site.tell(`${members.length} members, ${onControlLoss}, failback ${failback.type}, ${options.hasArbiter ? 'an' : 'no'} arbiter`)
  const faults = new Faults(site, { fromMs: phases.quietMs, untilMs: phases.faultyMs })
  await simulation.run(phases.faultyMs)
  faults.calm()
  let backMs = 0
  for (let lookMs = 0; lookMs < phases.calmMs; lookMs += phases.lookMs) {
    await simulation.run(phases.lookMs)
    if (site.withoutHolder) backMs = lookMs + phases.lookMs
  }
  if (backMs > BACK_WITHIN_MS) site.violate(`nobody served for ${backMs} ms after the last fault`)
  site.judge.end()
  return { seed: options.seed, violations: site.violations, plans: site.plans, backMs, digest: site.digest() }
}
