import { expect, it } from 'vitest'
import { leaseWaitMs } from './lease-wait.ts'

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
