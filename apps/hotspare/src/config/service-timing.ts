import { type TimingChain, timingChain } from '@hotspare/lease'
import { vipDefaults } from '@hotspare/vip'

/** How the addresses of a `release` service end by themselves, and the chain that shows that they do so in time. */
export interface ReleaseTiming {
  /** The least that the packet gate stays open after a renewal: after one that took as long as it may. */
  readonly gateMs: number
  /**
   * The most that the kernel is given with the address itself (`valid_lft`), right after a renewal; undefined where a right is
   * shorter than a second, and the gate alone ends in time.
   */
  readonly addressLifetimeSeconds: number | undefined
  /** With the gate as what removes the address. */
  readonly chain: TimingChain
}

/**
 * How late the kernel may notice that an element of an nftables set has timed out: it looks with each packet, at a clock that
 * moves in steps of up to 10 ms (a kernel with 100 Hz), and the timeout was rounded to such steps. The driver shuts the gate
 * earlier than this before the right ends.
 */
export const GATE_LATENESS_MS = 20

/**
 * Works out the times of a `release` service from the ttl of its lease. With the times that the lease derives from the ttl, a
 * right lasts `ttl - margin` from the start of a renewal, and that renewal may take a `call timeout`:
 *
 *     gate             >= ttl - margin - call timeout - 25 ms, in milliseconds; it shuts 25 ms before the right ends
 *     address lifetime <= ttl - margin, in whole seconds, rounded down with each renewal
 *
 * The gate is what counts: it is exact to a tick or two of the kernel, and stops packets. The address itself is the backstop: the
 * kernel removes it on a grid of a quarter of a second. The chain holds for every ttl from 250 ms on.
 */
export function releaseTiming(ttlMs: number): ReleaseTiming {
  const { marginMs, callTimeoutMs } = timingChain({ ttlMs }).timing
  const rightMs = ttlMs - marginMs
  const gateMs = Math.floor(rightMs - callTimeoutMs - vipDefaults.gateMarginMs)
  const seconds = Math.floor(rightMs / 1_000)
  return {
    gateMs,
    addressLifetimeSeconds: seconds < 1 ? undefined : seconds,
    chain: timingChain({ ttlMs, addressLifetimeMs: gateMs, kernelLatenessMs: GATE_LATENESS_MS }),
  }
}
