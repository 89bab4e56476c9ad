import type { Clock } from '@hotspare/core'

/** A clock that notes how late each of its timers was. */
export interface LateClock extends Clock {
  /** Gives what was noted since the last time, and forgets it. */
  takeLateMs(): readonly number[]
}

/** So many are kept; who never asks loses the rest. */
const MOST_NOTES = 100_000

export function lateClock(clock: Clock): LateClock {
  let lateMs: number[] = []
  return {
    monotonicMs: () => clock.monotonicMs(),
    wallMs: () => clock.wallMs(),
    schedule(delayMs, callback, options) {
      const dueMs = clock.monotonicMs() + delayMs
      const note = () => {
        // Less than nothing, too: Node cuts delays to whole milliseconds, so its timers may be early.
        if (lateMs.length < MOST_NOTES) lateMs.push(clock.monotonicMs() - dueMs)
        callback()
      }
      return clock.schedule(delayMs, note, options)
    },
    takeLateMs() {
      const taken = lateMs
      lateMs = []
      return taken
    },
  }
}
