import { describe, expect, it } from 'vitest'
import { toSample } from './sample.ts'

const load = { requests: 10_000, durationMicros: 2_000_000, bytes: 1, p50Micros: 400, p99Micros: 900, failures: 3 }

describe('toSample', () => {
  it('gives nothing where no request was answered', () => {
    expect(toSample({ load: { ...load, requests: 0 }, proxyTicks: 5, elapsedMs: 1, ticksPerSecond: 100 })).toBeUndefined()
    expect(toSample({ load: { ...load, durationMicros: 0 }, proxyTicks: 5, elapsedMs: 1, ticksPerSecond: 100 })).toBeUndefined()
  })

  it('divides the CPU time by the requests, and takes the rate from the load generator', () => {
    expect(toSample({ load, proxyTicks: 50, elapsedMs: 2_100, ticksPerSecond: 100 })).toEqual({
      cpuMicrosPerRequest: 50,
      requestsPerSecond: 5_000,
      p50Micros: 400,
      p99Micros: 900,
      requests: 10_000,
      failures: 3,
      othersShare: undefined,
    })
  })

  it('counts as others what the core did and the proxy did not', () => {
    expect(toSample({ load, proxyTicks: 50, coreTicks: 90, elapsedMs: 2_000, ticksPerSecond: 100 })?.othersShare).toBeCloseTo(0.2)
  })

  it('never counts less than nothing, though ticks are coarse', () => {
    expect(toSample({ load, proxyTicks: 91, coreTicks: 90, elapsedMs: 2_000, ticksPerSecond: 100 })?.othersShare).toBe(0)
  })
})
