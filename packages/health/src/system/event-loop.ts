import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '@hotspare/core'
import { sleep } from '@hotspare/core'
import { systemDefaults } from './defaults.ts'
import { judgeLevel } from './judge-level.ts'
import type { Look } from './look.ts'
import type { EventLoopCheck } from './options.ts'

/** How often the delay is sampled, and what an idle loop shows: it is taken off. */
const RESOLUTION_MS = 10

/**
 * Watches from the first run on, without keeping the process alive. A histogram is blind for a moment after it was emptied,
 * and a stall just then would be lost; so there are two, emptied in turn, and each run looks at the fuller one.
 */
export function eventLoopLook({ warnAt, failAt }: EventLoopCheck, clock: Clock): Look {
  let watches: readonly [IntervalHistogram, IntervalHistogram] | undefined
  return async (run) => {
    if (!watches) {
      watches = [monitorEventLoopDelay({ resolution: RESOLUTION_MS }), monitorEventLoopDelay({ resolution: RESOLUTION_MS })]
      for (const watch of watches) watch.enable()
      run.phase = 'measuring'
      await sleep(systemDefaults.sampleMs, { signal: run.signal, clock })
    }
    const [fuller, other] = watches
    watches = [other, fuller]
    const value = milliseconds(fuller.percentile(99))
    const measures = {
      'delay-p99-ms': value,
      'delay-p50-ms': milliseconds(fuller.percentile(50)),
      'delay-max-ms': milliseconds(fuller.max),
    }
    fuller.reset()
    return judgeLevel({ value, warnAt, failAt, show: (ms) => `${ms} ms`, says: 'of delay in the event loop (99th percentile)', measures })
  }
}

function milliseconds(nanoseconds: number): number {
  const ms = nanoseconds / 1_000_000 - RESOLUTION_MS
  return Number.isFinite(ms) ? Math.max(Math.round(ms * 10) / 10, 0) : 0
}
