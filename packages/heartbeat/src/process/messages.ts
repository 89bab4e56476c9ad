import type { HotspareError } from '@hotspare/core'
import type { HeartbeatEvent } from '../events.ts'
import type { ProcessGone } from '../heartbeat.ts'
import type { HeartbeatSettings } from '../options.ts'
import type { ClusterSecret } from '../schema-parts.ts'
import type { HeartbeatSnapshot } from '../snapshot.ts'

/** What the heartbeat's process is told. */
export type Order =
  | { readonly type: 'start'; readonly settings: HeartbeatSettings; readonly session: string; readonly snapshotMs: number }
  | { readonly type: 'process-gone'; readonly peer: string; readonly gone: ProcessGone }
  | { readonly type: 'replace-secrets'; readonly secrets: readonly ClusterSecret[] }
  | { readonly type: 'stop' }

/** What the heartbeat's process tells. */
export type Report =
  | { readonly type: 'started'; readonly snapshot: HeartbeatSnapshot; readonly priority: number }
  /** It could not start, or what it was told last cannot be. */
  | { readonly type: 'failed'; readonly code: HotspareError['code']; readonly message: string; readonly retryable: boolean }
  /** The snapshot is from right after the event. */
  | { readonly type: 'event'; readonly event: HeartbeatEvent; readonly snapshot: HeartbeatSnapshot }
  | { readonly type: 'snapshot'; readonly snapshot: HeartbeatSnapshot }
