import type { EventBase } from '@hotspare/core'

interface AlertEventBase extends EventBase {
  /** The name of the channel that this is about. */
  readonly channel: string
  readonly alertId: string
  /** The alert's `key`. */
  readonly key: string
  /** How often the channel has tried to send this alert; 0 if never. */
  readonly attempt: number
}

/** The receiver has it. */
export interface AlertDelivered extends AlertEventBase {
  readonly type: 'alert-delivered'
  readonly receipt?: string | undefined
  /** From `notify` to the receiver's answer, in milliseconds. */
  readonly tookMs: number
}

/** An attempt failed, and there will be another. */
export interface AlertDelayed extends AlertEventBase {
  readonly type: 'alert-delayed'
  readonly reason: string
  readonly retryInMs: number
}

/** The alert was given up: this channel will not deliver it. */
export interface AlertFailed extends AlertEventBase {
  readonly type: 'alert-failed'
  readonly reason: string
}

/** The alert had to leave the queue before its turn, or was never let in. */
export interface AlertDropped extends AlertEventBase {
  readonly type: 'alert-dropped'
  readonly reason: string
}

/** Every alert ends, on every channel, in exactly one of `alert-delivered`, `alert-failed` and `alert-dropped`. */
export type AlertEvent = AlertDelivered | AlertDelayed | AlertFailed | AlertDropped
