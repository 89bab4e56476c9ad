import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { Deadlines, NEVER, type Timed } from './deadlines.ts'

function timed(onExpired: () => void): Timed {
  return { dueMs: NEVER, expired: onExpired }
}

describe('deadlines', () => {
  it('come at their time, not earlier and at most two looks later', async () => {
    const clock = new TestClock()
    const deadlines = new Deadlines(clock, 10)
    const startedMs = clock.monotonicMs()
    const expiredMs: number[] = []
    const one = timed(() => expiredMs.push(clock.monotonicMs() - startedMs))
    deadlines.add(one)
    one.dueMs = deadlines.after(100)
    await clock.advance(500)
    expect(expiredMs).toHaveLength(1)
    expect(expiredMs[0]).toBeGreaterThanOrEqual(100)
    expect(expiredMs[0]).toBeLessThanOrEqual(120)
  })

  it('do not come once they are put off or taken away', async () => {
    const clock = new TestClock()
    const deadlines = new Deadlines(clock, 10)
    let expired = 0
    const [one, other] = [0, 1].map(() => timed(() => (expired += 1)))
    deadlines.add(one!)
    const place = deadlines.add(other!)
    one!.dueMs = other!.dueMs = deadlines.after(50)
    one!.dueMs = deadlines.after(1_000)
    deadlines.remove(place)
    await clock.advance(500)
    one!.dueMs = NEVER
    await clock.advance(5_000)
    expect(expired).toBe(0)
  })

  it('wait while the process stands still, so that what was in time can be read first', () => {
    let nowMs = 0
    let look = () => {}
    const clock = {
      wallMs: () => 0,
      monotonicMs: () => nowMs,
      schedule: (_delayMs: number, callback: () => void) => ({ cancel() {}, look: (look = callback) }),
    }
    const deadlines = new Deadlines(clock, 10)
    let expired = 0
    const one = timed(() => (expired += 1))
    deadlines.add(one)
    one.dueMs = deadlines.after(100)
    nowMs += 60_000
    look()
    expect(expired).toBe(0)
    for (let turn = 0; turn < 11; turn += 1) {
      nowMs += 10
      look()
    }
    expect(expired).toBe(1)
  })
})
