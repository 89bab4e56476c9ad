import { assertNever, type EventBase, formatDuration } from '@hotspare/core'
import type { EngineFailureReason } from '@hotspare/proxy/haproxy'

/** An engine was brought to what the pool wants: for a change of the pool, or for a drift of its own. */
export interface EngineChangedEvent extends EventBase {
  readonly type: 'engine-changed'
  readonly engine: string
  readonly pool: string
  /** `drift`: nothing new was wanted; it was started again, or somebody else had changed it. */
  readonly cause: 'wanted' | 'drift'
  readonly changes: readonly string[]
}

/** An engine is not as the pool wants it. */
export interface EngineFailedEvent extends EventBase {
  readonly type: 'engine-failed'
  readonly engine: string
  readonly pool: string
  readonly reason: EngineFailureReason
  readonly because: string
}

/** It is as the pool wants it again. */
export interface EngineRecoveredEvent extends EventBase {
  readonly type: 'engine-recovered'
  readonly engine: string
  readonly pool: string
  readonly failedForMs: number
}

export type AppEngineEvent = EngineChangedEvent | EngineFailedEvent | EngineRecoveredEvent

/** How loud each is in the log: while an engine cannot be told, requests may go to the dead. */
export const ENGINE_EVENT_LEVELS: Readonly<Record<AppEngineEvent['type'], 'info' | 'warn' | 'error'>> = {
  'engine-changed': 'info',
  'engine-failed': 'error',
  'engine-recovered': 'warn',
}

export function isEngineEvent(event: { readonly type: string }): event is AppEngineEvent {
  return Object.hasOwn(ENGINE_EVENT_LEVELS, event.type)
}

/** More are not read in a line. */
const TOLD_CHANGES = 5

export function engineSentence(event: AppEngineEvent): string {
  const { engine, pool } = event
  switch (event.type) {
    case 'engine-changed': {
      const told = event.changes.slice(0, TOLD_CHANGES).join(', ')
      const more = event.changes.length > TOLD_CHANGES ? ` and ${event.changes.length - TOLD_CHANGES} more` : ''
      return event.cause === 'drift'
        ? `engine ${engine} was not as pool ${pool} wants it any more, and was repaired: ${told}${more}`
        : `engine ${engine} follows pool ${pool}: ${told}${more}`
    }
    case 'engine-failed':
      return `engine ${engine} is not as pool ${pool} wants it (${event.reason}), and keeps what it was told last: ${event.because}`
    case 'engine-recovered':
      return `engine ${engine} is as pool ${pool} wants it again, after ${formatDuration(Math.round(event.failedForMs / 100) * 100)}`
    default:
      return assertNever(event)
  }
}
