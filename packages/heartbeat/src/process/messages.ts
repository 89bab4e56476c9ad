import type { HotspareError } from '@hotspare/core'
import type { HeartbeatEvent } from '../events.ts'
import type { ProcessGone } from '../heartbeat.ts'
import type { HeartbeatSettings } from '../options.ts'
import type { ClusterSecret } from '../schema-parts.ts'
import type { HeartbeatSnapshot } from '../snapshot.ts'

/** What the heartbeat's process is told. */
export type Order =
  | {
      readonly type: 'start'
      readonly settings: HeartbeatSettings
      readonly session: string
      /** Every number of a beat must be above it. */
      readonly counterFloor: number
      readonly snapshotMs: number
    }
  | { readonly type: 'process-gone'; readonly peer: string; readonly gone: ProcessGone }
  | { readonly type: 'replace-secrets'; readonly secrets: readonly ClusterSecret[] }
  | { readonly type: 'stop' }

/** Something that has happened in the heartbeat's process. */
export type News =
  | { readonly type: 'event'; readonly event: HeartbeatEvent }
  | { readonly type: 'warning'; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }

/** News that did not reach the parent yet, and what it has come to. */
export interface NewsReport {
  readonly type: 'news'
  /** Oldest first. */
  readonly news: readonly News[]
  /** How many older ones were dropped, because the parent did not read for too long. */
  readonly lost: number
  /** From after the news. */
  readonly snapshot: HeartbeatSnapshot
}

/** It could not start, or what it was told last cannot be. */
export interface FailedReport {
  readonly type: 'failed'
  readonly code: HotspareError['code']
  readonly message: string
  readonly retryable: boolean
}

/** What the heartbeat's process tells. */
export type Report =
  | { readonly type: 'started'; readonly snapshot: HeartbeatSnapshot; readonly priority: number }
  | FailedReport
  | NewsReport
