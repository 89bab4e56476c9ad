import type { Alert, Channel, Delivery } from '../types.ts'

export interface MemoryChannelOptions {
  /** Default: `memory` */
  readonly name?: string | undefined
  /** Plays the receiver; may take its time, and may throw as a bad channel would. Default: accepts everything */
  readonly respond?: ((alert: Alert, call: MemoryCall) => Delivery | Promise<Delivery>) | undefined
}

export interface MemoryCall {
  /** 1 for the first call of `send`. */
  readonly number: number
  readonly signal: AbortSignal | undefined
}

/** The reference channel: it delivers into an array. */
export interface MemoryChannel extends Channel {
  /** Every alert that `send` was called with, in order. */
  readonly calls: readonly Alert[]
  /** The alerts that were accepted, in order. */
  readonly delivered: readonly Alert[]
  readonly closed: boolean
}

export function memoryChannel(options: MemoryChannelOptions = {}): MemoryChannel {
  const { name = 'memory', respond = () => ({ ok: true }) } = options
  const calls: Alert[] = []
  const delivered: Alert[] = []
  let closed = false
  return {
    name,
    type: 'memory',
    calls,
    delivered,
    get closed() {
      return closed
    },
    async send(alert, sendOptions) {
      if (sendOptions?.signal?.aborted) return { ok: false, retryable: true, reason: 'aborted' }
      calls.push(alert)
      const delivery = await respond(alert, { number: calls.length, signal: sendOptions?.signal })
      if (delivery.ok) delivered.push(alert)
      return delivery
    },
    async close() {
      closed = true
    },
  }
}
