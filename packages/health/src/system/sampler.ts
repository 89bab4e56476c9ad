import type { Clock } from '@hotspare/core'
import { sleep } from '@hotspare/core'

/** A reading of counters, and when it was taken. */
export interface Reading<Counters> {
  readonly counters: Counters
  readonly atMs: number
}

/** Two readings with some time between them. */
export interface Sample<Counters> {
  readonly before: Counters
  readonly now: Counters
  readonly seconds: number
}

/**
 * Takes rates from counters: against the reading of the run before, so that nothing between two runs is missed. The first
 * run waits for `sampleMs`, and so does one that follows too closely.
 */
export function sampler<Counters>(
  read: () => Promise<Counters>,
  sampleMs: number,
  clock: Clock,
): (signal: AbortSignal) => Promise<Sample<Counters>> {
  let last: Reading<Counters> | undefined
  const take = async (): Promise<Reading<Counters>> => ({ counters: await read(), atMs: clock.monotonicMs() })
  return async (signal) => {
    const before = last ?? (await take())
    const missingMs = sampleMs - (clock.monotonicMs() - before.atMs)
    if (missingMs > 0) await sleep(missingMs, { signal, clock })
    const now = await take()
    last = now
    return { before: before.counters, now: now.counters, seconds: (now.atMs - before.atMs) / 1_000 }
  }
}
