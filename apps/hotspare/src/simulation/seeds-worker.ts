import { parentPort } from 'node:worker_threads'
import { type Draw, runSeeds } from './seeds.ts'

/** What a worker of the long run is asked for. */
export interface SeedsRequest extends Draw {
  readonly from: number
  readonly count: number
}

parentPort?.on('message', (request: SeedsRequest) => {
  void runSeeds(request.from, request.count, request).then(
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    (tally) => parentPort?.postMessage(tally),
    (error: unknown) => {
      // What no schedule may lead to: the worker ends of it, and so does the run.
      setImmediate(() => {
        throw error
      })
    },
  )
})
