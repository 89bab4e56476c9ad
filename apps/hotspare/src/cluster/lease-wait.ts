import { decisionDefaults, engineDefaults } from '@hotspare/failover'
import { timingChain } from '@hotspare/lease'
import type { ArbiterConfig } from '../config/config.ts'

/** Among peers, a right is had as soon as it is free, and given back with one message. */
const PEER_LEASE_MS = 3_000

/** How long a lease may take to be had once it can be, and to be given back, in whole milliseconds: peers take no others. */
export function leaseWaitMs(arbiter: ArbiterConfig): number {
  return arbiter.type === 'none' ? PEER_LEASE_MS : Math.ceil(timingChain({ ttlMs: arbiter.ttlMs }).takeoverMs)
}

/**
 * How long a member leaves each well one that is preferred to it, in whole milliseconds: with a long ttl the arbiter is asked seldom, and
 * that one finds out as late that it could go.
 */
export function staggerMs(arbiter: ArbiterConfig): number {
  if (arbiter.type === 'none') return decisionDefaults.staggerMs
  const { pollMs, callTimeoutMs } = timingChain({ ttlMs: arbiter.ttlMs }).timing
  return Math.max(decisionDefaults.staggerMs, Math.ceil(pollMs + callTimeoutMs + engineDefaults.tickMs))
}
