import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextBeat } from './beat-schedule.ts'

const schedule = { startMs: 1_000, intervalMs: 100 }

describe('the schedule of beats', () => {
  it.each([
    { index: 0, nowMs: 1_000, next: { index: 1, dueMs: 1_100, skipped: 0 }, what: 'on time' },
    { index: 1, nowMs: 1_100, next: { index: 2, dueMs: 1_200, skipped: 0 }, what: 'on time again' },
    { index: 1, nowMs: 1_199, next: { index: 2, dueMs: 1_200, skipped: 0 }, what: 'late, without moving the next' },
    { index: 1, nowMs: 1_200, next: { index: 3, dueMs: 1_300, skipped: 1 }, what: 'a whole interval late: one is skipped' },
    { index: 1, nowMs: 11_150, next: { index: 102, dueMs: 11_200, skipped: 100 }, what: 'after a pause: no burst' },
    { index: 2, nowMs: 1_199.4, next: { index: 3, dueMs: 1_300, skipped: 0 }, what: 'woken early: not the same beat twice' },
  ])('$what', ({ index, nowMs, next }) => {
    expect(nextBeat(schedule, index, nowMs)).toEqual(next)
  })

  it('never drifts: every beat is due at a whole number of intervals, the next after now', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -0.9, max: 1_000, noNaN: true }), { maxLength: 50 }), (lateness) => {
        let beat = { index: 0, dueMs: schedule.startMs, skipped: 0 }
        let nowMs = schedule.startMs
        for (const lateMs of lateness) {
          nowMs = Math.max(nowMs, beat.dueMs + lateMs)
          const next = nextBeat(schedule, beat.index, nowMs)
          expect(next.index).toBe(beat.index + 1 + next.skipped)
          expect(next.dueMs).toBe(1_000 + next.index * 100)
          expect(next.dueMs).toBeGreaterThan(nowMs)
          beat = next
        }
      }),
    )
  })
})
