import type { Schedule } from '@hotspare/failover/simulator'
import { type Failure, failureId } from './failure.ts'
import type { FailureRole } from './failures.ts'
import type { Forecast } from './forecast.ts'
import { forecastsOf } from './forecasts.ts'
import { casesOf, inCompany } from './cases.ts'
import type { ClusterFile } from './cluster-file.ts'
import { isSimulated, scheduleOf } from './schedule.ts'

/** What of a forecast a run is read by. */
export type Subject = Pick<Forecast, 'failure' | 'service' | 'role'>

/** One run of the simulator, and what is looked at in it: each service that the failure concerns. Plain data. */
export interface Job {
  readonly schedule: Schedule
  readonly subjects: readonly Subject[]
}

/**
 * What may be simulated at most, in seconds of virtual time of one node: some 20 to 40 s of one processor. Of a larger file each
 * failure is tried less often, and never less than `fewest`.
 */
const effort = Object.freeze({ mostNodeSeconds: 30_000, fewestPhases: 4 })

/** Where nothing is to happen, fewer moments say as much. */
const QUIET_SHARE = 4

function isQuiet(role: FailureRole): boolean {
  return role === 'standby' || role === 'standby-link' || role === 'provider'
}

/** The runs for each failure that the simulator can do, `phases` of each: other moments, other clocks, other delays. */
export function jobsOf(file: ClusterFile, forecasts: readonly Forecast[], phases: number): readonly Job[] {
  const failures = new Map<string, { readonly failure: Failure; readonly subjects: Subject[] }>()
  const simulated = new Set(file.services.filter((service) => isSimulated(service, file)).map(({ name }) => name))
  for (const { failure, service, role } of forecasts.filter((each) => simulated.has(each.service))) {
    const id = failureId(failure)
    const known = failures.get(id) ?? { failure, subjects: [] }
    known.subjects.push({ failure, service, role })
    failures.set(id, known)
  }
  const lastsMs = watchMs(file)
  const jobs = (count: number): Job[] =>
    [...failures.values()].flatMap(({ failure, subjects }) =>
      Array.from({ length: subjects.every(({ role }) => isQuiet(role)) ? Math.ceil(count / QUIET_SHARE) : count }, (_, index) =>
        scheduleOf(file, failure, index + 1, lastsMs),
      ).flatMap((schedule) => (schedule ? [{ schedule, subjects }] : [])),
    )
  const once = jobs(1).reduce((sum, { schedule }) => sum + (schedule.calmAtMs / 1_000) * file.cluster.nodes.length, 0)
  return jobs(Math.max(Math.min(phases, effort.fewestPhases), Math.min(phases, Math.floor(effort.mostNodeSeconds / Math.max(1, once)))))
}

/** Long enough to see what must happen, and that what must not happen does not. */
function watchMs(file: ClusterFile): number {
  const bounds = casesOf(inCompany(file), true).map((each) => each.bounds)
  return (
    1.05 *
      Math.max(
        0,
        ...bounds.map(({ takeover, deadNode }) => Math.max(takeover?.atMostMs ?? 0, deadNode.atMostMs)),
        ...forecastsOf(file, true).map(({ outage, noticed }) =>
          Math.max(outage.type === 'bounded' ? outage.atMostMs : 0, noticed?.atMostMs ?? 0),
        ),
      ) +
    300
  )
}
