/** What the clocks of this machine show at one moment, in milliseconds. */
export interface ClockReading {
  readonly monotonicMs: number
  readonly wallMs: number
  /** Time since boot, which goes on while the machine is suspended; Linux's monotonic clock does not. */
  readonly bootMs: number
}

export interface GapLimits {
  /** A pause, or a jump of the wall clock backwards, beyond this is a gap. */
  readonly gapMs: number
  /** So is a suspend of this length, */
  readonly suspendMs: number
  /** and a jump of the wall clock forwards of this length: it may be all that a paused virtual machine gets to see. */
  readonly jumpMs: number
}

/** What two readings are compared with. */
export interface ClockMarks {
  /** The reading before. */
  readonly last: ClockReading
  /** From when the last call began that has proven our right, or from the last gap: small jumps add up from here on. */
  readonly proven: ClockReading
  /** The most that the time since boot was seen ahead of the monotonic clock. Its steps are coarse, so one reading may show less. */
  readonly bootAheadMs: number
}

export interface ClockFindings {
  readonly marks: ClockMarks
  /** What the monotonic clock has missed since the reading before. */
  readonly sleptMs: number
  /** Why nothing may be done before the register was asked; undefined when time went by as it should. */
  readonly gap: string | undefined
}

export function startMarks(reading: ClockReading): ClockMarks {
  return { last: reading, proven: reading, bootAheadMs: reading.bootMs - reading.monotonicMs }
}

/** Looks at the clocks; must be done at least every half `gapMs` while anything depends on them. */
export function lookAtClocks({ last, proven, bootAheadMs }: ClockMarks, now: ClockReading, limits: GapLimits): ClockFindings {
  const aheadMs = Math.max(bootAheadMs, now.bootMs - now.monotonicMs)
  const sleptMs = aheadMs - bootAheadMs
  const passedMs = now.monotonicMs - last.monotonicMs
  const forwardMs = wallAhead(now) - wallAhead(proven)
  const backMs = wallAhead(last) - wallAhead(now)
  const gap = gapReason({ sleptMs, passedMs, forwardMs, backMs }, limits)
  return { marks: { last: now, proven: gap === undefined ? proven : now, bootAheadMs: aheadMs }, sleptMs, gap }
}

function gapReason(
  { sleptMs, passedMs, forwardMs, backMs }: Readonly<Record<'sleptMs' | 'passedMs' | 'forwardMs' | 'backMs', number>>,
  { gapMs, suspendMs, jumpMs }: GapLimits,
): string | undefined {
  if (sleptMs >= suspendMs) return `the machine was suspended for ${Math.round(sleptMs)} ms`
  if (passedMs > gapMs) return `this process did not run for ${Math.round(passedMs)} ms`
  if (forwardMs >= jumpMs) return `the wall clock jumped by ${Math.round(forwardMs)} ms`
  if (backMs > gapMs) return `the wall clock jumped by ${Math.round(-backMs)} ms`
  return undefined
}

function wallAhead({ wallMs, monotonicMs }: ClockReading): number {
  return wallMs - monotonicMs
}
