/** The times that decide how late a death, or a return, is noticed. */
export interface DetectionRules {
  readonly intervalMs: number
  /** Default: `intervalMs` */
  readonly fastIntervalMs?: number | undefined
  /** Default: `intervalMs` */
  readonly downIntervalMs?: number | undefined
  readonly timeoutMs: number
  readonly rise: number
  readonly fall: number
}

/** The times that decide how late a death is noticed. */
export type DetectionTimes = Omit<DetectionRules, 'rise' | 'downIntervalMs'>

/** The longest times, by probes alone, in milliseconds. */
export interface DetectionBound {
  /** From a target's death to the verdict `down`. */
  readonly downMs: number
  /** From its return to the verdict `up`. */
  readonly upMs: number
}

/**
 * How late the monitor notices at worst:
 *
 *     down = interval + (fall - 1) * max(fastInterval, timeout) + timeout
 *     up   = max(downInterval, timeout) + (rise - 1) * max(fastInterval, timeout) + timeout
 *
 * The worst death comes right after a probe has passed (one that is under way at the death fails): the next probe starts
 * one interval later. From then on each of
 * the `fall` probes hangs until its deadline; they start a fast interval apart, or one right after the other where a
 * deadline is longer; the verdict falls at the deadline of the last. The worst return comes right after a probe has
 * started in vain, and each of the `rise` probes takes nearly all of its time.
 * (HAProxy pauses after a probe, not from start to start, and so has inter + fall * timeout + (fall - 1) * fastinter.)
 *
 * It holds as long as the monitor's `maxConcurrentProbes` are not all busy, results are not inconclusive and the event
 * loop is not held up. Damping delays the return beyond it, never the death.
 */
export function detectionBound(rules: DetectionRules): DetectionBound {
  const { intervalMs, fastIntervalMs = intervalMs, downIntervalMs = intervalMs, timeoutMs, rise, fall } = rules
  const stepMs = Math.max(fastIntervalMs, timeoutMs)
  return {
    downMs: intervalMs + (fall - 1) * stepMs + timeoutMs,
    upMs: Math.max(downIntervalMs, timeoutMs) + (rise - 1) * stepMs + timeoutMs,
  }
}

/** {@link detectionBound} of a death alone. */
export function detectionBoundMs(times: DetectionTimes): number {
  return detectionBound({ ...times, rise: 1 }).downMs
}
