import type { ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { type Clock, errorText, type Timer } from '@hotspare/core'
import { type AttemptFailure, classifyFailure, TAKEN_BACK } from './failure.ts'
import { type FlatHeaders, headerCount, headerValue, responseHeaders } from './headers.ts'
import { type AnswerHead, asksForLess, type EndedTry, type TriedTarget } from './request-record.ts'
import type { TargetPick } from './types.ts'
import type { WaitingAttempt } from './upstreams.ts'

/** Who started the attempt and hears how it ended: one of the two calls at the end, once. */
export interface AttemptOwner {
  readonly response: ServerResponse
  /** Answers up to this size are held back until they are whole; -1 holds nothing back. */
  readonly holdBackBytes: number
  /** Whether the client's connection ends with this answer. */
  readonly lastOnConnection: boolean
  attemptAnswered(attempt: Attempt): void
  attemptFailed(attempt: Attempt, failure: AttemptFailure): void
  /** Asked to go elsewhere while the attempt is still under way. */
  abandonIfRepeatable(attempt: Attempt, because: string): void
}

/**
 * One try at one target, as undici calls it back. It writes the answer to the client: a small one in one piece when
 * it is whole, anything else as it comes, at the client's pace.
 */
export class Attempt implements Dispatcher.DispatchHandler, EndedTry, WaitingAttempt {
  readonly pick: TargetPick
  readonly startedMs: number
  readonly owner: AttemptOwner
  readonly #clock: Clock
  #wait: Timer | undefined
  #controller: Dispatcher.DispatchController | undefined
  #settled = false
  #sent = false
  #answerStarted = false
  /** 0 until the head of an answer is there. */
  #status = 0
  #headMs = 0
  #retryAfter: string | undefined
  #statusMessage: string | undefined
  #headers: string[] = []
  #heldBack: Buffer[] | undefined

  constructor(tried: TriedTarget, owner: AttemptOwner, clock: Clock) {
    this.pick = tried.pick
    this.startedMs = tried.startedMs
    this.owner = owner
    this.#clock = clock
  }

  /** Whether the client has seen a byte of this answer. */
  get answerStarted(): boolean {
    return this.#answerStarted
  }

  /** Whether a byte of the request may have reached the target. */
  get sent(): boolean {
    return this.#sent
  }

  get head(): AnswerHead | undefined {
    return this.#status === 0 ? undefined : { status: this.#status, atMs: this.#headMs, retryAfter: this.#retryAfter }
  }

  /** Gives up after `timeoutMs` milliseconds without a connection: undici's own times begin when the request is sent. */
  limitWait(timeoutMs: number): void {
    if (this.#sent || this.#settled) return
    this.#wait = this.#clock.schedule(timeoutMs, () =>
      this.abandon({ reason: 'local', detail: `no connection to the target became free within ${timeoutMs} ms`, sent: false }),
    )
  }

  abandonIfRepeatable(because: string): void {
    this.owner.abandonIfRepeatable(this, because)
  }

  /** Takes the attempt back; its owner hears of the failure at once, whatever undici still does. */
  abandon(failure: AttemptFailure): void {
    if (!this.#settle()) return
    this.#controller?.abort(TAKEN_BACK)
    this.owner.attemptFailed(this, failure)
  }

  /** Takes the attempt back without a word: the client has left. */
  cancel(): void {
    if (this.#settle()) this.#controller?.abort(TAKEN_BACK)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Abandoned while it waited for a connection.
    if (this.#settled) return controller.abort(TAKEN_BACK)
    this.#sent = true
    this.#wait?.cancel()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, statusMessage?: string): void {
    if (this.#settled || status < 200) return
    const received = flatHeaders(controller.rawHeaders)
    this.#status = status
    this.#headMs = this.#clock.monotonicMs()
    if (asksForLess(status)) this.#retryAfter = headerValue(received, 'retry-after')
    // undici lets two lengths through; the client behind us might take the other one (RFC 9112, 6.3).
    if (headerCount(received, 'content-length') > 1) {
      return this.abandon({ reason: 'protocol', detail: 'the answer has more than one Content-Length', sent: true })
    }
    this.#statusMessage = statusMessage
    this.#headers = responseHeaders(received)
    if (this.pick.setCookie !== undefined) this.#headers.push('set-cookie', this.pick.setCookie)
    if (this.owner.lastOnConnection) this.#headers.push('connection', 'close')
    const length = headerValue(received, 'content-length')
    if (length !== undefined && Number(length) <= this.owner.holdBackBytes) this.#heldBack = []
    else this.#startAnswer()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    if (this.#heldBack) {
      this.#heldBack.push(chunk)
      return
    }
    const { response } = this.owner
    if (!response.write(chunk)) {
      // A client that leaves never drains: its `close` cancels the attempt, so nothing stays paused.
      controller.pause()
      response.once('drain', () => controller.resume())
    }
  }

  onResponseEnd(): void {
    if (this.#settled) return
    const { response } = this.owner
    if (this.#heldBack && !this.#startAnswer()) return
    this.#settle()
    if (this.#heldBack) {
      response.end(this.#heldBack.length === 1 ? this.#heldBack[0] : Buffer.concat(this.#heldBack))
    } else {
      response.end()
    }
    this.owner.attemptAnswered(this)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settle()) this.owner.attemptFailed(this, classifyFailure(error, this.#sent))
  }

  /** @returns whether it was not settled before */
  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#wait?.cancel()
    return true
  }

  /** Sends the head on. @returns false where Node refuses it: no client could read it */
  #startAnswer(): boolean {
    const { response } = this.owner
    try {
      if (this.#statusMessage === undefined) response.writeHead(this.#status, this.#headers)
      else response.writeHead(this.#status, this.#statusMessage, this.#headers)
    } catch (error) {
      this.abandon({ reason: 'protocol', detail: `the head of the answer cannot be passed on: ${errorText(error)}`, sent: true })
      return false
    }
    this.#answerStarted = true
    return true
  }
}

function flatHeaders(raw: Dispatcher.DispatchController['rawHeaders']): FlatHeaders {
  if (!Array.isArray(raw)) return []
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
}
