import type { Clock } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { refusedError } from './errors.ts'
import { registerCall } from './register-call.ts'
import type { RegisterCallOptions } from './register.ts'

const call = (clock: Clock, options?: RegisterCallOptions) => ({ who: 'store', what: 'read shop', clock, options })

describe('a call to a register', () => {
  it('ends at its deadline, and tells the work', async () => {
    const clock = new TestClock()
    let told: AbortSignal | undefined
    const ended = registerCall(call(clock, { timeoutMs: 250 }), (signal) => {
      told = signal
      return new Promise(() => {})
    }).catch((error: unknown) => error)
    await clock.advance(250)
    expect(await ended).toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      retryable: true,
      message: 'store: no usable answer: read shop: no answer within 250 ms',
    })
    expect(told?.aborted).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes no answer that is late because the process stood still', async () => {
    const clock = new TestClock()
    let nowMs = 0
    const stalled: Clock = {
      monotonicMs: () => nowMs,
      wallMs: () => 0,
      schedule: (delayMs, callback) => clock.schedule(delayMs, callback),
    }
    const work = async () => {
      nowMs = 251
      return 'swapped'
    }
    await expect(registerCall(call(stalled, { timeoutMs: 250 }), work)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
  })

  it('passes on what a register may throw, and wraps what it may not', async () => {
    const clock = new TestClock()
    const refused = refusedError('store', 'no')
    await expect(registerCall(call(clock), () => Promise.reject(refused))).rejects.toBe(refused)
    const odd = new TypeError('x is not a function')
    await expect(registerCall(call(clock), () => Promise.reject(odd))).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      cause: odd,
    })
  })

  it("rejects with the caller's reason, whatever the work makes of it", async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const work = async (signal: AbortSignal) => {
      controller.abort(reason)
      throw new Error(`socket closed, ${signal.aborted}`)
    }
    await expect(registerCall(call(new TestClock(), { signal: controller.signal }), work)).rejects.toBe(reason)
  })
})
