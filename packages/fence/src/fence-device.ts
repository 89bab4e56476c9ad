import type { Outcome } from '@hotspare/core/plan'

/** What a device says of the power of a node. */
export type PowerState = 'on' | 'off' | 'unknown'

export interface PowerReading {
  readonly state: PowerState
  /** One clause for people; holds no secret. */
  readonly because: string
}

export interface FenceCallOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * What can switch one node off, whatever it is: a management controller, a power strip, a hypervisor, a cloud. What goes
 * wrong in the world is an outcome; every call ends within a finite time of its own.
 */
export interface FenceDevice {
  /** For people and events: `fence_ipmilan`. */
  readonly name: string
  /** How long `off` may take as a whole, in milliseconds. */
  readonly allowedMs: number
  /** Switches the node off, if it is not, and makes sure of it: `ok` means that it is off. Idempotent. */
  off(options?: FenceCallOptions): Promise<Outcome>
  /** Whether the node has power. */
  status(options?: FenceCallOptions): Promise<PowerReading>
  /** Whether the device itself could be used now; the node is left alone. */
  monitor(options?: FenceCallOptions): Promise<Outcome>
  /** What people type to do the same; a secret stands there as the name of a variable. At least one command. */
  readonly manual: readonly string[]
}
