import type { Clock } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { lateClock } from './late-clock.ts'

describe('lateClock', () => {
  it('notes nothing of a timer that was taken back', async () => {
    const test = new TestClock()
    const clock = lateClock(test)
    clock.schedule(10, () => {}).cancel()
    await test.advance(20)
    expect(clock.takeLateMs()).toEqual([])
  })

  it('notes how late or early each timer was, and gives it once', () => {
    let nowMs = 0
    const due: (() => void)[] = []
    const manual: Clock = {
      monotonicMs: () => nowMs,
      wallMs: () => nowMs,
      schedule(_delayMs, callback) {
        due.push(callback)
        return { cancel: () => {} }
      },
    }
    const clock = lateClock(manual)
    let called = 0
    for (const [delayMs, atMs] of [
      [10, 13],
      [10, 22.5],
    ] as const) {
      clock.schedule(delayMs, () => (called += 1))
      nowMs = atMs
      due.pop()?.()
    }
    expect(called).toBe(2)
    expect(clock.takeLateMs()).toEqual([3, -0.5])
    expect(clock.takeLateMs()).toEqual([])
  })
})
