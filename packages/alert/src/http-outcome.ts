import type { Delivery } from './types.ts'

/** Statuses below 500 after which the same request may succeed later: timeout, too early, too many requests. */
const PASSING = new Set([408, 425, 429])

/**
 * What an HTTP answer means for an alert. Only 2xx is a success: a redirect is a receiver that is somewhere else, and
 * following it would hand the alert to somebody whom nobody named.
 *
 * @param who the receiver as people may see it: `POST to https://hooks.example.com`
 * @param retryAfter the header of that name
 * @param nowMs the wall clock, in milliseconds since the Unix epoch
 */
export function judgeHttpAnswer(who: string, status: number, retryAfter: string | undefined, nowMs: number): Delivery {
  if (status >= 200 && status < 300) return { ok: true, receipt: `HTTP ${status}` }
  const reason = `${who} was answered with HTTP ${status}${status >= 300 && status < 400 ? ', and redirects are not followed' : ''}`
  if (status < 500 && !PASSING.has(status)) return { ok: false, retryable: false, reason }
  return { ok: false, retryable: true, reason, retryAfterMs: parseRetryAfter(retryAfter, nowMs) }
}

/** RFC 9110 section 5.6.7: dates of HTTP are in GMT, in whichever of the three formats. */
const HTTP_DATE = /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? [\w :-]{10,40}$/

/**
 * Reads `Retry-After` (RFC 9110 section 10.2.3), which is a number of seconds or a date.
 *
 * @param nowMs the wall clock, in milliseconds since the Unix epoch
 * @returns milliseconds from now, 0 or more; undefined when there is nothing that can be read
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000
  if (!HTTP_DATE.test(text)) return undefined
  const dueMs = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`)
  return Number.isNaN(dueMs) ? undefined : Math.max(0, dueMs - nowMs)
}
