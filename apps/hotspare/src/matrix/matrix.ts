import { lookCheck } from '../cluster/look-check.ts'
import type { ServiceConfig } from '../config/config.ts'
import { type Failure, failureId } from './failure.ts'
import { forecastsOf } from './forecasts.ts'
import { jobsOf } from './jobs.ts'
import { type MatrixRow, worstOf } from './row.ts'
import { inCompany } from './cases.ts'
import type { ClusterFile } from './cluster-file.ts'
import { addressOf } from './resource-times.ts'
import { contradictions, type Sighting } from './sighting.ts'
import { timesOf } from './times.ts'
import { runJobs } from './worker.ts'

export interface MatrixOptions {
  /** How often each failure is simulated, at other moments; fewer for a large file. 0 to 1,000. Default: 20 */
  readonly phases?: number | undefined
  /** Threads that simulate. Default: two, and none where there is little to do */
  readonly threads?: number | undefined
  /** Which failures. Default: all */
  readonly kinds?: readonly Failure['kind'][] | undefined
  readonly progress?: ((done: number, all: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Every single failure of a file, and what it does to each service. */
export interface Matrix {
  /** How many runs of the simulator it took. */
  readonly runs: number
  /** How far off the rate of any clock may be, as a ratio: bounds hold up to it. */
  readonly clockRateError: number
  readonly rows: readonly MatrixRow[]
  /** Services of which nothing is foretold, and why not. */
  readonly leftOut: readonly { readonly service: string; readonly because: string }[]
}

const DEFAULT_PHASES = 20
/** Starting threads costs as much as some ten runs. */
const FEW_RUNS = 40

/**
 * Foretells what each single failure does to each service of a file, and holds that against the simulator: the real engine,
 * lease and heartbeat in virtual time. Touches nothing of the machine or the network.
 *
 * @throws what the simulator throws; the reason of `signal`
 */
export async function makeMatrix({ cluster, services, fencing }: ClusterFile, options: MatrixOptions = {}): Promise<Matrix> {
  const kept = services.filter((service) => reasonToLeaveOut(service) === undefined)
  const file = inCompany<ClusterFile>({ cluster, fencing, services: kept.map((service) => knowing(service, kept)) })
  const { phases = DEFAULT_PHASES, progress = () => {}, signal, kinds } = options
  const forecasts = forecastsOf(file).filter(({ failure }) => kinds?.includes(failure.kind) ?? true)
  const jobs = jobsOf(file, forecasts, phases)
  const { threads = jobs.length > FEW_RUNS ? 2 : 0 } = options
  const seen = new Map<string, { readonly job: number; readonly sighting: Sighting }[]>()
  let count = 0
  await runJobs(jobs, {
    threads,
    signal,
    done: ({ job, sightings }) => {
      for (const [index, sighting] of sightings.entries()) {
        const subject = jobs[job]?.subjects[index]
        if (!subject) continue
        const key = keyOf(subject)
        seen.set(key, [...(seen.get(key) ?? []), { job, sighting }])
      }
      progress((count += 1), jobs.length)
    },
  })
  const actives = new Map(file.services.map(({ name, members }) => [name, members[0] ?? '']))
  return {
    runs: jobs.length,
    leftOut: services.flatMap((service) => {
      const because = reasonToLeaveOut(service)
      return because === undefined ? [] : [{ service: service.name, because }]
    }),
    clockRateError: Math.max(0, ...file.services.map((service) => timesOf(service, file).clockRateError)),
    rows: forecasts.map((forecast) => {
      // In the order of the seeds, whoever was quicker.
      const mine = (seen.get(keyOf(forecast)) ?? []).toSorted((a, b) => a.job - b.job)
      return {
        ...forecast,
        seen: worstOf(mine.map(({ sighting }) => sighting)),
        refutations: mine.flatMap(({ job, sighting }) =>
          contradictions(forecast, actives.get(forecast.service) ?? '', sighting).map((what) => ({
            seed: sighting.seed,
            what,
            schedule: jobs[job]?.schedule,
          })),
        ),
      }
    }),
  }
}

/** Without what it says of services that are left out: nobody would ever be active for those. */
function knowing({ after, with: leader, apartFrom, ...service }: ServiceConfig, kept: readonly ServiceConfig[]): ServiceConfig {
  const isKept = (name: string) => kept.some((each) => each.name === name)
  const bases = after?.filter(isKept)
  const others = apartFrom?.filter(isKept)
  return {
    ...service,
    ...(bases?.length ? { after: bases } : {}),
    ...(leader !== undefined && isKept(leader) ? { with: leader } : {}),
    ...(others?.length ? { apartFrom: others } : {}),
  }
}

/** Nothing is said of what is not modelled: neither how long it takes, nor whether two may have it. */
function reasonToLeaveOut(service: ServiceConfig): string | undefined {
  if (!addressOf(service)) return 'nothing of it is an address, and who reaches it by what is not known'
  // It is taken as soon as its right may pass on, though it may serve on where it was.
  if (service.onControlLoss === 'keep' && lookCheck(service) === undefined)
    return 'it is kept, and no other member can see whether it still answers: whether two have it then stands in no file'
  return undefined
}

function keyOf({ failure, service }: Pick<MatrixRow, 'failure' | 'service'>): string {
  return `${service} ${failureId(failure)}`
}
