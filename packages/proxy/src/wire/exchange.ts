import type { Socket } from 'node:net'
import type { AttemptFailure } from '../failure.ts'
import { type RequestEndReason, reasonOfStatus } from '../request-end.ts'
import { RequestRecord, type TriedTarget, type Unpicked } from '../request-record.ts'
import { isIdempotent } from '../retry-policy.ts'
import type { RequestOutcome } from '../types.ts'
import { Answer } from './answer.ts'
import { Attempt, type AttemptOwner, type OutgoingRequest } from './attempt.ts'
import type { BodySink } from './body-reader.ts'
import type { ClientSocket } from './client-socket.ts'
import type { WireContext } from './context.ts'
import { type ClientFields, writeRequestHead, writeResponseHead } from './head-writer.ts'
import { bodyBytesOf, CONTINUE, givenAnswer, type OwnAnswer, refusalAnswer, writeOwnAnswer } from './own-answer.ts'
import { RequestBody } from './request-body.ts'
import { RequestFacts } from './request-facts.ts'
import type { RequestHead } from './request-head.ts'
import { tooLarge } from './request-policy.ts'
import type { ResponseHead } from './response-head.ts'
import { isStoodInFor, keeperFor, keptFor } from './stand-in.ts'
import { Tunnel } from './tunnel.ts'

/** The connection that the request came on. */
export interface ClientSide {
  readonly socket: ClientSocket
  readonly fields: ClientFields
  /** The exchange takes (more of) the body: look at `takesBody`. */
  readOn(): void
  /** The client does not take what it is given. */
  limitSilence(): void
  /** The answer has been delivered. @param last nothing more is answered on this connection */
  answered(last: boolean): void
  /** What a tunnel goes on with; the socket is the tunnel's. */
  giveAway(tunnel: Tunnel): Buffer | undefined
  /** The client must see that something is missing. */
  reset(): void
}

/** How a request ends that no target's answer ends. */
interface Ending {
  readonly outcome: RequestOutcome
  readonly status: number
  readonly because: string
  readonly reason: RequestEndReason | undefined
  /** The client's connection ends with it. */
  readonly last: boolean
}

/** Of an upload that was answered early, this much is read and dropped; past it the connection ends. */
const MOST_DROPPED_BYTES = 16 * 1024 * 1024

/** One request of a client, from its head to the end of its answer, over as many attempts as it takes. */
export class Exchange implements AttemptOwner, BodySink {
  readonly body: RequestBody
  /** Whether what comes of the body is wanted now. */
  takesBody = false
  readonly #context: WireContext
  readonly #client: ClientSide
  readonly #record: RequestRecord
  readonly #method: string
  readonly #minorVersion: 0 | 1
  readonly #upgrade: string | undefined
  readonly #keepAlive: boolean
  readonly #head: string
  #expectsContinue: boolean
  #current: Attempt | undefined
  #answer: Answer | undefined
  /** The whole answer has been given to the socket. */
  #written = false
  /** Of an answer that is no target's. */
  #ending: Ending | undefined
  #dropped = 0

  /** @param head holds for this call alone */
  constructor(context: WireContext, client: ClientSide, head: RequestHead) {
    this.#context = context
    this.#client = client
    this.#method = head.method
    this.#minorVersion = head.minorVersion
    this.#record = new RequestRecord(context, new RequestFacts(head, client.socket), context.finished)
    this.body = new RequestBody(head.framing, context.chunkedLimits, context.settings.replayBytes)
    this.#upgrade = asksForWebSocket(head) ? 'websocket' : undefined
    // A client that wants to change the protocol may have said something behind its request that is no request.
    this.#keepAlive = head.keepAlive && this.#upgrade === undefined && head.method !== 'CONNECT'
    this.#expectsContinue = head.expectsContinue && !this.body.complete
    this.#head = writeRequestHead(head, client.fields, this.#upgrade)
  }

  /** Whether the client may leave without missing anything. */
  get written(): boolean {
    return this.#written
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
    this.#answerHere(refusalAnswer(status, this.#context.errorPages), { outcome: 'refused', because, reason })
  }

  #answerHere(answer: OwnAnswer, ending: Omit<Ending, 'status' | 'last'>): void {
    if (this.#record.finished || this.#written) return
    // HTTP/1.0 would have to be told that it may go on.
    const last = !this.#mayGoOn() || !this.body.complete || this.#minorVersion === 0
    this.takesBody = false
    this.#written = true
    this.#ending = { ...ending, status: answer.status, last }
    const written = writeOwnAnswer(answer, { date: this.#context.date.now(), close: last, withBody: this.#method !== 'HEAD' })
    this.#client.socket.write(written, 'latin1')
    this.#record.sentBytes = bodyBytesOf(written)
    this.#deliver()
  }

  bodyData(piece: Buffer): void {
    this.#record.receivedBytes += piece.length
    const { maxBodyBytes } = this.#context.settings
    if (this.#written) {
      this.#dropped += piece.length
      if (this.#dropped > MOST_DROPPED_BYTES) this.#client.answered(true)
    } else if (this.body.readBytes > maxBodyBytes) this.bodyFailed(413, tooLarge(maxBodyBytes))
    else if (this.body.kind === 'kept') this.body.keep(piece)
    else if (this.#current) {
      this.body.started = true
      if (!this.#current.send(piece)) this.takesBody = false
    }
  }

  /** The client has sent all of it. */
  bodyEnded(): void {
    this.takesBody = false
    if (this.#written) return
    if (this.body.kind === 'kept') this.#attempt()
    else this.#current?.requestSent()
  }

  /** What the client sends is no body, or it says nothing where it has one to send: its target must not take what it has got for the whole. */
  bodyFailed(status: number, because: string): void {
    this.takesBody = false
    this.#takeBack()
    if (!this.#written && !this.#answer?.started) return this.refuse(status, because)
    this.#client.reset()
    this.#finish('client-gone', this.#answer?.status ?? 0, because, reasonOfStatus(status))
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
    this.#finish('client-gone', this.#answer?.started ? this.#answer.status : 0, because ?? left, reason)
  }

  attemptSent(attempt: Attempt): void {
    if (attempt === this.#current && this.body.kind === 'streamed') this.#askForBody()
  }

  attemptDrained(attempt: Attempt): void {
    if (attempt !== this.#current || this.body.complete) return
    this.takesBody = true
    this.#client.readOn()
  }

  openAnswer(attempt: Attempt, head: ResponseHead): Answer | undefined {
    const { stale } = this.#context
    if (stale && head.status >= 500 && this.#standsIn(attempt, head.status)) return undefined
    const keeper = stale && head.status < 500 ? keeperFor(this.#record.request, head, stale) : undefined
    const holdsBack = isIdempotent(this.#method) && this.body.replayable && this.#upgrade === undefined
    this.#record.answeredMs = attempt.head?.atMs
    this.#answer = new Answer(this.#client.socket, head, {
      minorVersion: this.#minorVersion,
      // A client that waits for 100 may send its body all the same, or not: nobody could tell.
      keepAlive: this.#mayGoOn() && !this.#expectsContinue,
      holdBackBytes: holdsBack ? this.#context.settings.bufferBytes : -1,
      setCookie: attempt.pick.setCookie,
      date: this.#context.date.now(),
      keeper,
    })
    return this.#answer
  }

  /** A client of HTTP/1.0 knows none of these (RFC 9110, 15.2); and whether to go on with a body is said here already. */
  interimAnswer(head: ResponseHead): void {
    if (this.#minorVersion === 0 || head.status === 100) return
    this.#client.socket.write(writeResponseHead(head, { framing: head.framing }), 'latin1')
  }

  answerBlocked(): void {
    this.#client.limitSilence()
  }

  attemptAnswered(attempt: Attempt): void {
    this.#release(attempt)
    this.#record.attemptEnded(attempt)
    this.#written = true
    // An answer that came before the end of an upload: the rest is read and dropped, or nothing more would come through.
    this.takesBody = !this.body.complete
    if (this.takesBody) this.#client.readOn()
    this.#deliver()
  }

  /** Not before the client's side has taken it all: a drain waits for it, and the next answer. */
  #deliver(): void {
    const { socket } = this.#client
    if (socket.writableLength === 0) return this.#delivered()
    this.#client.limitSilence()
    socket.write('', 'latin1', this.#flushed)
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
    if (attempt.answerStarted) return this.#cut(`${attempt.pick.target.id}: ${failure.reason}: ${failure.detail}`)
    this.#answer = undefined
    this.#record.answeredMs = undefined
    const next = this.#record.afterFailure(attempt, this.#circumstances(attempt, failure))
    if (next.retry) this.#attempt()
    else this.#fail(next.status, next.because, next.reason)
  }

  /** No target answers: one that was kept serves, or none. */
  #fail(status: number, because: string, reason?: RequestEndReason): void {
    const kept = this.#kept()
    if (kept) this.#answerHere(kept, { outcome: 'answered-stale', because, reason: reason ?? reasonOfStatus(status) })
    else this.refuse(status, because, reason)
  }

  /** Of a request that is no WebSocket's: nothing stands in for one. */
  #kept(): OwnAnswer | undefined {
    const { stale } = this.#context
    return stale && this.#upgrade === undefined ? keptFor(this.#record.request, stale) : undefined
  }

  /** A target answers with an error. @returns whether a kept answer has stood in for it */
  #standsIn(attempt: Attempt, status: number): boolean {
    const kept = isStoodInFor(status) ? this.#kept() : undefined
    if (!kept) return false
    this.#takeBack()
    this.#record.attemptEnded(attempt)
    this.#answerHere(kept, { outcome: 'answered-stale', because: `${attempt.pick.target.id} answered with ${status}`, reason: undefined })
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
    if (given) this.#answerHere(givenAnswer(given), { outcome: 'answered-here', because, reason: undefined })
    else if (status === 503) this.#fail(status, because)
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
    if (this.#expectsContinue) this.#client.socket.write(CONTINUE, 'latin1')
    this.#expectsContinue = false
    this.takesBody = true
    this.#client.readOn()
  }

  #mayGoOn(): boolean {
    return this.#keepAlive && !this.#context.draining()
  }

  #circumstances(attempt: Attempt, failure: AttemptFailure) {
    return { bodyReplayable: this.body.replayable, answerStarted: attempt.answerStarted, failure }
  }

  #release(attempt: Attempt, failure?: AttemptFailure): void {
    this.#current = undefined
    this.takesBody = false
    this.#record.giveBack(attempt, failure)
  }

  #takeBack(): void {
    const attempt = this.#current
    if (!attempt) return
    attempt.cancel()
    this.#release(attempt)
  }

  /** The end of a request to which a target's answer belongs, or of which the client has seen none. */
  #finish(outcome: RequestOutcome, status: number, because?: string, reason?: RequestEndReason): void {
    // By the proxy's own answer; and what has come of a body since then belongs to the next line of nobody.
    if (this.#record.finished) return
    if (this.#answer?.started) this.#record.sentBytes = this.#answer.bodyBytes
    this.#record.finish(outcome, status, because, reason)
  }

  /** The client has seen a part: it must see that the rest is missing. */
  #cut(because: string): void {
    this.#finish('cut', this.#answer?.status ?? 0, because)
    this.#client.reset()
  }

  /** With an error its connection is gone, and has said so. */
  readonly #flushed = (error?: Error | null): void => {
    if (!error) this.#delivered()
  }

  #delivered(): void {
    if (this.#record.finished) return
    const ending = this.#ending
    if (ending) this.#record.finish(ending.outcome, ending.status, ending.because, ending.reason)
    else this.#finish('answered', this.#answer?.status ?? 0)
    this.#client.answered(ending?.last ?? this.#answer?.last ?? true)
  }
}

/** RFC 6455, 4.1: a GET without a body. */
function asksForWebSocket({ method, upgrade, framing }: RequestHead): boolean {
  return method === 'GET' && upgrade?.toLowerCase() === 'websocket' && framing.kind === 'none'
}
