import type { StaleReason } from './freshness.ts'
import type { DecodeFault } from './packet.ts'

/**
 * Why a packet was dropped, in the order of the checks, the cheap ones first.
 *
 * - `wrong-length`, `not-a-heartbeat`, `wrong-version`, `malformed`: no beat at all
 * - `unknown-key`, `reflected` (it is our own), `not-for-us`, `unknown-peer`, `unknown-path`, `wrong-socket` (not at the
 *   address that the path is bound to), `bad-mac`: not to be believed
 * - `replayed`: its counter is not above the last on its path: repeated, or overtaken on the way
 * - `old-session`: from before the peer's restart, or the peer's counter went back and it has not heard us yet
 * - `not-fresh`: it answers no beat of this process. The first packets of two nodes that meet are of this kind.
 * - `stale`: it was sent too long ago
 */
export type DropReason =
  | DecodeFault
  | 'unknown-key'
  | 'reflected'
  | 'not-for-us'
  | 'unknown-peer'
  | 'unknown-path'
  | 'wrong-socket'
  | 'bad-mac'
  | StaleReason

/** Counts by reason: bounded, whatever comes in. */
export class DropCounters {
  readonly #counts = new Map<DropReason, number>()

  add(reason: DropReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  /** Only reasons that occurred. */
  snapshot(): Partial<Record<DropReason, number>> {
    return Object.fromEntries(this.#counts)
  }

  /** As `snapshot`, and starts over. */
  take(): Partial<Record<DropReason, number>> {
    const counts = this.snapshot()
    this.#counts.clear()
    return counts
  }
}
