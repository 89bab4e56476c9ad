import { describe, expect, it } from 'vitest'
import { toHeartbeatSample } from './sample.ts'

const NOTHING = { sent: 0, received: 0, skipped: 0, lateMs: [] }

describe('toHeartbeatSample', () => {
  it('says nothing of beats where none are counted, or none was sent', () => {
    expect(toHeartbeatSample({ peers: 10, elapsedMs: 10_000, cpuMicros: 50_000 })).toEqual({
      cpuShare: 0.005,
      sent: 0,
      missed: 0,
      skipped: 0,
      lateMs: [],
    })
    const silent = toHeartbeatSample({ peers: 10, elapsedMs: 10_000, cpuMicros: 50_000, before: NOTHING, after: NOTHING })
    expect(silent).toMatchObject({ cpuMicrosPerBeat: undefined, sent: 0, missed: 0 })
  })

  it('divides the CPU time by the time and by the beats of the window', () => {
    const before = { sent: 1_000, received: 900, skipped: 2, lateMs: [50] }
    const after = { sent: 2_000, received: 1_885, skipped: 3, lateMs: [0.2, 0.4] }
    expect(toHeartbeatSample({ peers: 10, elapsedMs: 10_000, cpuMicros: 200_000, before, after })).toEqual({
      cpuShare: 0.02,
      cpuMicrosPerBeat: 200,
      sent: 1_000,
      missed: 5,
      skipped: 1,
      lateMs: [0.2, 0.4],
    })
  })

  it('misses nothing where a beat of each peer has fallen to the other side of an edge', () => {
    const after = { ...NOTHING, sent: 1_000, received: 990 }
    expect(toHeartbeatSample({ peers: 10, elapsedMs: 10_000, cpuMicros: 1, before: NOTHING, after }).missed).toBe(0)
    expect(
      toHeartbeatSample({ peers: 10, elapsedMs: 10_000, cpuMicros: 1, before: NOTHING, after: { ...after, received: 1_010 } }).missed,
    ).toBe(0)
  })
})
