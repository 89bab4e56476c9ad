/** What the clocks of this machine show at one moment, in milliseconds. */
export interface ObserverReading {
  readonly monotonicMs: number
  readonly wallMs: number
  /** Time since boot, which goes on while the machine is suspended; Linux's monotonic clock does not. */
  readonly bootMs: number
}

export interface ObserverClockRules {
  /** The monotonic clock has missed so much: the machine was suspended. */
  readonly suspendMs: number
  /** The wall clock has moved by so much more, or less, than the monotonic one: it was set, or the machine was paused from outside. */
  readonly jumpMs: number
}

/** What two readings are compared with. */
export interface ObserverClock {
  readonly last: ObserverReading
  /** The most that the time since boot was seen ahead of the monotonic clock. Its steps are coarse, so one reading may show less. */
  readonly bootAheadMs: number
}

export function beginObserverClock(reading: ObserverReading): ObserverClock {
  return { last: reading, bootAheadMs: reading.bootMs - reading.monotonicMs }
}

/** Compares a reading with the one before. @returns a `gap` in words where time did not go by as it should */
export function readObserverClock(
  { last, bootAheadMs }: ObserverClock,
  now: ObserverReading,
  { suspendMs, jumpMs }: ObserverClockRules,
): { readonly clock: ObserverClock; readonly gap: string | undefined } {
  const aheadMs = Math.max(bootAheadMs, now.bootMs - now.monotonicMs)
  const sleptMs = aheadMs - bootAheadMs
  const jumpedMs = now.wallMs - last.wallMs - (now.monotonicMs - last.monotonicMs)
  const clock = { last: now, bootAheadMs: aheadMs }
  if (sleptMs >= suspendMs) return { clock, gap: `the machine was suspended for ${Math.round(sleptMs)} ms` }
  if (Math.abs(jumpedMs) >= jumpMs) return { clock, gap: `the wall clock jumped by ${Math.round(jumpedMs)} ms` }
  return { clock, gap: undefined }
}
