import { type Clock, type Emitter, parseRetryAfter, type RetryBudget } from '@hotspare/core'
import type { AttemptFailure } from './failure.ts'
import type { ProxySettings } from './options.ts'
import { outcomeOf } from './outcome.ts'
import { Picking } from './picking.ts'
import { reasonOf, type RequestEndReason } from './request-end.ts'
import { decideRetry, type RetryDecision, type RetryQuestion, statusOfFailure } from './retry-policy.ts'
import type { GivenAnswer, PickTarget, ProxyEvent, ProxyRequest, RequestOutcome, TargetPick } from './types.ts'

/** What the records of all requests of one proxy share. */
export interface RecordContext {
  readonly settings: ProxySettings
  readonly pick: PickTarget
  readonly budget: RetryBudget
  readonly events: Emitter<ProxyEvent>
  readonly clock: Clock
}

/** One try at one target, as the record sees it. */
export interface TriedTarget {
  readonly pick: TargetPick
  /** By the monotonic clock. */
  readonly startedMs: number
}

/** The head of a target's answer, as far as it says something about the target. */
export interface AnswerHead {
  readonly status: number
  /** When it came, by the monotonic clock. */
  readonly atMs: number
  /** The header `Retry-After`, where the status is one that asks for less. */
  readonly retryAfter: string | undefined
}

/** A try that has ended; without a head, no answer came. */
export interface EndedTry extends TriedTarget {
  readonly head: AnswerHead | undefined
}

/** Whether `Retry-After` is about the target: after a redirect it is about something else (RFC 9110, 10.2.3). */
export function asksForLess(status: number): boolean {
  return status === 429 || status === 503
}

/** The part of the question that only the request itself can answer. */
export type RetryCircumstances = Pick<RetryQuestion, 'bodyReplayable' | 'answerStarted' | 'failure'>

/** What is to be said where the picker gives no target. */
export interface Unpicked {
  readonly status: number
  readonly because: string
  /** What the picker says itself, instead of the status. */
  readonly given: GivenAnswer | undefined
}

/** What follows a failed attempt. */
export type AfterFailure =
  | { readonly retry: true }
  | { readonly retry: false; readonly status: number; readonly because: string; readonly reason: RequestEndReason }

/**
 * The book-keeping of one request over all of its attempts, whether it is an exchange or a tunnel: which targets were
 * tried, whether one more may be, and the events that tell of it. It touches no socket.
 */
export class RequestRecord {
  /** Bytes of the request's body so far. */
  receivedBytes = 0
  /** Bytes of the answer's body that the client's connection has got so far. */
  sentBytes = 0
  /** When the head of the answer that goes on to the client came, by the monotonic clock. */
  answeredMs: number | undefined
  readonly #context: RecordContext
  readonly #request: ProxyRequest
  readonly #onFinished: () => void
  readonly #startedMs: number
  readonly #picking: Picking
  #lastTargetId: string | undefined
  #attempts = 0
  #finished = false

  constructor(context: RecordContext, request: ProxyRequest, onFinished: () => void) {
    this.#context = context
    this.#request = request
    this.#picking = new Picking(request, context)
    this.#onFinished = onFinished
    this.#startedMs = context.clock.monotonicMs()
  }

  get finished(): boolean {
    return this.#finished
  }

  get request(): ProxyRequest {
    return this.#request
  }

  /**
   * Asks for the next target to try, and calls one of the two: at once, or when the picker has found one; neither where
   * the request ends first.
   */
  tryNext(use: (tried: TriedTarget) => void, end: (unpicked: Unpicked) => void): void {
    const { clock, settings } = this.#context
    this.#picking.next(settings.firstByteTimeoutMs, (answer) => {
      if (!answer.pick) return end({ status: answer.error ? 500 : 503, because: answer.because, given: answer.given })
      const { pick } = answer
      this.#attempts += 1
      this.#lastTargetId = pick.target.id
      use({ pick, startedMs: clock.monotonicMs() })
    })
  }

  /** Gives a target back, and tells its picker what the attempt shows. @param failure absent when the target answered, or the client left */
  giveBack(ended: EndedTry, failure?: AttemptFailure): void {
    ended.pick.done(outcomeOf(ended, failure, this.#context.clock.monotonicMs()))
  }

  /** One attempt has ended. @param failure absent when the target answered */
  attemptEnded({ pick, startedMs, head }: EndedTry, failure?: AttemptFailure): void {
    const { events, clock } = this.#context
    const at = clock.wallMs()
    events.emit({
      type: 'attempt-finished',
      at,
      targetId: pick.target.id,
      failure,
      status: head?.status,
      firstByteMs: head && head.atMs - startedMs,
      retryAfterMs: head?.retryAfter === undefined ? undefined : parseRetryAfter(head.retryAfter, at),
      durationMs: clock.monotonicMs() - startedMs,
    })
  }

  /** Whether an attempt that still waits may be taken back, to be repeated elsewhere; charges nothing. */
  mayAbandon(circumstances: RetryCircumstances): boolean {
    return this.#decide(circumstances).retry && this.#context.budget.remaining() >= 1
  }

  #decide(circumstances: RetryCircumstances): RetryDecision {
    return decideRetry({
      ...circumstances,
      method: this.#request.method,
      attempts: this.#attempts,
      maxAttempts: this.#context.settings.attempts,
    })
  }

  /** Decides what follows a failed attempt; a retry is charged to the budget and told of. */
  afterFailure({ pick }: TriedTarget, circumstances: RetryCircumstances): AfterFailure {
    const { budget, events, clock, settings } = this.#context
    const { failure } = circumstances
    const because = `${pick.target.id}: ${failure.reason}: ${failure.detail}`
    const decision = this.#decide(circumstances)
    if (!decision.retry) {
      const reason = this.#attempts >= settings.attempts ? 'attempts-used-up' : 'not-repeatable'
      return { retry: false, status: statusOfFailure(failure), because: `${because}; not repeated: ${decision.because}`, reason }
    }
    // Where nobody had room for it, it has cost nobody anything.
    if (failure.reason !== 'full' && !budget.tryRetry()) {
      return { retry: false, status: 503, because: `${because}; not repeated: the retry budget is used up`, reason: 'budget-used-up' }
    }
    events.emit({
      type: 'request-retried',
      at: clock.wallMs(),
      method: this.#request.method,
      targetId: pick.target.id,
      failure,
      attempt: this.#attempts,
    })
    return { retry: true }
  }

  /** The request has ended for the client; only the first call counts. @param reason where the outcome and the status do not say it */
  finish(outcome: RequestOutcome, status: number, because?: string, reason?: RequestEndReason): void {
    if (this.#finished) return
    this.#finished = true
    this.#picking.end()
    this.#onFinished()
    const { events, clock } = this.#context
    events.emit({
      type: 'request-finished',
      at: clock.wallMs(),
      method: this.#request.method,
      request: this.#request,
      outcome,
      status,
      targetId: this.#lastTargetId,
      attempts: this.#attempts,
      durationMs: clock.monotonicMs() - this.#startedMs,
      firstByteMs: this.answeredMs === undefined ? undefined : this.answeredMs - this.#startedMs,
      receivedBytes: this.receivedBytes,
      sentBytes: this.sentBytes,
      reason: reason ?? reasonOf(outcome, status),
      because,
    })
  }
}
