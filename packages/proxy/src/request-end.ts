import { assertNever } from '@hotspare/core'
import type { RequestOutcome } from './types.ts'

/** Why a request did not end with the whole answer of a target. */
export type RequestEndReason =
  /** What came is no request, or none for a reverse proxy. */
  | 'bad-request'
  /** Its body is larger than `maxBodyBytes`. */
  | 'body-too-large'
  /** The client did not send the rest of its request in time, or did not take its answer. */
  | 'client-too-slow'
  /** The client went away first. */
  | 'client-left'
  /** `maxRequests` were under way. */
  | 'proxy-full'
  /** A WebSocket was open when the proxy stopped. */
  | 'proxy-stopped'
  /** The picker threw, or gave a target that is none. */
  | 'picker-failed'
  /** The picker had no target to give, or sent the request away. */
  | 'no-target'
  /** The picker has answered the request itself. */
  | 'answered-here'
  /** The target answered with an error, and the client got an answer that had been kept. */
  | 'error-replaced'
  /** The attempt failed, and a repetition might have done the same thing twice. */
  | 'not-repeatable'
  /** No answer had begun within `answerTimeoutMs`, over all attempts. */
  | 'out-of-time'
  /** As many attempts as may be made have failed. */
  | 'attempts-used-up'
  /** The attempt failed while retries were too large a share of the requests. */
  | 'budget-used-up'
  /** The answer broke after the client had seen a part of it. */
  | 'target-broke'
  /** Nothing was said on a WebSocket for too long. */
  | 'tunnel-idle'

/** Whose doing the end of a request was. */
export type Blame = 'nobody' | 'client' | 'proxy' | 'target'

/** The reason where whoever ended the request gave none. */
export function reasonOf(outcome: RequestOutcome, status: number): RequestEndReason | undefined {
  switch (outcome) {
    case 'answered':
      return undefined
    case 'cut':
      return 'target-broke'
    case 'client-gone':
      return 'client-left'
    case 'answered-here':
      return 'answered-here'
    case 'answered-stale':
      return 'error-replaced'
    case 'refused':
      return reasonOfStatus(status)
    default:
      return assertNever(outcome)
  }
}

/** Of a status that the proxy answers with itself. */
export function reasonOfStatus(status: number): RequestEndReason {
  if (status === 408) return 'client-too-slow'
  if (status === 413) return 'body-too-large'
  if (status === 500) return 'picker-failed'
  return status === 503 ? 'no-target' : 'bad-request'
}

/**
 * Whose doing the end of a request was; a target's own answer of 5xx is its doing too.
 *
 * @param end an event `request-finished`, or as much of it
 */
export function blameOf({ status, reason }: { readonly status: number; readonly reason?: RequestEndReason | undefined }): Blame {
  switch (reason) {
    case undefined:
      return status >= 500 ? 'target' : 'nobody'
    case 'bad-request':
    case 'body-too-large':
    case 'client-too-slow':
    case 'client-left':
      return 'client'
    case 'proxy-full':
    case 'proxy-stopped':
    case 'picker-failed':
      return 'proxy'
    case 'no-target':
    case 'not-repeatable':
    case 'out-of-time':
    case 'attempts-used-up':
    case 'budget-used-up':
    case 'target-broke':
    case 'error-replaced':
      return 'target'
    case 'answered-here':
    case 'tunnel-idle':
      return 'nobody'
    default:
      return assertNever(reason)
  }
}
