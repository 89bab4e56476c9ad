import type { HealthState, Verdict } from '@hotspare/core'
import type { BeatTimings } from './beat-timings.ts'
import type { DropReason } from './drops.ts'

/** Packets of one path, counted since the start. */
export interface PathCounters {
  readonly sent: number
  readonly sendErrors: number
  /** Beats that counted. */
  readonly received: number
  /** Beats that the peer has sent in between and that did not count here, most of them lost. */
  readonly missed: number
  /** Authentic packets that were dropped, by reason. */
  readonly drops: Readonly<Partial<Record<DropReason, number>>>
}

export interface PathSnapshot {
  readonly name: string
  readonly address: string
  readonly from: string
  readonly verdict: Verdict<HealthState>
  /** Milliseconds since the last beat that counted. */
  readonly heardAgoMs: number | undefined
  /** Whether the peer hears us on this path; undefined while we do not hear it. */
  readonly hearsUs: boolean | undefined
  /** There and back in milliseconds, smoothed over some 8 beats, with what the two processes take. */
  readonly rttMs: number | undefined
  /** The silence that convicts now. */
  readonly limitMs: number
  readonly sendFault: string | undefined
  readonly counters: PathCounters
  /** What a promise can be worked out from, with `calibrate()`. */
  readonly timings: BeatTimings
}

export interface PeerSnapshot {
  readonly name: string
  readonly verdict: Verdict<HealthState>
  /** Names the process that is alive, or was last. */
  readonly session: string | undefined
  readonly paths: readonly PathSnapshot[]
}

/** Everything that a heartbeat knows at one moment; plain data. */
export interface HeartbeatSnapshot {
  readonly node: string
  readonly session: string
  readonly running: boolean
  readonly beats: {
    readonly sent: number
    /** The number of the last beat; 0 before the first. */
    readonly counter: number
    /** Beats that were due while this process did not run. */
    readonly skipped: number
    readonly worstLateMs: number
  }
  /** Packets that were dropped, by reason; those of {@link PathCounters} too. */
  readonly drops: Readonly<Partial<Record<DropReason, number>>>
  readonly peers: readonly PeerSnapshot[]
}
