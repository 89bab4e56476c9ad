import { Worker } from 'node:worker_threads'
import type { SeedsRequest } from './seeds-worker.ts'
import type { Draw, Red, Tally } from './seeds.ts'

export interface LongRunOptions extends Draw {
  readonly from: number
  readonly seeds: number
  readonly workers: number
  /** Told how far it is. */
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly seeds: number
  readonly plans: number
}

/** A share of a few seconds: small enough to stop soon, and far more than it costs to ask for it. */
const SHARE = 100

/** Runs many seeds on several threads. Stops at the first red one. @returns that, or undefined when there was none */
export async function longRun({ from, seeds, workers, arbiter, onProgress }: LongRunOptions): Promise<Red | undefined> {
  const endSeed = from + seeds
  let next = from
  let progress: Progress = { seeds: 0, plans: 0 }
  let red: Red | undefined
  const threads = Array.from({ length: workers }, () => new Worker(new URL('seeds-worker.ts', import.meta.url)))
  const work = async (thread: Worker): Promise<void> => {
    while (next < endSeed && !red) {
      const request: SeedsRequest = { from: next, count: Math.min(SHARE, endSeed - next), arbiter }
      next += request.count
      const tally = await ask(thread, request)
      progress = { seeds: progress.seeds + tally.seeds, plans: progress.plans + tally.plans }
      onProgress(progress)
      // Of several that are found at once, the lowest: the same command finds the same one.
      for (const found of tally.reds) if (!red || found.seed < red.seed) red = found
    }
  }
  try {
    await Promise.all(threads.map(work))
    return red
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}

function ask(thread: Worker, request: SeedsRequest): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const end = () => {
      thread.off('message', done)
      thread.off('error', failed)
    }
    const done = (tally: Tally) => {
      end()
      resolve(tally)
    }
    const failed = (error: unknown) => {
      end()
      reject(error)
    }
    thread.on('message', done)
    thread.on('error', failed)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(request)
  })
}
