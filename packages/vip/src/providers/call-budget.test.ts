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
})
