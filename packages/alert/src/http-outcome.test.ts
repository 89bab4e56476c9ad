import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeHttpAnswer, parseRetryAfter } from './http-outcome.ts'

const now = Date.parse('1994-11-06T08:49:07Z')
const judge = (status: number, retryAfter?: string) => judgeHttpAnswer('POST to https://hooks.example.com', status, retryAfter, now)

describe('judgeHttpAnswer', () => {
  it.each([301, 302, 307, 308])('takes a redirect (%i) for a failure that will not pass', (status) => {
    expect(judge(status)).toEqual({
      ok: false,
      retryable: false,
      reason: `POST to https://hooks.example.com was answered with HTTP ${status}, and redirects are not followed`,
    })
  })

  it.each([400, 401, 403, 404, 405, 410, 413, 422])('does not retry HTTP %i', (status) => {
    expect(judge(status, '5')).toMatchObject({ ok: false, retryable: false })
  })

  it.each([408, 425, 429, 500, 502, 503, 504, 599])('retries HTTP %i, when the receiver wants it', (status) => {
    expect(judge(status)).toMatchObject({ ok: false, retryable: true, retryAfterMs: undefined })
    expect(judge(status, '7')).toMatchObject({ ok: false, retryable: true, retryAfterMs: 7_000 })
  })

  it.each([200, 201, 202, 204, 299])('takes HTTP %i for a success', (status) => {
    expect(judge(status)).toEqual({ ok: true, receipt: `HTTP ${status}` })
  })
})

describe('parseRetryAfter', () => {
  it.each([undefined, '', ' ', '-1', '1.5', '1e3', '99999999999', 'soon', 'Sun', 'Sun, 99 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z'])(
    'finds nothing in %j',
    (value) => {
      expect(parseRetryAfter(value, now)).toBeUndefined()
    },
  )

  it.each([
    ['0', 0],
    [' 120 ', 120_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ])('reads %j', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected)
  })

  it('gives a wait of 0 or more, or nothing, for anything', () => {
    const near = fc.stringMatching(/^(?:Sun|Monday|Tue), [0-9A-Za-z :-]{0,30}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), fc.integer(), (value, nowMs) => {
        const waitMs = parseRetryAfter(value, nowMs)
        expect(waitMs === undefined || waitMs >= 0).toBe(true)
      }),
    )
  })
})
