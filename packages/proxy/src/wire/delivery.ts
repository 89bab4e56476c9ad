import { type RequestEndReason, reasonOfStatus } from '../request-end.ts'
import type { RequestRecord } from '../request-record.ts'
import { isIdempotent } from '../retry-policy.ts'
import type { RequestOutcome } from '../types.ts'
import { Answer } from './answer.ts'
import type { ClientSide } from './client-side.ts'
import type { WireContext } from './context.ts'
import { writeResponseHead } from './head-writer.ts'
import { bodyBytesOf, type OwnAnswer, refusalAnswer, writeOwnAnswer } from './own-answer.ts'
import type { RequestBody } from './request-body.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import { keeperFor, keptFor } from './stand-in.ts'

/** How a request ends that no target's answer ends. */
export interface OwnEnding {
  readonly outcome: RequestOutcome
  readonly because: string
  /** Where the outcome and the status do not say it. */
  readonly reason: RequestEndReason | undefined
}

/** What one request is made of, as far as its answer depends on it. */
export interface DeliveryParts {
  readonly client: ClientSide
  readonly record: RequestRecord
  readonly body: RequestBody
  /** A WebSocket: nothing stands in for it, and nothing of its answer is held back. */
  readonly upgrades: boolean
}

/** The end of one request for its client: a target's answer, one of the proxy's own, or a break that cannot be overlooked. */
export class Delivery {
  readonly #context: WireContext
  readonly #client: ClientSide
  readonly #record: RequestRecord
  readonly #body: RequestBody
  readonly #method: string
  readonly #minorVersion: 0 | 1
  readonly #upgrades: boolean
  readonly #keepAlive: boolean
  /** A target's. */
  #answer: Answer | undefined
  /** The whole answer has been given to the socket. */
  #written = false
  /** Of an answer that is no target's. */
  #ending: (OwnEnding & { readonly status: number; readonly last: boolean }) | undefined

  /** @param head holds for this call alone */
  constructor(context: WireContext, head: RequestHead, { client, record, body, upgrades }: DeliveryParts) {
    this.#context = context
    this.#client = client
    this.#record = record
    this.#body = body
    this.#method = head.method
    this.#minorVersion = head.minorVersion
    this.#upgrades = upgrades
    // A client that wants to change the protocol may have said something behind its request that is no request.
    this.#keepAlive = head.keepAlive && !upgrades && head.method !== 'CONNECT'
  }

  /** Whether the client may leave without missing anything. */
  get written(): boolean {
    return this.#written
  }

  /** Whether the client may have seen a part of an answer. */
  get begun(): boolean {
    return this.#written || this.#answer?.started === true
  }

  /** Answers without a target, where nothing was answered before. */
  answerHere(answer: OwnAnswer, ending: OwnEnding): void {
    if (this.#record.finished || this.#written) return
    // HTTP/1.0 would have to be told that it may go on.
    const last = !this.#mayGoOn() || !this.#body.complete || this.#minorVersion === 0
    this.#body.wanted = false
    this.#written = true
    this.#ending = { ...ending, status: answer.status, last }
    const written = writeOwnAnswer(answer, { date: this.#context.date.now(), close: last, withBody: this.#method !== 'HEAD' })
    this.#client.socket.write(written, 'latin1')
    this.#record.sentBytes = bodyBytesOf(written)
    this.#deliver()
  }

  refuse(status: number, because: string, reason: RequestEndReason | undefined): void {
    this.answerHere(refusalAnswer(status, this.#context.errorPages), { outcome: 'refused', because, reason })
  }

  /** No target answers: one that was kept serves, or none. */
  fail(status: number, because: string, reason: RequestEndReason | undefined): void {
    const kept = this.kept()
    if (kept) this.answerHere(kept, { outcome: 'answered-stale', because, reason: reason ?? reasonOfStatus(status) })
    else this.refuse(status, because, reason)
  }

  /** What can stand in for a target. */
  kept(): OwnAnswer | undefined {
    const { stale } = this.#context
    return stale && !this.#upgrades ? keptFor(this.#record.request, stale) : undefined
  }

  /** A target answers. @param head holds for this call alone */
  open(head: ResponseHead, setCookie: string | undefined): Answer {
    const { stale, settings, date } = this.#context
    const keeper = stale && head.status < 500 ? keeperFor(this.#record.request, head, stale) : undefined
    const holdsBack = isIdempotent(this.#method) && this.#body.replayable && !this.#upgrades
    this.#answer = new Answer(this.#client.socket, head, {
      minorVersion: this.#minorVersion,
      keepAlive: this.#mayGoOn(),
      holdBackBytes: holdsBack ? settings.bufferBytes : -1,
      setCookie,
      date: date.now(),
      keeper,
    })
    return this.#answer
  }

  /** The client has seen nothing of the answer that was opened, and another one may come. */
  discard(): void {
    this.#answer = undefined
    this.#record.answeredMs = undefined
  }

  /** A client of HTTP/1.0 knows none of these (RFC 9110, 15.2); and whether to go on with a body is said by the proxy. */
  interim(head: ResponseHead): void {
    if (this.#minorVersion === 0 || head.status === 100) return
    this.#client.socket.write(writeResponseHead(head, { framing: head.framing }), 'latin1')
  }

  /** The target's answer is whole. */
  complete(): void {
    this.#written = true
    // An answer that came before the end of an upload: the rest is read and dropped, or nothing more would come through.
    this.#body.wanted = !this.#body.complete
    if (this.#body.wanted) this.#client.readOn()
    this.#deliver()
  }

  /** The client has seen a part: it must see that the rest is missing. */
  cut(because: string): void {
    this.#finish('cut', this.#answer?.status ?? 0, because)
    this.#client.reset()
  }

  /** The client is lost, or as good as lost. */
  abort(because: string, reason: RequestEndReason): void {
    this.#finish('client-gone', this.#answer?.started ? this.#answer.status : 0, because, reason)
  }

  /** Not before the client's side has taken it all: a drain waits for it, and the next answer. */
  #deliver(): void {
    const { socket } = this.#client
    if (socket.writableLength === 0) return this.#delivered()
    this.#client.limitSilence()
    socket.write('', 'latin1', this.#flushed)
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

  /** The end of a request to which a target's answer belongs, or of which the client has seen none. */
  #finish(outcome: RequestOutcome, status: number, because?: string, reason?: RequestEndReason): void {
    // By the proxy's own answer; and what has come of a body since then belongs to the next line of nobody.
    if (this.#record.finished) return
    if (this.#answer?.started) this.#record.sentBytes = this.#answer.bodyBytes
    this.#record.finish(outcome, status, because, reason)
  }

  #mayGoOn(): boolean {
    return this.#keepAlive && !this.#context.draining()
  }
}
