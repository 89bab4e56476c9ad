/** What the clocks of this machine show at one moment, in milliseconds. */
export interface ClockReading {
  readonly monotonicMs: number
  readonly wallMs: number
  /** Time since boot, which goes on while the machine is suspended; Linux's monotonic clock does not. */
  readonly bootMs: number
}

/** A time in which this process was not running, or cannot tell how long it was. */
export interface Gap {
  /** What the monotonic clock has missed. */
  readonly lostMs: number
  readonly because: string
}

export interface GapLimits {
  /** A pause or a jump beyond this is a gap. */
  readonly gapMs: number
  readonly smallestSuspendMs: number
}

/**
 * Compares two readings, which must be taken at least every half `gapMs` while anything depends on them.
 *
 * @returns the gap between them, or undefined when time went by as it should
 */
export function gapBetween(before: ClockReading, now: ClockReading, { gapMs, smallestSuspendMs }: GapLimits): Gap | undefined {
  const passedMs = now.monotonicMs - before.monotonicMs
  const suspendedMs = now.bootMs - before.bootMs - passedMs
  if (suspendedMs >= smallestSuspendMs)
    return { lostMs: suspendedMs, because: `the machine was suspended for ${Math.round(suspendedMs)} ms` }
  if (passedMs > gapMs) return { lostMs: 0, because: `this process did not run for ${Math.round(passedMs)} ms` }
  // A virtual machine that was paused may show it here alone. A step by people or NTP looks the same, and costs one question.
  const jumpMs = now.wallMs - before.wallMs - passedMs
  if (Math.abs(jumpMs) > gapMs) return { lostMs: 0, because: `the wall clock jumped by ${Math.round(jumpMs)} ms` }
  return undefined
}
