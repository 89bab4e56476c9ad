/** What a request to a target met. */
export type OutlierReport = {
  /** How long the answer took, in milliseconds; counted where it was a good one. */
  readonly latencyMs?: number | undefined
  /** How long the target asks to be left alone, in milliseconds, as `Retry-After` says it. */
  readonly retryAfterMs?: number | undefined
} & (
  | { readonly status: number }
  | {
      readonly ok: boolean
      /** There was no answer: refused, torn down, timed out. Only where `ok` is false. */
      readonly local?: boolean | undefined
    }
)

/** Good, bad, no answer at all, or: come later. */
export type RequestOutcome = 'success' | 'failure' | 'local-failure' | 'throttled'

/**
 * What a report says about the target. A status of 5xx is a failure, but 501 and 505: those are about the request (as
 * HAProxy's `observe layer7`). 429 is no failure: the target works, and asks for back-off. 503 is a failure, also with
 * `Retry-After`: who was turned away was not served.
 */
export function outcomeOf(report: OutlierReport): RequestOutcome {
  if (!('status' in report)) return report.ok ? 'success' : report.local ? 'local-failure' : 'failure'
  const { status } = report
  if (status === 429) return 'throttled'
  return (status >= 100 && status < 500) || status === 501 || status === 505 ? 'success' : 'failure'
}
