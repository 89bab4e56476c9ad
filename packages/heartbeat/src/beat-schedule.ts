/** Beats at start + n * interval: lateness of one never moves the next. */
export interface BeatSchedule {
  readonly startMs: number
  readonly intervalMs: number
}

/** Which beat is due next, and how many were missed. */
export interface NextBeat {
  readonly index: number
  readonly dueMs: number
  /** Beats between the last and the next that will never be sent: late ones are skipped, not made up for. */
  readonly skipped: number
}

/** @param index the beat that was just sent; 0 is due at the start */
export function nextBeat({ startMs, intervalMs }: BeatSchedule, index: number, nowMs: number): NextBeat {
  // A timer may also fire a little early; the beat that it was set for must not come twice.
  const next = Math.max(index + 1, Math.floor((nowMs - startMs) / intervalMs) + 1)
  return { index: next, dueMs: startMs + next * intervalMs, skipped: next - index - 1 }
}
