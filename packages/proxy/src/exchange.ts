import type { IncomingMessage, ServerResponse } from 'node:http'
import { Attempt, type AttemptOwner } from './attempt.ts'
import type { AttemptFailure } from './failure.ts'
import { requestHeaders } from './headers.ts'
import { NodeRequest } from './node-request.ts'
import { refuse } from './refusal.ts'
import { RequestBody } from './request-body.ts'
import { readRequestLine } from './request-line.ts'
import { type RequestContext, RequestRecord, type TriedTarget } from './request-record.ts'
import { isIdempotent } from './retry-policy.ts'
import type { Upstream } from './upstreams.ts'

/** One request of a client, from its head to the end of its answer, over as many attempts as it takes. */
export class Exchange implements AttemptOwner {
  readonly response: ServerResponse
  readonly #context: RequestContext
  readonly #record: RequestRecord
  readonly #request: IncomingMessage
  readonly #method: string
  readonly #body: RequestBody
  #answered = false
  #path = ''
  #headers: string[] = []
  #current: { readonly attempt: Attempt; readonly upstream: Upstream; readonly place: number } | undefined

  constructor(context: RequestContext, request: IncomingMessage, response: ServerResponse, onFinished: () => void) {
    this.#context = context
    this.#request = request
    this.response = response
    this.#method = request.method ?? 'GET'
    this.#record = new RequestRecord(context, new NodeRequest(request), onFinished)
    this.#body = new RequestBody(request, context.settings.replayBytes)
    response.once('close', () => this.#responseClosed())
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
    if ('refuse' in line) return this.refuse(line.refuse, line.because)
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
    if (this.#record.finished) return
    const unread = !this.#request.complete
    refuse(this.response, status, { close: unread || this.#context.draining() })
    this.#record.finish('refused', status, because)
  }

  attemptAnswered(attempt: Attempt): void {
    this.#release(attempt)
    this.#record.attemptEnded(attempt)
    this.#answered = true
    // An answer that came before the end of an upload: the rest is read and dropped, or nothing more would come through.
    if (!this.#request.complete) this.#body.discard()
  }

  attemptFailed(attempt: Attempt, failure: AttemptFailure): void {
    this.#release(attempt, failure)
    if (this.#body.clientFailed) {
      this.response.destroy()
      return this.#record.finish('client-gone', 0, 'the client broke off while sending')
    }
    this.#record.attemptEnded(attempt, failure)
    if (attempt.answerStarted) return this.#cut(`${attempt.pick.target.id}: ${failure.reason}: ${failure.detail}`)
    const next = this.#record.afterFailure(attempt, this.#circumstances(attempt, failure))
    if (next.retry) this.#attempt()
    else this.refuse(next.status, next.because)
  }

  /** A request that cannot be repeated stays where it is: it may still be answered. */
  abandonIfRepeatable(attempt: Attempt, because: string): void {
    const failure: AttemptFailure = { reason: 'abandoned', detail: because, sent: attempt.sent }
    if (this.#record.mayAbandon(this.#circumstances(attempt, failure))) attempt.abandon(failure)
  }

  #attempt(): void {
    if (this.#record.finished) return
    this.#record.tryNext(
      (tried) => this.#send(tried),
      (status, because) => this.refuse(status, because),
    )
  }

  #send(tried: TriedTarget): void {
    const { upstreams, clock, settings } = this.#context
    const attempt = new Attempt(tried, this, clock)
    const upstream = upstreams.of(tried.pick.target)
    this.#current = { attempt, upstream, place: upstream.attempts.add(attempt) }
    upstream.connections.dispatch({ path: this.#path, method: this.#method, headers: this.#headers, body: this.#body.send() }, attempt)
    attempt.limitWait(settings.firstByteTimeoutMs)
  }

  #circumstances(attempt: Attempt, failure: AttemptFailure) {
    return { bodyReplayable: this.#body.replayable, answerStarted: attempt.answerStarted, failure }
  }

  #release(attempt: Attempt, failure?: AttemptFailure): void {
    if (this.#current) this.#current.upstream.attempts.remove(this.#current.place)
    this.#current = undefined
    this.#record.giveBack(attempt, failure)
  }

  /** The client has seen a part: it must see that the rest is missing. */
  #cut(because: string): void {
    // Not the response's socket: behind a pipelined answer it has none yet.
    this.#request.socket.resetAndDestroy()
    this.#record.finish('cut', this.response.statusCode, because)
  }

  /** Not before now has the client's side taken the whole answer: a drain waits for it. */
  #responseClosed(): void {
    if (this.#record.finished) return
    if (this.#answered && this.response.writableFinished) return this.#record.finish('answered', this.response.statusCode)
    const attempt = this.#current?.attempt
    if (attempt) {
      attempt.cancel()
      this.#release(attempt)
    }
    this.#record.finish('client-gone', this.response.headersSent ? this.response.statusCode : 0, 'the client left')
  }
}
