import { describe, expect, it } from 'vitest'
import { type ClockReading, gapBetween } from './gap.ts'

const limits = { gapMs: 500, smallestSuspendMs: 100 }
const start: ClockReading = { monotonicMs: 1_000, wallMs: 1_700_000_000_000, bootMs: 9_000 }
const after = (monotonicMs: number, { wallMs = monotonicMs, bootMs = monotonicMs } = {}): ClockReading => ({
  monotonicMs: start.monotonicMs + monotonicMs,
  wallMs: start.wallMs + wallMs,
  bootMs: start.bootMs + bootMs,
})

describe('gapBetween', () => {
  it.each([
    ['nothing has happened', after(0)],
    ['a usual tick', after(250)],
    ['a pause of just the limit', after(500)],
    ['the coarse steps of the time since boot', after(250, { bootMs: 260 })],
    ['a small correction of the wall clock', after(250, { wallMs: 200 })],
    ['a boot clock that lags', after(250, { bootMs: 0 })],
  ])('sees none: %s', (_, now) => {
    expect(gapBetween(start, now, limits)).toBeUndefined()
  })

  it('sees that the process was stopped', () => {
    expect(gapBetween(start, after(501), limits)).toEqual({ lostMs: 0, because: 'this process did not run for 501 ms' })
  })
  it('sees a suspend, and how much the monotonic clock has missed', () => {
    const suspended = after(20, { wallMs: 3_600_000, bootMs: 3_600_020 })
    expect(gapBetween(start, suspended, limits)).toEqual({ lostMs: 3_600_000, because: 'the machine was suspended for 3600000 ms' })
  })
  it.each([3_600_000, -3_600_000])('sees a jump of the wall clock by %d ms', (wallMs) => {
    expect(gapBetween(start, after(0, { wallMs }), limits)).toEqual({ lostMs: 0, because: `the wall clock jumped by ${wallMs} ms` })
  })
})
