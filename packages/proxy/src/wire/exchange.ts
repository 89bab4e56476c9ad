import type { Socket } from 'node:net'
import type { AttemptFailure } from '../failure.ts'
import { type RequestEndReason, reasonOfStatus } from '../request-end.ts'
import { RequestRecord, type RetryCircumstances, type TriedTarget, type Unpicked } from '../request-record.ts'
import { isIdempotent } from '../retry-policy.ts'
import type { Answer } from './answer.ts'
import { Attempt, type AttemptOwner, type OutgoingRequest } from './attempt.ts'
import type { BodySink } from './body-reader.ts'
import type { ClientSide } from './client-side.ts'
import type { WireContext } from './context.ts'
import { Delivery } from './delivery.ts'
import { writeRequestHead } from './head-writer.ts'
import { CONTINUE, givenAnswer } from './own-answer.ts'
import { RequestBody } from './request-body.ts'
import { RequestFacts } from './request-facts.ts'
import type { RequestHead } from './request-head.ts'
import { tooLarge } from './request-policy.ts'
import type { ResponseHead } from './response-head.ts'
import { isStoodInFor } from './stand-in.ts'
import { Tunnel } from './tunnel.ts'

/** One request of a client, from its head to the end of its answer, over as many attempts as it takes. */
export class Exchange implements AttemptOwner, BodySink {
  readonly body: RequestBody
  readonly #context: WireContext
  readonly #client: ClientSide
  readonly #record: RequestRecord
  readonly #delivery: Delivery
  readonly #method: string
  readonly #upgrade: string | undefined
  readonly #head: string
  #current: Attempt | undefined
  #outOfTime = false

  /** @param head holds for this call alone */
  constructor(context: WireContext, client: ClientSide, head: RequestHead) {
    this.#context = context
    this.#client = client
    this.#method = head.method
    this.#record = new RequestRecord(context, new RequestFacts(head, client.socket), context.finished)
    this.body = new RequestBody(head, context.chunkedLimits, context.settings.replayBytes)
    this.#upgrade = asksForWebSocket(head) ? 'websocket' : undefined
    const upgrades = this.#upgrade !== undefined
    this.#delivery = new Delivery(context, head, { client, record: this.#record, body: this.body, upgrades })
    this.#head = writeRequestHead(head, client.fields, this.#upgrade)
  }

  /** Whether the client may leave without missing anything. */
  get written(): boolean {
    return this.#delivery.written
  }

  /** Whether the request has ended for the client; the rest of its body may still come. */
  get delivered(): boolean {
    return this.#record.finished
  }

  begin(): void {
    this.#context.budget.recordRequest()
    const { maxBodyBytes } = this.#context.settings
    // Before it is asked for.
    if (this.body.announcedBytes > maxBodyBytes) this.refuse(413, tooLarge(maxBodyBytes))
    else if (this.body.kind === 'kept') this.#askForBody()
    else this.#attempt()
  }

  /** Ends the request with an answer of the proxy's own. @param reason where the status does not say it */
  refuse(status: number, because: string, reason?: RequestEndReason): void {
    this.#delivery.refuse(status, because, reason)
  }

  bodyData(piece: Buffer): void {
    this.#record.receivedBytes += piece.length
    const { maxBodyBytes } = this.#context.settings
    if (this.written) {
      if (!this.body.drop(piece)) this.#client.answered(true)
    } else if (this.body.readBytes > maxBodyBytes) this.bodyFailed(413, tooLarge(maxBodyBytes))
    else if (this.body.kind === 'kept') this.body.keep(piece)
    else if (this.#current) {
      this.body.started = true
      if (!this.#current.send(piece)) this.body.wanted = false
    }
  }

  /** The client has sent all of it. */
  bodyEnded(): void {
    this.body.wanted = false
    if (this.written) return
    if (this.body.kind === 'kept') this.#attempt()
    else this.#current?.requestSent()
  }

  /** What the client sends is no body, or it says nothing where it has one to send: its target must not take what it has got for the whole. */
  bodyFailed(status: number, because: string): void {
    this.body.wanted = false
    this.#takeBack()
    if (!this.#delivery.begun) return this.refuse(status, because)
    this.#client.reset()
    this.#delivery.abort(because, reasonOfStatus(status))
  }

  /** The client's socket takes more. */
  drained(): void {
    this.#current?.resume()
  }

  /** @param because where it did not leave by itself */
  clientGone(because?: string): void {
    if (this.#record.finished) return
    this.#takeBack()
    const left = this.body.complete ? 'the client left' : 'the client broke off while sending'
    const reason = because === undefined ? 'client-left' : 'client-too-slow'
    this.#delivery.abort(because ?? left, reason)
  }

  /** All attempts together have taken too long. What the client has a part of goes on. */
  outOfTime(): void {
    if (this.#delivery.begun) return
    this.#outOfTime = true
    const attempt = this.#current
    const detail = this.#lateness()
    if (attempt) attempt.abandon({ reason: 'timeout', detail, sent: attempt.sent })
    else this.#delivery.fail(504, detail, 'out-of-time')
  }

  attemptSent(attempt: Attempt): void {
    if (attempt === this.#current && this.body.kind === 'streamed') this.#askForBody()
  }

  attemptDrained(attempt: Attempt): void {
    if (attempt !== this.#current || this.body.complete) return
    this.body.wanted = true
    this.#client.readOn()
  }

  openAnswer(attempt: Attempt, head: ResponseHead): Answer | undefined {
    const { stale } = this.#context
    if (stale && head.status >= 500 && this.#standsIn(attempt, head.status)) return undefined
    this.#record.answeredMs = attempt.head?.atMs
    return this.#delivery.open(head, attempt.pick.setCookie)
  }

  interimAnswer(head: ResponseHead): void {
    this.#delivery.interim(head)
  }

  answerBlocked(): void {
    this.#client.limitSilence()
  }

  attemptAnswered(attempt: Attempt): void {
    this.#release(attempt)
    this.#record.attemptEnded(attempt)
    this.#delivery.complete()
  }

  attemptUpgraded(attempt: Attempt, head: ResponseHead, target: Socket, first: Buffer): void {
    this.#current = undefined
    this.#record.answeredMs = attempt.head?.atMs
    const { settings, clock } = this.#context
    const tunnel = new Tunnel({ attempt, record: this.#record, client: this.#client.socket, target, settings, clock })
    const early = this.#client.giveAway(tunnel)
    tunnel.open(head, first, early)
  }

  attemptFailed(attempt: Attempt, failure: AttemptFailure): void {
    this.#release(attempt, failure)
    this.#record.attemptEnded(attempt, failure)
    if (attempt.answerStarted) return this.#delivery.cut(`${attempt.pick.target.id}: ${failure.reason}: ${failure.detail}`)
    this.#delivery.discard()
    if (this.#outOfTime) return this.#delivery.fail(504, `${attempt.pick.target.id}: ${this.#lateness()}`, 'out-of-time')
    const next = this.#record.afterFailure(attempt, this.#circumstances(attempt, failure))
    if (next.retry) this.#attempt()
    else this.#delivery.fail(next.status, next.because, next.reason)
  }

  /** A target answers with an error. @returns whether a kept answer has stood in for it */
  #standsIn(attempt: Attempt, status: number): boolean {
    const kept = isStoodInFor(status) ? this.#delivery.kept() : undefined
    if (!kept) return false
    this.#takeBack()
    this.#record.attemptEnded(attempt)
    const because = `${attempt.pick.target.id} answered with ${status}`
    this.#delivery.answerHere(kept, { outcome: 'answered-stale', because, reason: undefined })
    return true
  }

  /** A request that cannot be repeated stays where it is: it may still be answered. */
  abandonIfRepeatable(attempt: Attempt, because: string): void {
    const failure: AttemptFailure = { reason: 'abandoned', detail: because, sent: attempt.sent }
    if (this.#record.mayAbandon(this.#circumstances(attempt, failure))) attempt.abandon(failure)
  }

  mayReconnect(): boolean {
    return isIdempotent(this.#method) && this.body.replayable && this.#context.budget.tryRetry()
  }

  #attempt(): void {
    if (this.#record.finished) return
    this.#record.tryNext(
      (tried) => this.#send(tried),
      (unpicked) => this.#unpicked(unpicked),
    )
  }

  #unpicked({ status, because, given }: Unpicked): void {
    if (given) this.#delivery.answerHere(givenAnswer(given), { outcome: 'answered-here', because, reason: undefined })
    else if (status === 503) this.#delivery.fail(status, because, undefined)
    else this.refuse(status, because)
  }

  #send(tried: TriedTarget): void {
    const { targets, clock, deadlines, settings } = this.#context
    const { target } = tried.pick
    const pool = targets.of(target)
    if (!pool) {
      this.#record.giveBack({ ...tried, head: undefined })
      return this.refuse(500, `${target.id}: the URL of the target is none of http or https`)
    }
    const request: OutgoingRequest = {
      head: this.#head,
      body: this.body.ready,
      asked: { method: this.#method, upgrade: this.#upgrade },
      streams: this.body.kind === 'streamed',
      idempotent: isIdempotent(this.#method),
    }
    const wait = { clock, deadlines, longestWaitMs: settings.firstByteTimeoutMs }
    this.#current = new Attempt(tried, request, pool, this, wait)
    this.#current.start()
  }

  #askForBody(): void {
    if (this.body.ask()) this.#client.socket.write(CONTINUE, 'latin1')
    this.#client.readOn()
  }

  #lateness(): string {
    return `no answer within ${this.#context.settings.answerTimeoutMs} ms, over all attempts`
  }

  #circumstances(attempt: Attempt, failure: AttemptFailure): RetryCircumstances {
    return { bodyReplayable: this.body.replayable, answerStarted: attempt.answerStarted, failure }
  }

  #release(attempt: Attempt, failure?: AttemptFailure): void {
    this.#current = undefined
    this.body.wanted = false
    this.#record.giveBack(attempt, failure)
  }

  #takeBack(): void {
    const attempt = this.#current
    if (!attempt) return
    attempt.cancel()
    this.#release(attempt)
  }
}

/** RFC 6455, 4.1: a GET without a body. */
function asksForWebSocket({ method, upgrade, framing }: RequestHead): boolean {
  return method === 'GET' && upgrade?.toLowerCase() === 'websocket' && framing.kind === 'none'
}
