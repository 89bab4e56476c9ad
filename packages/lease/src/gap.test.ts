import { describe, expect, it } from 'vitest'
import { type ClockReading, lookAtClocks, startMarks } from './gap.ts'

const limits = { gapMs: 500, suspendMs: 100, jumpMs: 40 }
const start: ClockReading = { monotonicMs: 1_000, wallMs: 1_700_000_000_000, bootMs: 9_000 }
const after = (monotonicMs: number, { wallMs = monotonicMs, bootMs = monotonicMs } = {}): ClockReading => ({
  monotonicMs: start.monotonicMs + monotonicMs,
  wallMs: start.wallMs + wallMs,
  bootMs: start.bootMs + bootMs,
})

describe('lookAtClocks', () => {
  it.each([
    ['nothing has happened', after(0)],
    ['a usual tick', after(250)],
    ['a pause of just the limit', after(500)],
    ['a small correction of the wall clock', after(250, { wallMs: 280 })],
    ['one backwards', after(250, { wallMs: 0 })],
    ['a boot clock that lags', after(250, { bootMs: 0 })],
  ])('sees no gap: %s', (_, now) => {
    expect(lookAtClocks(startMarks(start), now, limits)).toMatchObject({ gap: undefined, sleptMs: 0 })
  })

  it('sees that the process was stopped', () => {
    expect(lookAtClocks(startMarks(start), after(501), limits).gap).toBe('this process did not run for 501 ms')
  })
  it('sees a suspend, and how much the monotonic clock has missed', () => {
    const suspended = after(20, { wallMs: 3_600_000, bootMs: 3_600_020 })
    expect(lookAtClocks(startMarks(start), suspended, limits)).toMatchObject({
      sleptMs: 3_600_000,
      gap: 'the machine was suspended for 3600000 ms',
    })
  })
  it.each([3_600_000, -3_600_000])('sees a jump of the wall clock by %d ms', (wallMs) => {
    expect(lookAtClocks(startMarks(start), after(0, { wallMs }), limits).gap).toBe(`the wall clock jumped by ${wallMs} ms`)
  })

  it('counts suspends that are too short to be gaps, and no coarse step twice', () => {
    // Each was dropped on its own, and 40 of them were two rights at one instant.
    let marks = startMarks(start)
    let sleptMs = 0
    for (let second = 1; second <= 40; second++) {
      const passedMs = second * 100
      const bootMs = Math.floor((passedMs + second * 95) / 10) * 10
      const found = lookAtClocks(marks, after(passedMs, { bootMs, wallMs: passedMs }), limits)
      marks = found.marks
      sleptMs += found.sleptMs
    }
    expect(sleptMs).toBe(40 * 95)
  })

  it('adds small jumps up until a call has proven the right', () => {
    let { marks } = lookAtClocks(startMarks(start), after(100, { wallMs: 130 }), limits)
    const second = after(200, { wallMs: 260 })
    expect(lookAtClocks(marks, second, limits).gap).toBe('the wall clock jumped by 60 ms')
    marks = { ...marks, proven: marks.last }
    expect(lookAtClocks(marks, second, limits).gap).toBeUndefined()
  })

  it('tells of a jump once', () => {
    const jumped = lookAtClocks(startMarks(start), after(0, { wallMs: 1_000 }), limits)
    expect(lookAtClocks(jumped.marks, after(10, { wallMs: 1_010 }), limits).gap).toBeUndefined()
  })
})
