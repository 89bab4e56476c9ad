import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sleep, timeoutError, withDeadline } from './deadline.ts'
import { HotspareError } from './errors.ts'
import { TestClock } from './testing/test-clock.ts'

let unhandled: unknown[] = []
const remember = (reason: unknown) => void unhandled.push(reason)

beforeEach(() => {
  unhandled = []
  process.on('unhandledRejection', remember)
})

afterEach(() => {
  process.off('unhandledRejection', remember)
})

/** How a promise ended, so that a failure can be awaited later without looking unhandled. */
function outcome<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

const forever = () => new Promise<never>(() => {})

const failsOnAbort = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('socket closed'))))

describe('withDeadline', () => {
  test('work that ignores its signal is left at the deadline', async () => {
    const clock = new TestClock()
    const ended = outcome(withDeadline('probe of a', 500, forever, { clock }))
    await clock.advance(499)
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(1)
    expect(await ended).toMatchObject({
      error: { code: 'HOTSPARE_CORE_TIMEOUT', message: 'probe of a: no answer within 500 ms', retryable: true },
    })
    expect(clock.pendingTimers).toBe(0)
  })

  test('work that rejects after the deadline is no unhandled rejection', async () => {
    const clock = new TestClock()
    let failLate: ((reason: Error) => void) | undefined
    const work = () =>
      new Promise<never>((_, reject) => {
        failLate = reject
      })
    const ended = outcome(withDeadline('probe', 10, work, { clock }))
    await clock.advance(10)
    expect(await ended).toMatchObject({ error: { code: 'HOTSPARE_CORE_TIMEOUT' } })
    failLate?.(new Error('too late'))
    // Node reports an unhandled rejection after the microtasks of its turn.
    await turn()
    await turn()
    expect(unhandled).toEqual([])
  })

  test('work that fails because its signal aborted is still reported as a timeout', async () => {
    // What the work made of the abort ("socket closed") used to win over the reason for it.
    const clock = new TestClock()
    const ended = outcome(withDeadline('probe', 10, failsOnAbort, { clock }))
    await clock.advance(10)
    expect(await ended).toMatchObject({ error: { code: 'HOTSPARE_CORE_TIMEOUT' } })
  })

  test('the signal that the work sees carries the timeout as its reason', async () => {
    const clock = new TestClock()
    let seen: AbortSignal | undefined
    const work = (signal: AbortSignal) => {
      seen = signal
      return forever()
    }
    const ended = outcome(withDeadline('probe', 10, work, { clock }))
    expect(seen?.aborted).toBe(false)
    await clock.advance(10)
    await ended
    expect(seen?.reason).toMatchObject({ code: 'HOTSPARE_CORE_TIMEOUT' })
  })

  test('a caller that has aborted already never starts the work', async () => {
    const clock = new TestClock()
    let started = false
    const work = async () => void (started = true)
    const reason = new Error('stopping')
    expect(await outcome(withDeadline('probe', 10, work, { clock, signal: AbortSignal.abort(reason) }))).toEqual({ error: reason })
    expect(started).toBe(false)
    expect(clock.pendingTimers).toBe(0)
  })

  test('a caller that aborts meanwhile ends the wait with its reason', async () => {
    const clock = new TestClock()
    const caller = new AbortController()
    let seen: AbortSignal | undefined
    const work = (signal: AbortSignal) => {
      seen = signal
      return forever()
    }
    const ended = outcome(withDeadline('probe', 10, work, { clock, signal: caller.signal }))
    const reason = new Error('stopping')
    caller.abort(reason)
    expect(await ended).toEqual({ error: reason })
    expect(seen?.reason).toBe(reason)
    expect(clock.pendingTimers).toBe(0)
  })

  test('a caller that aborts while the work is only starting ends the wait too', async () => {
    // The abort fired before anyone listened, so the wait outlived even its deadline.
    const clock = new TestClock()
    const caller = new AbortController()
    const reason = new Error('stopping')
    const work = () => {
      caller.abort(reason)
      return forever()
    }
    const ended = outcome(withDeadline('probe', 10, work, { clock, signal: caller.signal }))
    await clock.advance(10)
    expect(await Promise.race([ended, turn('still waiting')])).toEqual({ error: reason })
  })

  test.each(['before', 'during'])('a reason that is no error, given %s the work, becomes one', async (moment) => {
    const clock = new TestClock()
    const caller = new AbortController()
    if (moment === 'before') caller.abort('shutdown')
    const ended = outcome(withDeadline('probe', 10, forever, { clock, signal: caller.signal }))
    caller.abort('shutdown')
    expect(await ended).toMatchObject({ error: { code: 'HOTSPARE_CORE_ABORTED', message: 'aborted: shutdown', retryable: false } })
  })

  test('the failure of the work comes out as it is', async () => {
    const clock = new TestClock()
    const failure = new Error('refused')
    expect(await outcome(withDeadline('probe', 10, () => Promise.reject(failure), { clock }))).toEqual({ error: failure })
    expect(clock.pendingTimers).toBe(0)
  })

  test('work that throws before it returns a promise is a rejection, and cleans up', async () => {
    const clock = new TestClock()
    const caller = new AbortController()
    const failure = new Error('bad options')
    const work = () => {
      throw failure
    }
    expect(await outcome(withDeadline('probe', 10, work, { clock, signal: caller.signal }))).toEqual({ error: failure })
    expect(clock.pendingTimers).toBe(0)
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0)
  })

  test.each<[string, (signal: AbortSignal) => Promise<string>]>([
    ['succeeds', () => Promise.resolve('pong')],
    ['fails', () => Promise.reject(new Error('refused'))],
    ['never ends', forever],
  ])('no timer and no listener is left, on either signal, when the work %s', async (_, work) => {
    const clock = new TestClock()
    const caller = new AbortController()
    let inner: AbortSignal | undefined
    const ended = outcome(
      withDeadline(
        'probe',
        10,
        (signal) => {
          inner = signal
          return work(signal)
        },
        { clock, signal: caller.signal },
      ),
    )
    await clock.advance(10)
    await ended
    expect(clock.pendingTimers).toBe(0)
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0)
    expect(getEventListeners(inner!, 'abort')).toHaveLength(0)
  })

  test('an answer in time is returned, and the signal of the work stays quiet', async () => {
    const clock = new TestClock()
    let seen: AbortSignal | undefined
    const answer = await withDeadline(
      'probe',
      10,
      async (signal) => {
        seen = signal
        return 'pong'
      },
      { clock },
    )
    expect(answer).toBe('pong')
    await clock.advance(100)
    expect(seen?.aborted).toBe(false)
  })

  test("it works on the machine's own clock", async () => {
    expect(await outcome(withDeadline('probe', 5, forever))).toMatchObject({ error: { code: 'HOTSPARE_CORE_TIMEOUT' } })
  })
})

describe('sleep', () => {
  test('a signal that has aborted already starts no timer', async () => {
    const clock = new TestClock()
    const reason = new Error('stopping')
    expect(await outcome(sleep(10, { clock, signal: AbortSignal.abort(reason) }))).toEqual({ error: reason })
    expect(clock.pendingTimers).toBe(0)
  })

  test('an abort during the wait ends it and takes the timer back', async () => {
    const clock = new TestClock()
    const caller = new AbortController()
    const ended = outcome(sleep(10, { clock, signal: caller.signal }))
    expect(clock.pendingTimers).toBe(1)
    caller.abort('enough')
    expect(await ended).toMatchObject({ error: { code: 'HOTSPARE_CORE_ABORTED', message: 'aborted: enough' } })
    expect(clock.pendingTimers).toBe(0)
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0)
  })

  test('it resolves at its time, and leaves nothing on the signal', async () => {
    const clock = new TestClock()
    const caller = new AbortController()
    let awake = false
    const ended = sleep(10, { clock, signal: caller.signal }).then(() => (awake = true))
    await clock.advance(9)
    expect(awake).toBe(false)
    await clock.advance(1)
    await ended
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0)
    caller.abort()
  })

  test("it works on the machine's own clock", async () => {
    await expect(sleep(1)).resolves.toBeUndefined()
  })
})

test('a timeout error says what took too long, and that another try may help', () => {
  const error = timeoutError('lease renewal', 2_000)
  expect(HotspareError.is(error)).toBe(true)
  expect(error).toMatchObject({ code: 'HOTSPARE_CORE_TIMEOUT', message: 'lease renewal: no answer within 2000 ms', retryable: true })
})
