import { vipDefaults } from '@hotspare/vip'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { releaseTiming } from './service-timing.ts'

describe('the times of a service that releases', () => {
  it.each([
    [250, 144, undefined],
    [500, 313, undefined],
    [1_000, 651, undefined],
    [2_000, 1_327, 1],
    [3_000, 2_003, 2],
    [5_000, 3_355, 4],
    [10_000, 6_735, 8],
  ])('at a ttl of %i ms are a gate of %i ms and a lifetime of %s s', (ttlMs, gateMs, addressLifetimeSeconds) => {
    expect(releaseTiming(ttlMs)).toMatchObject({ gateMs, addressLifetimeSeconds })
  })

  it('hold together at every ttl that a file may have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 250, max: 3_600_000 }), (ttlMs) => {
        const { chain, gateMs, addressLifetimeSeconds = 0 } = releaseTiming(ttlMs)
        const { marginMs, callTimeoutMs } = chain.timing
        expect(chain.holds).toBe(true)
        expect(chain.links).toHaveLength(4)
        // However late the renewal was, the gate has shut before the right ends, by what the driver takes off and no more.
        const shutMs = callTimeoutMs + gateMs
        expect(shutMs).toBeLessThanOrEqual(ttlMs - marginMs - vipDefaults.gateMarginMs)
        expect(shutMs).toBeGreaterThan(ttlMs - marginMs - vipDefaults.gateMarginMs - 1)
        expect(addressLifetimeSeconds * 1_000).toBeLessThanOrEqual(ttlMs - marginMs)
      }),
    )
  })
})
