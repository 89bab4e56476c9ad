import { describe, expect, it } from 'vitest'
import { toLeaseSample } from './sample.ts'

const turn = { renewals: 1_000, elapsedMs: 2_000, cpuMicros: 500_000, p50Micros: 400, p99Micros: 900 }
const NOTHING = { core: undefined, server: undefined }

describe('toLeaseSample', () => {
  it('says nothing of a server that is not there, or of a core that is not pinned', () => {
    const sample = toLeaseSample({ turn, before: NOTHING, after: NOTHING, elapsedMs: 2_010, ticksPerSecond: 100 })
    expect(sample).toEqual({
      renewalsPerSecond: 500,
      p50Micros: 400,
      p99Micros: 900,
      cpuMicros: 500,
      serverCpuMicros: undefined,
      othersShare: undefined,
    })
  })

  it("divides the server's time by the renewals, and counts as others what the core did and the client did not", () => {
    const sample = toLeaseSample({
      turn,
      before: { core: 1_000, server: 10 },
      after: { core: 1_100, server: 60 },
      elapsedMs: 2_000,
      ticksPerSecond: 100,
    })
    expect(sample.serverCpuMicros).toBe(500)
    expect(sample.othersShare).toBeCloseTo(0.25)
  })

  it('never counts less than nothing, though ticks are coarse', () => {
    const ticks = { before: { ...NOTHING, core: 0 }, after: { ...NOTHING, core: 49 } }
    expect(toLeaseSample({ turn, ...ticks, elapsedMs: 2_000, ticksPerSecond: 100 }).othersShare).toBe(0)
  })
})
