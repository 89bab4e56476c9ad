import { type Clock, systemClock } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { warmUp } from './warm-up.ts'

describe('the warm-up', () => {
  it('does nothing where it is ended before it begins', async () => {
    expect(await warmUp(systemClock, AbortSignal.abort())).toBe(0)
  })

  it('stops early where it is ended in its course', async () => {
    expect(await warmUp(systemClock, AbortSignal.timeout(100))).toBeLessThan(2)
  })

  it('moves a service there and back, and leaves no timer', async () => {
    const { clock, pending } = countedClock()
    expect(await warmUp(clock, new AbortController().signal)).toBe(2)
    await expect.poll(pending).toBe(0)
  })
})

/** The system's clock, and how many of its timers have neither fired nor been cancelled. */
function countedClock(): { readonly clock: Clock; readonly pending: () => number } {
  const timers = new Set<symbol>()
  const clock: Clock = {
    monotonicMs: () => systemClock.monotonicMs(),
    wallMs: () => systemClock.wallMs(),
    schedule(delayMs, callback) {
      const id = Symbol('timer')
      timers.add(id)
      const timer = systemClock.schedule(delayMs, () => {
        timers.delete(id)
        callback()
      })
      return {
        cancel() {
          timers.delete(id)
          timer.cancel()
        },
      }
    },
  }
  return { clock, pending: () => timers.size }
}
