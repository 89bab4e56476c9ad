import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { abortReason, HotspareError } from '@hotspare/core'
import { runSchedule } from '@hotspare/failover/simulator'
import { simulatedDrivers } from '../simulation/drivers.ts'
import type { Job } from './jobs.ts'
import { observe } from './observe.ts'
import type { Sighting } from './sighting.ts'

/** What one job has shown: of each of its subjects, in their order. */
export interface JobResult {
  readonly job: number
  readonly sightings: readonly Sighting[]
}

export interface RunJobsOptions {
  /** Besides this one, which otherwise runs all of them itself; 0 to 8. */
  readonly threads: number
  readonly done: (result: JobResult) => void
  readonly signal?: AbortSignal | undefined
}

/** Tells a thread of ours from any other that happens to load this module. */
const MARK = 'hotspare-matrix'

export async function runJob({ schedule, subjects }: Job): Promise<readonly Sighting[]> {
  const run = await runSchedule(schedule, { drivers: simulatedDrivers })
  return subjects.map((subject) => observe(run, schedule, subject))
}

/**
 * Runs every job once, in any order.
 *
 * @throws HotspareError `HOTSPARE_APP_MATRIX` when a thread ends before its work; what the simulator throws; the reason of `signal`
 */
export async function runJobs(jobs: readonly Job[], { threads, done, signal }: RunJobsOptions): Promise<void> {
  if (threads > 0) {
    const queue = [...jobs.entries()]
    await Promise.all(Array.from({ length: threads }, () => runInThread(queue, done, signal)))
    return
  }
  for (const [job, each] of jobs.entries()) {
    if (signal?.aborted) throw abortReason(signal)
    done({ job, sightings: await runJob(each) })
  }
}

/** One thread, which takes the next job whenever it has done one. */
async function runInThread(queue: [number, Job][], done: RunJobsOptions['done'], signal: AbortSignal | undefined): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: MARK })
  try {
    await new Promise<void>((resolve, reject) => {
      const next = () => {
        const [job, work] = queue.shift() ?? []
        if (signal?.aborted) reject(abortReason(signal))
        else if (job === undefined || !work) resolve()
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not a window
        else worker.postMessage({ job, work })
      }
      worker.on('message', (result: JobResult) => {
        done(result)
        next()
      })
      worker.on('error', reject)
      worker.on('exit', () =>
        reject(new HotspareError({ code: 'HOTSPARE_APP_MATRIX', message: 'matrix: a thread of the simulation has ended before its work' })),
      )
      next()
    })
  } finally {
    await worker.terminate()
  }
}

if (!isMainThread && workerData === MARK) {
  const port = parentPort
  port?.on('message', ({ job, work }: { readonly job: number; readonly work: Job }) => {
    // What is thrown here ends the thread, and is told as its error.
    void runJob(work).then((sightings) => port.postMessage({ job, sightings } satisfies JobResult))
  })
}
