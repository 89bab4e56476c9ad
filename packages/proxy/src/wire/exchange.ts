import type { Socket } from 'node:net'
import type { AttemptFailure } from '../failure.ts'
import { RequestRecord, type TriedTarget } from '../request-record.ts'
import { isIdempotent } from '../retry-policy.ts'
import { Answer } from './answer.ts'
import { Attempt, type AttemptOwner, type OutgoingRequest } from './attempt.ts'
import type { BodySink } from './body-reader.ts'
import type { WireContext } from './context.ts'
import { type ClientFields, writeRequestHead } from './head-writer.ts'
import { CONTINUE, ownAnswer } from './own-answer.ts'
import { RequestBody } from './request-body.ts'
import { RequestFacts } from './request-facts.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import { Tunnel } from './tunnel.ts'

/** The connection that the request came on. */
export interface ClientSide {
  readonly socket: Socket
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
    if (this.body.kind === 'kept') this.#askForBody()
    else this.#attempt()
  }

  /** Ends the request with an answer of the proxy's own. */
  refuse(status: number, because: string): void {
    if (this.#record.finished) return
    // HTTP/1.0 would have to be told that it may go on.
    const last = !this.#mayGoOn() || !this.body.complete || this.#minorVersion === 0
    this.takesBody = false
    this.#written = true
    const atMs = this.#context.clock.wallMs()
    this.#client.socket.write(ownAnswer(status, { atMs, close: last, withBody: this.#method !== 'HEAD' }), 'latin1')
    this.#record.finish('refused', status, because)
    this.#client.answered(last)
  }

  bodyData(piece: Buffer): void {
    if (this.#written) {
      this.#dropped += piece.length
      if (this.#dropped > MOST_DROPPED_BYTES) this.#client.answered(true)
    } else if (this.body.kind === 'kept') this.body.keep(piece)
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
    if (this.#written || this.#answer?.started) this.#client.reset()
    else this.refuse(status, because)
    this.#record.finish('client-gone', this.#answer?.status ?? 0, because)
  }

  /** The client's socket takes more. */
  drained(): void {
    this.#current?.resume()
  }

  clientGone(): void {
    if (this.#record.finished) return
    this.#takeBack()
    const because = this.body.complete ? 'the client left' : 'the client broke off while sending'
    this.#record.finish('client-gone', this.#answer?.started ? this.#answer.status : 0, because)
  }

  attemptSent(attempt: Attempt): void {
    if (attempt === this.#current && this.body.kind === 'streamed') this.#askForBody()
  }

  attemptDrained(attempt: Attempt): void {
    if (attempt !== this.#current || this.body.complete) return
    this.takesBody = true
    this.#client.readOn()
  }

  openAnswer(attempt: Attempt, head: ResponseHead): Answer {
    const holdsBack = isIdempotent(this.#method) && this.body.replayable && this.#upgrade === undefined
    this.#answer = new Answer(this.#client.socket, head, {
      minorVersion: this.#minorVersion,
      // A client that waits for 100 may send its body all the same, or not: nobody could tell.
      keepAlive: this.#mayGoOn() && !this.#expectsContinue,
      holdBackBytes: holdsBack ? this.#context.settings.bufferBytes : -1,
      setCookie: attempt.pick.setCookie,
    })
    return this.#answer
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
    const { socket } = this.#client
    // Not before the client's side has taken it all: a drain waits for it.
    if (socket.writableLength === 0) return this.#delivered()
    this.#client.limitSilence()
    socket.write('', 'latin1', this.#flushed)
  }

  attemptUpgraded(attempt: Attempt, head: ResponseHead, target: Socket, first: Buffer): void {
    this.#current = undefined
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
    const next = this.#record.afterFailure(attempt, this.#circumstances(attempt, failure))
    if (next.retry) this.#attempt()
    else this.refuse(next.status, next.because)
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
      (status, because) => this.refuse(status, because),
    )
  }

  #send(tried: TriedTarget): void {
    const { targets, clock, deadlines, settings } = this.#context
    const request: OutgoingRequest = {
      head: this.#head,
      body: this.body.ready,
      asked: { method: this.#method, upgrade: this.#upgrade },
      streams: this.body.kind === 'streamed',
      idempotent: isIdempotent(this.#method),
    }
    const wait = { clock, deadlines, longestWaitMs: settings.firstByteTimeoutMs }
    this.#current = new Attempt(tried, request, targets.of(tried.pick.target), this, wait)
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

  /** The client has seen a part: it must see that the rest is missing. */
  #cut(because: string): void {
    this.#record.finish('cut', this.#answer?.status ?? 0, because)
    this.#client.reset()
  }

  /** With an error its connection is gone, and has said so. */
  readonly #flushed = (error?: Error | null): void => {
    if (!error) this.#delivered()
  }

  #delivered(): void {
    if (this.#record.finished) return
    this.#record.finish('answered', this.#answer?.status ?? 0)
    this.#client.answered(this.#answer?.last ?? true)
  }
}

/** RFC 6455, 4.1: a GET without a body. */
function asksForWebSocket({ method, upgrade, framing }: RequestHead): boolean {
  return method === 'GET' && upgrade?.toLowerCase() === 'websocket' && framing.kind === 'none'
}
