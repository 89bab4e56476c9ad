import { describe, expect, it } from 'vitest'
import { toProbeSample } from './sample.ts'

const measured = { due: 2_000, elapsedMs: 2_000, cpuMicros: 500_000, probes: 1_000 }

describe('toProbeSample', () => {
  it.each([{ probes: 0 }, { cpuMicros: 0 }, { elapsedMs: 0 }])('is nothing where %j leaves nothing to divide by', (nothing) => {
    expect(toProbeSample({ ...measured, ...nothing })).toBeUndefined()
  })

  it('divides the looks by the CPU time and by the time', () => {
    expect(toProbeSample({ ...measured, failed: 3 })).toMatchObject({
      probesPerCpuSecond: 2_000,
      probesPerSecond: 500,
      cpuShare: 0.25,
      due: 2_000,
      failed: 3,
      othersShare: undefined,
    })
  })

  it('has what others took of the core, and never less than nothing', () => {
    expect(toProbeSample({ ...measured, coreMs: 700 })?.othersShare).toBeCloseTo(0.1)
    expect(toProbeSample({ ...measured, coreMs: 490 })?.othersShare).toBe(0)
  })
})
