/** The times that decide how late a death is noticed. */
export interface DetectionTimes {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly fall: number
}

/**
 * The longest time from a target's death to the verdict `down`, by probes alone, in milliseconds:
 *
 *     interval + (fall - 1) * max(interval, timeout) + timeout
 *
 * The worst case is a death right after a probe has passed: the next probe starts one interval later. From then on
 * each of the `fall` probes hangs until its deadline; they start an interval apart, or one right after the other where
 * a deadline is longer than the interval; the verdict falls at the deadline of the last.
 * (HAProxy pauses after a probe, not from start to start, and so has inter + fall * timeout + (fall - 1) * inter.)
 *
 * It holds as long as the monitor's `maxConcurrentProbes` are not all busy and the event loop is not held up.
 */
export function detectionBoundMs(times: DetectionTimes): number {
  const { intervalMs, timeoutMs, fall } = times
  return intervalMs + (fall - 1) * Math.max(intervalMs, timeoutMs) + timeoutMs
}
