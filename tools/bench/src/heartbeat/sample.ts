import type { NodeCounters } from './subject.ts'

/** One node in one window of time. */
export interface HeartbeatSample {
  /** Of a core, all threads together: 0.02 is 2 %. */
  readonly cpuShare: number
  /** User and system time for each beat to a peer and the one that comes from it; undefined where beats are not counted. */
  readonly cpuMicrosPerBeat?: number | undefined
  /** Beats to a peer, and beats of peers that were due and did not come. */
  readonly sent: number
  readonly missed: number
  readonly skipped: number
  readonly lateMs: readonly number[]
}

export interface MeasuredWindow {
  readonly peers: number
  readonly elapsedMs: number
  readonly cpuMicros: number
  readonly before?: NodeCounters | undefined
  readonly after?: NodeCounters | undefined
}

export function toHeartbeatSample({ peers, elapsedMs, cpuMicros, before, after }: MeasuredWindow): HeartbeatSample {
  const cpuShare = cpuMicros / 1_000 / elapsedMs
  if (!before || !after) return { cpuShare, sent: 0, missed: 0, skipped: 0, lateMs: [] }
  const sent = after.sent - before.sent
  return {
    cpuShare,
    cpuMicrosPerBeat: sent > 0 ? cpuMicros / sent : undefined,
    sent,
    // One beat of each peer may fall to either side of a window's edge.
    missed: Math.max(0, sent - (after.received - before.received) - peers),
    skipped: after.skipped - before.skipped,
    lateMs: after.lateMs,
  }
}
