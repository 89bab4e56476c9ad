import { assertNever, type EventBase, type HealthState } from '@hotspare/core'
import type { DropReason } from './drops.ts'
import type { PeerEffect } from './machine.ts'

/** What the heartbeat tells. */
export type HeartbeatEvent = EventBase &
  (
    | {
        readonly type: 'peer-up' | 'peer-degraded' | 'peer-down'
        readonly peer: string
        readonly from: HealthState
        readonly because: string
      }
    | {
        readonly type: 'path-up' | 'path-degraded' | 'path-down'
        readonly peer: string
        readonly path: string
        readonly from: HealthState
        readonly because: string
      }
    /** A peer's process was started anew: whatever the former one held is gone. May come while the peer stays up. */
    | { readonly type: 'peer-restarted'; readonly peer: string; readonly session: string; readonly previousSession: string }
    /** This process did not run for `gapMs`: peers may have convicted it, it convicts nobody for it. */
    | { readonly type: 'heartbeat-late'; readonly gapMs: number; readonly skippedBeats: number }
    /** Packets that were not to be believed, since the last such event. */
    | { readonly type: 'packets-dropped'; readonly counts: Readonly<Partial<Record<DropReason, number>>> }
    /** The counter goes on without its file; after a restart it continues by the wall clock. */
    | { readonly type: 'counter-unsaved'; readonly because: string }
  )

/** What the machine has decided, as an event. */
export function effectEvent(
  effect: PeerEffect,
  peer: { readonly name: string; readonly paths: readonly { readonly options: { readonly name: string } }[] },
  at: number,
): HeartbeatEvent {
  switch (effect.type) {
    case 'path': {
      const { from, because } = effect
      return { type: `path-${effect.to}`, at, peer: peer.name, path: peer.paths[effect.path]?.options.name ?? '', from, because }
    }
    case 'peer':
      return { type: `peer-${effect.to}`, at, peer: peer.name, from: effect.from, because: effect.because }
    case 'restart':
      return { type: 'peer-restarted', at, peer: peer.name, session: effect.session, previousSession: effect.previous }
    default:
      return assertNever(effect)
  }
}
