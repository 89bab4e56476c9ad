import { assertNever } from '@hotspare/core'
import type { AttemptFailure } from './failure.ts'

/** Methods that may be repeated after a byte has left: RFC 9110, 9.2.2; PROPFIND by RFC 4918, 9.1, and QUERY by its draft. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY', 'PROPFIND'])

export interface RetryQuestion {
  readonly method: string
  /** Whether the request's body, if any, can be sent again: it is empty, kept, or untouched. */
  readonly bodyReplayable: boolean
  /** Whether the client has seen a byte of an answer. */
  readonly answerStarted: boolean
  /** Attempts made so far, the failed one included. */
  readonly attempts: number
  readonly maxAttempts: number
  readonly failure: AttemptFailure
}

export type RetryDecision = { readonly retry: true } | { readonly retry: false; readonly because: string }

/** Whether a failed attempt can safely be repeated. The budget is asked afterwards, by the caller. */
export function decideRetry(question: RetryQuestion): RetryDecision {
  if (question.answerStarted) return no('the answer had begun')
  if (question.attempts >= question.maxAttempts) return no(`${question.attempts} attempts were made`)
  if (!question.bodyReplayable) return no('the body is too large to be sent twice')
  if (question.failure.sent && !isIdempotent(question.method)) return no(`a ${question.method} may have reached the target`)
  return { retry: true }
}

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT_METHODS.has(method)
}

/** The status that tells the client of a failure that could not be repeated (RFC 9110, 15.6). */
export function statusOfFailure(failure: AttemptFailure): 502 | 503 | 504 {
  switch (failure.reason) {
    case 'abandoned':
    case 'full':
    case 'local':
      return 503
    case 'timeout':
    case 'unreachable':
      return 504
    case 'refused':
    case 'closed':
    case 'protocol':
    case 'header-overflow':
    case 'tls':
      return 502
    default:
      return assertNever(failure.reason)
  }
}

function no(because: string): RetryDecision {
  return { retry: false, because }
}
