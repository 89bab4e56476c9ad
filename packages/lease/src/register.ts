/**
 * What a register holds under one name. The record is small, is never deleted, and every write has a revision that no
 * other write ever had, so "nothing has changed" can be proven by comparing it.
 */
export interface LeaseRecord {
  /** Who has the right, or null once it was released. */
  readonly holder: string | null
  /** The fencing token: grows with every grant, and stays when the right is released. A positive safe integer. */
  readonly token: number
  /** How long others must see the record unchanged before they may take over, in milliseconds. */
  readonly ttlMs: number
  /** Names this write: `<instance>.<number>`, chosen by its writer. */
  readonly revision: string
}

/** How a compare-and-swap ended, when the register has answered. */
export type SwapResult =
  | { readonly swapped: true }
  /** Something else is there; nothing was written. */
  | { readonly swapped: false; readonly current: LeaseRecord | null }

export interface RegisterCallOptions {
  /** Gives the call up; whether a write has arrived by then stays unknown. */
  readonly signal?: AbortSignal | undefined
  /** The call's deadline in milliseconds, all endpoints and retries together. Default: 1,000 */
  readonly timeoutMs?: number | undefined
}

/**
 * Where leases are kept: a linearizable compare-and-swap register for each name. A driver implements two calls and
 * decides nothing.
 *
 * A call that fails, is late or is not understood throws: its outcome is then unknown, and a write may still arrive
 * later. Texts of errors are for people only.
 */
export interface LeaseRegister {
  /** For messages: `etcd at http://10.0.0.5:2379`. Without secrets. */
  readonly description: string
  /**
   * @param name of the lease, see {@link leaseNameProblem}
   * @returns the record, or null when there has never been one; may be out of date
   * @throws HotspareError `HOTSPARE_LEASE_REGISTER` (no usable answer; retryable), `HOTSPARE_LEASE_RECORD` (something
   * else is kept there), `HOTSPARE_LEASE_REFUSED` (not allowed: credentials, permissions); the reason of the signal
   */
  read(name: string, options?: RegisterCallOptions): Promise<LeaseRecord | null>
  /**
   * Writes `next` if the record is still `expected`: equal in its revision, or absent for null.
   *
   * @returns `swapped: true` only when the write is durable
   * @throws as `read`
   */
  compareAndSwap(name: string, expected: LeaseRecord | null, next: LeaseRecord, options?: RegisterCallOptions): Promise<SwapResult>
  /** Lets go of connections and files; calls after it throw `HOTSPARE_LEASE_REGISTER`. Idempotent. */
  close(): Promise<void>
}
