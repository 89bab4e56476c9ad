import { quantile } from '../statistics.ts'

/** How well the looks of many targets kept to their schedules. */
export interface Punctuality {
  readonly started: number
  /** Started later than the tolerated share of the interval. */
  readonly late: number
  /** Never started. */
  readonly missed: number
  readonly p99Ms: number
  readonly worstMs: number
}

export interface PunctualityOptions {
  readonly intervalMs: number
  /** How long starts were noted. */
  readonly windowMs: number
  /** Of the interval; more is late. */
  readonly toleratedRatio: number
}

/**
 * Looks at a prober from outside: the schedule of each target is taken to begin at the one of its looks that was the
 * most punctual, so a prober that is late by the same time for ever would pass.
 *
 * @param startsMs when looks started, in order, for each target
 */
export function punctuality(startsMs: readonly (readonly number[])[], options: PunctualityOptions): Punctuality {
  const { intervalMs, windowMs, toleratedRatio } = options
  const lateMs: number[] = []
  let missed = 0
  for (const starts of startsMs) {
    const [first] = starts
    if (first === undefined) {
      missed += Math.floor(windowMs / intervalMs)
      continue
    }
    const slots = starts.map((startMs) => Math.round((startMs - first) / intervalMs))
    const offsets = starts.map((startMs, index) => startMs - (slots[index] ?? 0) * intervalMs)
    const anchorMs = Math.min(...offsets)
    lateMs.push(...offsets.map((offsetMs) => offsetMs - anchorMs))
    missed += (slots.at(-1) ?? 0) + 1 - new Set(slots).size
  }
  return {
    started: lateMs.length,
    late: lateMs.filter((ms) => ms > toleratedRatio * intervalMs).length,
    missed,
    p99Ms: quantile(lateMs, 0.99) ?? 0,
    worstMs: quantile(lateMs, 1) ?? 0,
  }
}
