import { parseRetryAfter } from '@hotspare/core'
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
