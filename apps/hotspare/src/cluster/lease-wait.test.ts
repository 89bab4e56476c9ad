import { decisionDefaults } from '@hotspare/failover'
import { timingChain } from '@hotspare/lease'
import { expect, it } from 'vitest'
import { leaseWaitMs, staggerMs } from './lease-wait.ts'

// With a ttl of 500 ms it was 737.5, which the peer channel refuses: no hand-over ever went through.
it.each([250, 500, 501, 1_000, 2_000, 3_333])(
  'is a whole number of milliseconds with a ttl of %i ms, and no less than the chain takes',
  (ttlMs) => {
    const account = { user: undefined, password: undefined }
    const waitMs = leaseWaitMs({ type: 'etcd', endpoints: ['http://10.0.0.5:2379'], prefix: 'hotspare/', ...account, ttlMs })
    expect(waitMs).toBe(Math.round(waitMs))
    expect(waitMs).toBeGreaterThan(ttlMs)
  },
)

// With a ttl of ten seconds members looked each second, and the second of three left the first half of one.
it.each([500, 2_000, 10_000, 60_000])(
  'a member leaves the one before it a whole round of asking with a ttl of %i ms, and never less than the default',
  (ttlMs) => {
    const account = { user: undefined, password: undefined }
    const stagger = staggerMs({ type: 'etcd', endpoints: ['http://10.0.0.5:2379'], prefix: 'hotspare/', ...account, ttlMs })
    const { pollMs, callTimeoutMs } = timingChain({ ttlMs }).timing
    expect(stagger).toBeGreaterThanOrEqual(Math.max(decisionDefaults.staggerMs, pollMs + callTimeoutMs))
    expect(staggerMs({ type: 'none', acceptSplitBrain: true })).toBe(decisionDefaults.staggerMs)
  },
)
