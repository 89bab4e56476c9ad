import { assert, double, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTimingChain, timingChain } from './timing-chain.ts'

describe('timingChain', () => {
  it('refuses options that are no times, and says which', () => {
    expect(() => timingChain({ ttlMs: 10 })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS', message: expect.stringContaining('ttlMs') }),
    )
    expect(() => timingChain({ ttlMs: Number.NaN })).toThrow('ttlMs')
    expect(() => timingChain({ ttlMs: 2_000, marginMs: -1 })).toThrow('marginMs')
    expect(() => timingChain({ ttlMs: 2_000, clockRateError: 2 })).toThrow('clockRateError')
    // @ts-expect-error a misspelled option
    expect(() => timingChain({ ttlMs: 2_000, margin: 1 })).toThrow('margin')
  })

  it('does not hold when both sides are equal: then both may happen at one instant (Patroni #3678)', () => {
    const options = { ttlMs: 1_000, clockRateError: 0, timerLatenessMs: 100, renewMs: 200, callTimeoutMs: 100, retryMs: 100 }
    expect(timingChain({ ...options, marginMs: 101 }).holds).toBe(true)
    expect(timingChain({ ...options, marginMs: 100 }).links[0]).toMatchObject({ shorterMs: 100, longerMs: 100, holds: false })
    expect(timingChain({ ...options, marginMs: 100 }).holds).toBe(false)
    expect(timingChain({ ...options, marginMs: 500 }).links[1]).toMatchObject({ shorterMs: 500, longerMs: 500, holds: false })
    expect(timingChain({ ...options, marginMs: 499 }).links[1]).toMatchObject({ holds: true })
  })

  it('needs a margin beyond what two clocks at the ends of the bound can differ by', () => {
    // A slow holder's right lasts (ttl - margin) / (1 - e); a fast challenger waits ttl / (1 + e).
    const error = 0.05
    const [drift] = timingChain({ ttlMs: 10_000, clockRateError: error, timerLatenessMs: 0 }).links
    const marginMs = drift?.shorterMs ?? 0
    expect((10_000 - marginMs) / (1 - error)).toBeCloseTo(10_000 / (1 + error), 6)
  })

  it('takes its margin from the clock rate error, so steadier clocks leave a longer right', () => {
    const steady = timingChain({ ttlMs: 2_000, clockRateError: 0.001 })
    expect([steady.holds, steady.timing.marginMs]).toEqual([true, expect.closeTo(94, 0)])
  })

  it('adds the kernel to the chain where an address has a lifetime', () => {
    const withAddress = timingChain({ ttlMs: 2_000, addressLifetimeMs: 1_000 })
    expect(withAddress.links).toHaveLength(4)
    expect(withAddress.holds).toBe(true)
    expect(timingChain({ ttlMs: 2_000, addressLifetimeMs: 2_000 }).links[2]?.holds).toBe(false)
    expect(timingChain({ ttlMs: 2_000, addressLifetimeMs: 1_000, kernelLatenessMs: 353 }).links[2]?.holds).toBe(false)
    expect(timingChain({ ttlMs: 4_000, addressLifetimeMs: 1_000 }).links[3]?.holds).toBe(false)
  })

  it('holds with its defaults for every ttl', () => {
    assert(property(double({ min: 250, max: 86_400_000, noNaN: true }), (ttlMs) => timingChain({ ttlMs }).holds))
  })

  it('prints itself, each link with its figures', () => {
    expect(formatTimingChain(timingChain({ ttlMs: 2_000, addressLifetimeMs: 2_000 })).split('\n')).toEqual([
      'holds   ttl x 2e / (1 + e) + timer lateness < margin: 357.9 < 397.9 ms  (the holder has stopped before anyone else may begin)',
      'holds   renew + call timeout + retry + call timeout < ttl - margin: 883.3 < 1602.1 ms  (one renewal may fail, and its repetition is still in time)',
      'BROKEN  call timeout + address lifetime + kernel lateness < ttl - margin: 2500 < 1602.1 ms  (the kernel has removed the address before the right ends)',
      'holds   renew + call timeout + retry + call timeout < address lifetime: 883.3 < 2000 ms  (the address outlives one renewal that fails)',
      'the chain does not hold',
    ])
    expect(
      formatTimingChain(timingChain({ ttlMs: 2_000 }))
        .split('\n')
        .at(-1),
    ).toBe('a takeover takes up to 2950 ms')
  })
})
