import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { withDeadline } from './deadline.ts'
import { HotspareError } from './errors.ts'
import { type Random, seededRandom } from './random.ts'
import { RetryBudget } from './retry-budget.ts'
import { backoffMs, retry } from './retry.ts'
import { TestClock } from './testing/test-clock.ts'

const always = (value: number): Random => ({ next: () => value })
const retryable = (message = 'busy') => new HotspareError({ code: 'HOTSPARE_TEST_BUSY', message, retryable: true })

/** Fails the first `failures` calls. */
function flaky(failures: number, error: (call: number) => unknown = (call) => retryable(`failure ${call}`)) {
  const calls: number[] = []
  const work = async (attempt: number) => {
    calls.push(attempt)
    if (calls.length <= failures) throw error(calls.length)
    return 'done'
  }
  return { calls, work }
}

function outcome<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

describe('backoffMs', () => {
  test.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [7, 6_400],
    [8, 10_000],
    [2_000, 10_000],
  ])('retry %i waits less than %i ms', (retryNumber, boundMs) => {
    const almostOne = 1 - 2 ** -53
    expect(backoffMs(retryNumber, { random: always(almostOne) })).toBeLessThan(boundMs)
    expect(backoffMs(retryNumber, { random: always(0.5) })).toBe(boundMs / 2)
    expect(backoffMs(retryNumber, { random: always(0) })).toBe(0)
  })

  test('a base of 0 never waits, however many retries there were', () => {
    // 0 * 2 ** 1024 is NaN, and a timer of NaN is no timer.
    for (const retryNumber of [1, 2, 1_025, 5_000]) expect(backoffMs(retryNumber, { baseMs: 0, random: always(0.5) })).toBe(0)
  })

  test('the delays are even over the whole range, with no lower bound', () => {
    const random = seededRandom(11)
    const quarters = [0, 0, 0, 0]
    for (let draw = 0; draw < 4_000; draw++) quarters[Math.floor(backoffMs(3, { random }) / 100)]! += 1
    for (const count of quarters) expect(Math.abs(count - 1_000)).toBeLessThan(120)
  })
})

describe('retry', () => {
  test('a failure that is not worth a retry comes out at once', async () => {
    const clock = new TestClock()
    const failure = new Error('bad request')
    const { calls, work } = flaky(9, () => failure)
    expect(await outcome(retry(work, { clock }))).toEqual({ error: failure })
    expect(calls).toEqual([1])
    expect(clock.pendingTimers).toBe(0)
  })

  test('after the last attempt the last failure comes out, without another wait', async () => {
    const clock = new TestClock()
    const { calls, work } = flaky(9)
    const ended = outcome(retry(work, { clock }))
    await clock.advance(60_000)
    expect(await ended).toMatchObject({ error: { message: 'failure 3' } })
    expect(calls).toEqual([1, 2, 3])
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([0, 1])('with %i attempts the work is called once', async (attempts) => {
    const { calls, work } = flaky(9)
    expect(await outcome(retry(work, { attempts, clock: new TestClock() }))).toMatchObject({ error: { message: 'failure 1' } })
    expect(calls).toEqual([1])
  })

  test('an empty budget ends the retries; a granted one is charged', async () => {
    const clock = new TestClock()
    const budget = new RetryBudget({ minimumPerSecond: 0.1, ratio: 0, clock })
    const first = flaky(1)
    const second = flaky(1)
    const firstEnded = outcome(retry(first.work, { clock, budget }))
    await clock.advance(1_000)
    expect(await firstEnded).toEqual({ value: 'done' })
    expect(await outcome(retry(second.work, { clock, budget }))).toMatchObject({ error: { message: 'failure 1' } })
    expect(second.calls).toEqual([1])
  })

  test('a call counts as one request of the budget, its retries do not', async () => {
    const clock = new TestClock()
    const budget = new RetryBudget({ minimumPerSecond: 1, ratio: 0.5, clock })
    const ended = retry(flaky(2).work, { clock, budget })
    await clock.advance(1_000)
    await ended
    expect(budget.remaining()).toBe(10 + 0.5 - 2)
  })

  test('a failure that is not worth a retry is not charged', async () => {
    const clock = new TestClock()
    const budget = new RetryBudget({ minimumPerSecond: 1, ratio: 0, clock })
    await outcome(retry(flaky(1, () => new Error('bad request')).work, { clock, budget }))
    expect(budget.remaining()).toBe(10)
  })

  test('an abort during a wait ends it with the reason, and the work is not called again', async () => {
    const clock = new TestClock()
    const caller = new AbortController()
    const { calls, work } = flaky(9)
    const ended = outcome(retry(work, { clock, signal: caller.signal, random: always(0.5) }))
    await clock.advance(10)
    expect(clock.pendingTimers).toBe(1)
    const reason = new Error('stopping')
    caller.abort(reason)
    expect(await ended).toEqual({ error: reason })
    expect(calls).toEqual([1])
    expect(clock.pendingTimers).toBe(0)
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0)
  })

  test('an abort while the work runs is seen before the next call', async () => {
    const clock = new TestClock()
    const caller = new AbortController()
    const reason = new Error('stopping')
    const { calls, work } = flaky(9)
    const aborting = (attempt: number) => {
      caller.abort(reason)
      return work(attempt)
    }
    expect(await outcome(retry(aborting, { clock, signal: caller.signal }))).toEqual({ error: reason })
    expect(calls).toEqual([1])
  })

  test.each([
    ['an error', new Error('stopping'), { message: 'stopping' }],
    ['no error', 'stopping', { code: 'HOTSPARE_CORE_ABORTED' }],
  ])('a signal that has aborted already, with %s as reason, never calls the work', async (_, reason, error) => {
    const { calls, work } = flaky(0)
    expect(await outcome(retry(work, { signal: AbortSignal.abort(reason) }))).toMatchObject({ error })
    expect(calls).toEqual([])
  })

  test('the work gets the signal, so that an abort reaches a call in progress and nothing follows it', async () => {
    const clock = new TestClock()
    const caller = new AbortController()
    const ended = outcome(
      retry((_, { signal }) => withDeadline('call', 60_000, () => new Promise(() => {}), { signal, clock }), {
        clock,
        signal: caller.signal,
      }),
    )
    const reason = new Error('stopping')
    caller.abort(reason)
    expect(await ended).toEqual({ error: reason })
    expect(clock.pendingTimers).toBe(0)
  })

  test('work that throws before it returns a promise is a failure like any other', async () => {
    const clock = new TestClock()
    let calls = 0
    const work = () => {
      if (++calls === 1) throw retryable()
      return Promise.resolve('done')
    }
    const ended = retry(work, { clock })
    await clock.advance(1_000)
    expect(await ended).toBe('done')
  })

  test('the caller can say which failures are worth a retry', async () => {
    const clock = new TestClock()
    const { calls, work } = flaky(1, () => 'a text')
    const ended = retry(work, { clock, retryIf: (error) => error === 'a text' })
    await clock.advance(1_000)
    expect(await ended).toBe('done')
    expect(calls).toEqual([1, 2])
  })

  test('it waits as long as the back-off says, and numbers the attempts from 1', async () => {
    const clock = new TestClock()
    const startedAtMs: number[] = []
    const { calls, work } = flaky(3)
    const ended = retry(
      (attempt) => {
        startedAtMs.push(clock.monotonicMs())
        return work(attempt)
      },
      { clock, attempts: 4, baseMs: 100, random: always(0.5) },
    )
    await clock.advance(1_000)
    expect(await ended).toBe('done')
    expect(startedAtMs).toEqual([0, 50, 150, 350])
    expect(calls).toEqual([1, 2, 3, 4])
  })
})
