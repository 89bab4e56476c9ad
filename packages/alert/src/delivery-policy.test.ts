import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit, type AttemptOutcome, decideDelivery, decideRest, type DeliveryPolicy, failuresAfter, isExpired } from './delivery-policy.ts'
import type { Delivery } from './types.ts'

const policy: DeliveryPolicy = { attempts: 5, retryForMs: 60_000, retryAfterCapMs: 30_000 }
const busy: Delivery = { ok: false, retryable: true, reason: 'HTTP 503' }
const after = (changes: Partial<AttemptOutcome>) =>
  decideDelivery(policy, { attempt: 1, ageMs: 0, delivery: busy, backoffMs: 1_000, ...changes })

describe('decideDelivery', () => {
  it('gives up at once on a failure that will not pass, and lets the next alert go on', () => {
    const delivery: Delivery = { ok: false, retryable: false, reason: 'HTTP 404' }
    expect(after({ delivery })).toEqual({ action: 'give-up', pause: { waitMs: 0, askedMs: 0 }, reason: 'HTTP 404' })
  })

  it('gives up after the last attempt, and makes the next alert wait all the same', () => {
    expect(after({ attempt: 5 })).toEqual({
      action: 'give-up',
      pause: { waitMs: 1_000, askedMs: 0 },
      reason: 'given up after 5 attempts: HTTP 503',
    })
  })

  it('gives up when the time of the alert has run out', () => {
    expect(after({ attempt: 3, ageMs: 60_000 })).toMatchObject({ action: 'give-up', reason: /time has run out/ })
  })

  it('gives up when the receiver asks for a wait that ends after the time of the alert', () => {
    expect(after({ ageMs: 50_000, delivery: { ...busy, retryAfterMs: 20_000 } })).toMatchObject({
      action: 'give-up',
      pause: { waitMs: 20_000, askedMs: 20_000 },
    })
  })

  it('waits as long as the back-off says', () => {
    expect(after({})).toEqual({ action: 'retry', pause: { waitMs: 1_000, askedMs: 0 }, reason: 'HTTP 503' })
  })

  it('waits as long as the receiver asks when that is longer', () => {
    expect(after({ delivery: { ...busy, retryAfterMs: 7_000 } })).toMatchObject({ pause: { waitMs: 7_000, askedMs: 7_000 } })
  })

  it('waits for the back-off when the receiver asks for less, so that it never retries at once', () => {
    expect(after({ delivery: { ...busy, retryAfterMs: 0 } })).toMatchObject({ pause: { waitMs: 1_000, askedMs: 0 } })
  })

  it('lets no receiver silence a channel for longer than the cap', () => {
    expect(after({ delivery: { ...busy, retryAfterMs: 86_400_000 } })).toMatchObject({ pause: { waitMs: 30_000, askedMs: 30_000 } })
  })

  it('cuts the last back-off so that the last moment still sees an attempt', () => {
    expect(after({ ageMs: 59_500, backoffMs: 40_000 })).toMatchObject({ action: 'retry', pause: { waitMs: 500 } })
  })

  it('is done after a success, even one that came late', () => {
    expect(after({ attempt: 9, ageMs: 99_999, delivery: { ok: true, receipt: '250 ok' } })).toEqual({ action: 'done', receipt: '250 ok' })
  })

  it('ends for every receiver, within its attempts and its time, and never waits less than it was asked to', () => {
    const outcomes = fc.array(fc.record({ backoffMs: fc.nat(100_000), retryAfterMs: fc.option(fc.integer(), { nil: undefined }) }), {
      minLength: 5,
      maxLength: 5,
    })
    fc.assert(
      fc.property(outcomes, (steps) => {
        let ageMs = 0
        for (const [index, { backoffMs, retryAfterMs }] of steps.entries()) {
          const decision = after({ attempt: index + 1, ageMs, backoffMs, delivery: { ...busy, retryAfterMs } })
          if (decision.action === 'done') throw new Error('a failure is never done')
          expect(decision.pause.waitMs).toBeGreaterThanOrEqual(decision.pause.askedMs)
          if (decision.action === 'give-up') return
          expect(decision.pause.waitMs).toBeGreaterThanOrEqual(Math.min(retryAfterMs ?? 0, policy.retryAfterCapMs))
          ageMs += decision.pause.waitMs
          expect(ageMs).toBeLessThanOrEqual(policy.retryForMs)
        }
        throw new Error('the fifth attempt was not the last')
      }),
    )
  })
})

describe('admit', () => {
  it.each([
    ['nothing, once the alerter stops, however much room there is', true, 0, 'refuse'],
    ['an alert while there is room', false, 2, 'take'],
    ['an alert into a full queue, in place of the oldest', false, 3, 'take-and-drop-oldest'],
  ] as const)('lets in %s', (_case, closing, waiting, expected) => {
    expect(admit(closing, waiting, 3)).toBe(expected)
  })
})

describe('failuresAfter', () => {
  it.each([
    ['a failure that may pass', busy, 5],
    ['a delivery', { ok: true } as const, 0],
    ['a refusal for good: the receiver is there', { ok: false, retryable: false, reason: 'HTTP 410' } as const, 0],
  ])('%s', (_case, delivery, expected) => {
    expect(failuresAfter(delivery, 4)).toBe(expected)
  })
})

describe('decideRest', () => {
  const never = Number.POSITIVE_INFINITY
  it.each([
    ['the time has come', { nowMs: 10, resumeAtMs: 10, drainUntilMs: never }, { action: 'go' }],
    ['the time has come at the very end of the drain', { nowMs: 10, resumeAtMs: 10, drainUntilMs: 10 }, { action: 'go' }],
    ['it is too early', { nowMs: 10, resumeAtMs: 30, drainUntilMs: never }, { action: 'wait', waitMs: 20 }],
    ['the drain lasts longer', { nowMs: 10, resumeAtMs: 30, drainUntilMs: 31 }, { action: 'wait', waitMs: 20 }],
    ['the drain ends first', { nowMs: 10, resumeAtMs: 30, drainUntilMs: 30 }, { action: 'give-up' }],
  ])('%s', (_case, times, expected) => {
    expect(decideRest(times)).toEqual(expected)
  })
})

describe('isExpired', () => {
  it.each([
    ['an alert that waited too long behind a failing channel', 60_000, 1, true],
    ['an alert that still has time', 59_999, 1, false],
    ['an old alert behind a channel that is only slow', 60_000, 0, false],
  ])('%s', (_case, ageMs, failures, expected) => {
    expect(isExpired(policy, ageMs, failures)).toBe(expected)
  })
})
