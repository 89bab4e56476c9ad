import { describe, expect, it } from 'vitest'
import { judgeHttpAnswer } from './http-outcome.ts'

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
