/** The longest delay that a timer of Node keeps (2^31 - 1 ms, some 24 days); longer ones would fire at once. */
export const LONGEST_DELAY_MS = 2_147_483_647

/** A callback that waits for its time. */
export interface Timer {
  /** Takes the callback back; has no effect once it ran. */
  cancel(): void
}

/**
 * Where time comes from. Durations are taken from the monotonic clock alone: a step of the wall clock
 * (NTP, a human, a suspended machine) must never look like a timeout.
 */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number
  /** Milliseconds since the Unix epoch, for people and logs only. */
  wallMs(): number
  /** Calls back once after `delayMs` milliseconds (0 or more; past 24 days it may be early). Keeps the process alive unless `unref` is set. */
  schedule(delayMs: number, callback: () => void, options?: { readonly unref?: boolean | undefined }): Timer
}

/** The machine's own clocks and timers. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(delayMs, callback, options) {
    const handle = setTimeout(callback, Math.min(delayMs, LONGEST_DELAY_MS))
    if (options?.unref) handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}
