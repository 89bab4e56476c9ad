import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { CallBudget } from './call-budget.ts'

describe('CallBudget', () => {
  it('lets no more through than it holds, until calls come back', async () => {
    const clock = new TestClock()
    const budget = new CallBudget({ perSecond: 2, burst: 3, clock })
    expect([budget.tryTake(), budget.tryTake(), budget.tryTake(), budget.tryTake()]).toEqual([true, true, true, false])
    await clock.advance(500)
    expect([budget.tryTake(), budget.tryTake()]).toEqual([true, false])
  })

  it('keeps what is reserved for whoever has to act', () => {
    const budget = new CallBudget({ perSecond: 1, burst: 4, clock: new TestClock() })
    expect([budget.tryTake(2), budget.tryTake(2), budget.tryTake(2)]).toEqual([true, true, false])
    expect(budget.tryTake()).toBe(true)
  })

  it('keeps a pause that was asked for, and the longest of several', async () => {
    const clock = new TestClock()
    const budget = new CallBudget({ perSecond: 100, burst: 100, clock })
    budget.pause(5_000)
    budget.pause(1_000)
    expect(budget.pauseMs()).toBe(5_000)
    let taken = false
    const taking = budget.take(new AbortController().signal).then(() => (taken = true))
    await clock.advance(4_999)
    expect(taken).toBe(false)
    await clock.advance(1)
    await taking
    expect(clock.pendingTimers).toBe(0)
  })

  it('heeds what is left by the word of the other side: others use the same account', async () => {
    const clock = new TestClock()
    const budget = new CallBudget({ perSecond: 1, burst: 100, clock })
    budget.heedLimits({ retryAfterMs: undefined, remaining: 1, resetMs: 60_000 })
    expect([budget.tryTake(), budget.tryTake()]).toEqual([true, false])
    budget.heedLimits({ retryAfterMs: undefined, remaining: 0, resetMs: 60_000 })
    expect(budget.waitMs()).toBe(60_000)
    await clock.advance(60_000)
    expect(budget.tryTake()).toBe(true)
  })

  it('keeps the time that a failure names, an hour at most', () => {
    const budget = new CallBudget({ perSecond: 1, burst: 1, clock: new TestClock() })
    budget.failed({ fault: 'unavailable', retryAfterMs: 7_000 })
    expect(() => budget.checkPause('test')).toThrow(expect.objectContaining({ fault: 'unavailable', retryAfterMs: 7_000 }))
    budget.failed({ fault: 'limited', retryAfterMs: 1e12 })
    expect(() => budget.checkPause('test')).toThrow(expect.objectContaining({ fault: 'limited', retryAfterMs: 3_600_000 }))
  })

  it('guesses longer for each limit in a row that names no time, and no more after a success', async () => {
    const clock = new TestClock()
    const budget = new CallBudget({ perSecond: 1, burst: 1, clock })
    const limited = async () => {
      budget.failed({ fault: 'limited', retryAfterMs: undefined })
      const pauseMs = budget.pauseMs()
      await clock.advance(pauseMs)
      return pauseMs
    }
    expect([await limited(), await limited(), await limited()]).toEqual([1_000, 2_000, 4_000])
    for (let round = 0; round < 40; round++) expect(await limited()).toBeLessThanOrEqual(60_000)
    budget.succeeded()
    expect(await limited()).toBe(1_000)
  })

  it('does not show refused credentials in a row', () => {
    const budget = new CallBudget({ perSecond: 1, burst: 9, clock: new TestClock() })
    budget.failed({ fault: 'credentials', retryAfterMs: undefined })
    expect(budget.tryTake()).toBe(false)
    expect(() => budget.checkPause('test')).toThrow(expect.objectContaining({ fault: 'credentials' }))
  })

  it('goes on at once after what no pause helps against', () => {
    const budget = new CallBudget({ perSecond: 1, burst: 9, clock: new TestClock() })
    for (const fault of ['unavailable', 'busy', 'refused'] as const) budget.failed({ fault, retryAfterMs: undefined })
    expect(budget.tryTake()).toBe(true)
  })
})
