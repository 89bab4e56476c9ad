import { HotspareError } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { firstAnswer, type Question } from './first-answer.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Endpoints that answer when, and as, the test says. */
function scene(changes: Partial<Question<string>> = {}) {
  const clock = new TestClock()
  const asked: { endpoint: string; atMs: number; resolve: (answer: string) => void; reject: (error: unknown) => void }[] = []
  const signals: AbortSignal[] = []
  const outcome = firstAnswer({
    who: 'store',
    endpoints: ['a', 'b', 'c'],
    first: 0,
    timeoutMs: 900,
    clock,
    ask: (endpoint, signal) => {
      signals.push(signal)
      return new Promise((resolve, reject) => void asked.push({ endpoint, atMs: clock.monotonicMs(), resolve, reject }))
    },
    ...changes,
  })
  outcome.catch(() => {})
  const log = () => asked.map(({ endpoint, atMs }) => `${endpoint} ${atMs}`)
  const call = (index: number) => {
    const found = asked[index]
    if (!found) throw new Error(`there is no call ${index}`)
    return found
  }
  return { clock, outcome, log, call, signals }
}

describe('firstAnswer', () => {
  it('fails at the deadline, and names what each endpoint did, when none answers', async () => {
    const { clock, outcome, log, call, signals } = scene()
    call(0).reject(new Error('connection refused'))
    await clock.advance(900)
    await expect(outcome).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      retryable: true,
      message: 'store: no usable answer: a: no answer within 900 ms; b: no answer within 900 ms; c: no answer within 900 ms',
    })
    expect(log()).toEqual(['a 0', 'b 0', 'c 300', 'a 600'])
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('fails at once when each endpoint has failed, the first one twice: its connection may have died while it was idle', async () => {
    const { clock, outcome, log, call } = scene()
    for (const index of [0, 1, 2, 3]) {
      call(index).reject(new Error(`failure ${index}`))
      await turn()
    }
    await expect(outcome).rejects.toMatchObject({ message: 'store: no usable answer: a: failure 3; b: failure 1; c: failure 2' })
    expect(log()).toEqual(['a 0', 'b 0', 'c 0', 'a 0'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('stops asking when an endpoint says that it is of no use', async () => {
    const { clock, outcome, log, call } = scene()
    const refusal = new HotspareError({ code: 'HOTSPARE_LEASE_REFUSED', message: 'store: refused' })
    call(0).reject(refusal)
    await expect(outcome).rejects.toBe(refusal)
    expect(log()).toEqual(['a 0'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('throws the reason of the caller who gives up, even one that looks like a deadline', async () => {
    const controller = new AbortController()
    const { outcome, signals, clock } = scene({ signal: controller.signal })
    const reason = new HotspareError({ code: 'HOTSPARE_CORE_TIMEOUT', message: 'lease: no answer within 100 ms', retryable: true })
    controller.abort(reason)
    await expect(outcome).rejects.toBe(reason)
    expect(signals[0]?.aborted).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes one answer, and asks nobody else', async () => {
    const { clock, outcome, log, call, signals } = scene({ first: 2 })
    call(0).resolve('yes')
    expect(await outcome).toEqual({ answer: 'yes', endpoint: 2, repeated: false })
    await clock.advance(10_000)
    expect(log()).toEqual(['c 0'])
    expect(signals[0]?.aborted).toBe(true)
  })

  it('still takes the answer of a slow endpoint after it has asked others', async () => {
    const { clock, outcome, call } = scene()
    await clock.advance(700)
    call(0).resolve('late')
    expect(await outcome).toEqual({ answer: 'late', endpoint: 0, repeated: true })
  })

  const rows: readonly { endpoints: readonly string[]; expected: readonly string[] }[] = [
    { endpoints: ['a'], expected: ['a 0', 'a 300'] },
    { endpoints: ['a', 'b'], expected: ['a 0', 'b 300', 'a 600'] },
    { endpoints: ['a', 'b', 'c'], expected: ['a 0', 'b 300', 'c 600'] },
    { endpoints: ['a', 'b', 'c', 'd', 'e'], expected: ['a 0', 'b 180', 'c 360', 'd 540', 'e 720'] },
  ]
  it.for(rows)('lets a silent endpoint cost a third of the time at most: $endpoints', async ({ endpoints, expected }) => {
    const { clock, log } = scene({ endpoints })
    await clock.advance(899)
    expect(log()).toEqual(expected)
    await clock.advance(1)
  })
})
