import { type Clock, parseRetryAfter } from '@hotspare/core'

/** What the headers of an answer say about further calls. */
export interface CallLimits {
  /** `Retry-After`: nothing before that, in milliseconds from now. */
  readonly retryAfterMs: number | undefined
  /** How many calls are left. */
  readonly remaining: number | undefined
  /** Until there are more of them, in milliseconds from now. */
  readonly resetMs: number | undefined
}

/**
 * How a limit comes back: all of it at its reset, or one call after the other, so that the reset that is told is the time at which
 * it is whole again.
 */
export type LimitRefill = 'at-once' | 'steady'

/** One after the other: more than so long is not waited for one call, in milliseconds. */
const LONGEST_STEADY_MS = 5_000
/** Numbers above these are dates since the epoch: in seconds (2001), and in milliseconds. */
const [EPOCH_SECONDS, EPOCH_MS] = [1e9, 1e12]

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3), `RateLimit` (draft-ietf-httpapi-ratelimit-headers: `"default";r=50;t=30`), and what came
 * before it: `RateLimit-Remaining` and `-Reset`, with `X-`, with `X-Rate-Limit-`, in seconds from now or as a date. Where there are
 * several limits, the tightest counts.
 */
export function readLimits(header: (name: string) => string | undefined, clock: Clock, refill: LimitRefill = 'at-once'): CallLimits {
  const wallMs = clock.wallMs()
  const told = structured(header('ratelimit'))
  const first = (part: string) => ['ratelimit', 'x-ratelimit', 'x-rate-limit'].map((prefix) => header(`${prefix}-${part}`)).find(Boolean)
  const remaining = told?.remaining ?? count(first('remaining'))
  const limit = count(first('limit'))
  const wholeMs = told?.resetMs ?? seconds(first('reset-after')) ?? untilReset(first('reset'), wallMs) ?? seconds(first('period'))
  const steadyMs = wholeMs === undefined ? undefined : Math.min(limit ? wholeMs / limit : wholeMs, LONGEST_STEADY_MS)
  return {
    retryAfterMs: parseRetryAfter(header('retry-after'), wallMs),
    remaining,
    resetMs: refill === 'steady' ? steadyMs : wholeMs,
  }
}

/** The item with the fewest calls left. */
function structured(text: string | undefined): { readonly remaining: number; readonly resetMs: number | undefined } | undefined {
  const items = (text ?? '').split(',').flatMap((item) => {
    const remaining = count(/;\s*r=(\d+)/.exec(item)?.[1])
    return remaining === undefined ? [] : [{ remaining, resetMs: seconds(/;\s*t=(\d+)/.exec(item)?.[1]) }]
  })
  return items.toSorted((one, other) => one.remaining - other.remaining)[0]
}

function count(text: string | undefined): number | undefined {
  // "100, 100;w=60" begins with what counts.
  const [, digits] = /^\s*(\d{1,15})(?:[\s,;.]|$)/.exec(text ?? '') ?? []
  return digits === undefined ? undefined : Number(digits)
}

function seconds(text: string | undefined): number | undefined {
  const found = /^\s*(\d{1,10}(?:\.\d{1,9})?)\s*$/.exec(text ?? '')?.[1]
  return found === undefined ? undefined : Number(found) * 1_000
}

function untilReset(text: string | undefined, wallMs: number): number | undefined {
  const [, digits] = /^\s*(\d{1,15})(?:\.\d+)?\s*$/.exec(text ?? '') ?? []
  if (digits === undefined) return undefined
  const value = Number(digits)
  if (value < EPOCH_SECONDS) return value * 1_000
  return Math.max(0, (value < EPOCH_MS ? value * 1_000 : value) - wallMs)
}
