import type { PickReason } from './target.ts'

// Made once: a pick makes no text.

const slowStarts: readonly PickReason[] = Array.from({ length: 100 }, (_, percent): PickReason => `slow-start ${percent / 100}`)

/** @param ratio of its full share that a target or a tier has by now, from 0 to less than 1; cut to two decimals */
export function slowStartReason(ratio: number): PickReason {
  // A double may be a trace below the decimal that was meant: 0.29 * 100 is 28.999999999999996.
  return slowStarts[Math.floor(ratio * 100 + 1e-9)] ?? 'slow-start 0.99'
}
