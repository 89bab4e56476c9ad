import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock, Emitter, RetryBudget } from '@hotspare/core'
import { Attempt, type AttemptOwner } from './attempt.ts'
import type { AttemptFailure } from './failure.ts'
import { requestHeaders } from './headers.ts'
import type { ProxySettings } from './options.ts'
import { refuse } from './refusal.ts'
import { RequestBody } from './request-body.ts'
import { readRequestLine } from './request-line.ts'
import { decideRetry, isIdempotent, type RetryDecision, statusOfFailure } from './retry-policy.ts'
import type { PickTarget, ProxyEvent, RequestOutcome } from './types.ts'
import type { Upstream, Upstreams } from './upstreams.ts'

/** What all requests of one proxy share. */
export interface ExchangeContext {
  readonly settings: ProxySettings
  readonly pick: PickTarget
  readonly upstreams: Upstreams
  readonly budget: RetryBudget
  readonly events: Emitter<ProxyEvent>
  readonly clock: Clock
  /** Whether the proxy is stopping: every answer is then the last one of its connection. */
  readonly draining: () => boolean
}

/** One request of a client, from its head to the end of its answer, over as many attempts as it takes. */
export class Exchange implements AttemptOwner {
  readonly response: ServerResponse
  readonly #context: ExchangeContext
  readonly #request: IncomingMessage
  readonly #method: string
  readonly #body: RequestBody
  readonly #startedMs: number
  readonly #tried = new Set<string>()
  readonly #onFinished: () => void
  #path = ''
  #headers: string[] = []
  #attempts = 0
  #current: { readonly attempt: Attempt; readonly upstream: Upstream; readonly place: number } | undefined
  #finished = false

  constructor(context: ExchangeContext, request: IncomingMessage, response: ServerResponse, onFinished: () => void) {
    this.#context = context
    this.#request = request
    this.response = response
    this.#method = request.method ?? 'GET'
    this.#body = new RequestBody(request, context.settings.replayBytes)
    this.#startedMs = context.clock.monotonicMs()
    this.#onFinished = onFinished
    response.once('close', () => this.#clientClosed())
  }

  get holdBackBytes(): number {
    return isIdempotent(this.#method) && this.#body.replayable ? this.#context.settings.bufferBytes : -1
  }

  get lastOnConnection(): boolean {
    return this.#context.draining()
  }

  begin(): void {
    const { settings, budget } = this.#context
    const line = readRequestLine(this.#request)
    if (!line) return this.refuse(400, 'the request names no path or no single host')
    this.#path = line.path
    this.#headers = requestHeaders(
      this.#request.rawHeaders,
      { address: this.#request.socket.remoteAddress ?? '', protocol: 'http', host: line.host },
      settings.forwarded,
    )
    budget.recordRequest()
    this.#body.whenReady(() => this.#attempt())
  }

  /** Ends the request with an answer of the proxy's own. */
  refuse(status: number, because: string): void {
    if (this.#finished) return
    const unread = !this.#request.complete
    refuse(this.response, status, { close: unread || this.#context.draining() })
    this.#finish('refused', status, because)
  }

  attemptAnswered(attempt: Attempt): void {
    this.#endAttempt(attempt)
    this.#finish('answered', this.response.statusCode)
  }

  attemptFailed(attempt: Attempt, failure: AttemptFailure): void {
    if (this.#body.clientFailed) {
      this.#releaseAttempt(attempt)
      this.response.destroy()
      return this.#finish('client-gone', 0, 'the client broke off while sending')
    }
    this.#endAttempt(attempt, failure)
    const because = `${attempt.pick.target.id}: ${failure.reason}: ${failure.detail}`
    if (attempt.answerStarted) return this.#cut(because)
    const decision = this.#decide(attempt, failure)
    if (!decision.retry) return this.refuse(statusOfFailure(failure), `${because}; not repeated: ${decision.because}`)
    if (!this.#context.budget.tryRetry()) return this.refuse(503, `${because}; not repeated: the retry budget is used up`)
    this.#context.events.emit({
      type: 'request-retried',
      at: this.#context.clock.wallMs(),
      method: this.#method,
      targetId: attempt.pick.target.id,
      failure,
      attempt: this.#attempts,
    })
    this.#attempt()
  }

  /** A request that cannot be repeated stays where it is: it may still be answered. */
  abandonIfRepeatable(attempt: Attempt, because: string): void {
    const failure: AttemptFailure = { reason: 'abandoned', detail: because, sent: attempt.sent }
    if (this.#decide(attempt, failure).retry && this.#context.budget.remaining() >= 1) attempt.abandon(failure)
  }

  #decide(attempt: Attempt, failure: AttemptFailure): RetryDecision {
    return decideRetry({
      method: this.#method,
      bodyReplayable: this.#body.replayable,
      answerStarted: attempt.answerStarted,
      attempts: this.#attempts,
      maxAttempts: this.#context.settings.attempts,
      failure,
    })
  }

  #attempt(): void {
    if (this.#finished) return
    const pick = this.#context.pick({ exclude: this.#tried })
    if (!pick) return this.refuse(503, 'no target may be used')
    this.#attempts += 1
    this.#tried.add(pick.target.id)
    const attempt = new Attempt(pick, this.#context.clock.monotonicMs(), this)
    const upstream = this.#context.upstreams.of(pick.target)
    this.#current = { attempt, upstream, place: upstream.attempts.add(attempt) }
    upstream.connections.dispatch({ path: this.#path, method: this.#method, headers: this.#headers, body: this.#body.send() }, attempt)
  }

  #endAttempt(attempt: Attempt, failure?: AttemptFailure): void {
    this.#releaseAttempt(attempt)
    const { events, clock } = this.#context
    events.emit({
      type: 'attempt-finished',
      at: clock.wallMs(),
      targetId: attempt.pick.target.id,
      failure,
      durationMs: clock.monotonicMs() - attempt.startedMs,
    })
  }

  #releaseAttempt(attempt: Attempt): void {
    if (this.#current) this.#current.upstream.attempts.remove(this.#current.place)
    this.#current = undefined
    attempt.pick.done()
  }

  /** The client has seen a part: it must see that the rest is missing. */
  #cut(because: string): void {
    this.response.socket?.resetAndDestroy()
    this.#finish('cut', this.response.statusCode, because)
  }

  #clientClosed(): void {
    if (this.#finished) return
    const attempt = this.#current?.attempt
    if (attempt) {
      attempt.cancel()
      this.#releaseAttempt(attempt)
    }
    this.#finish('client-gone', this.response.headersSent ? this.response.statusCode : 0, 'the client left')
  }

  #finish(outcome: RequestOutcome, status: number, because?: string): void {
    if (this.#finished) return
    this.#finished = true
    this.#onFinished()
    const { events, clock } = this.#context
    events.emit({
      type: 'request-finished',
      at: clock.wallMs(),
      method: this.#method,
      outcome,
      status,
      targetId: [...this.#tried].at(-1),
      attempts: this.#attempts,
      durationMs: clock.monotonicMs() - this.#startedMs,
      because,
    })
  }
}
