import type { Socket } from 'node:net'
import type { Clock } from '@hotspare/core'
import { type Deadlines, NEVER, type Timed } from '../deadlines.ts'
import type { AttemptFailure } from '../failure.ts'
import { isFieldValue } from '../headers.ts'
import { type AnswerHead, asksForLess, type EndedTry, type TriedTarget } from '../request-record.ts'
import type { TargetPick } from '../types.ts'
import type { Answer } from './answer.ts'
import type { FieldLines } from './field-lines.ts'
import type { Asked } from './framing.ts'
import type { ResponseHead } from './response-head.ts'
import type { TargetConnection, TargetUser } from './target-connection.ts'
import type { TargetPool, WaitingAttempt } from './target-pool.ts'

/** Who started the attempt, and hears how it ended: one of the three calls at the end, once. */
export interface AttemptOwner {
  /** The head has gone to the target: the rest of a body may follow, with `send`. */
  attemptSent(attempt: Attempt): void
  /** The target takes more of the body. */
  attemptDrained(attempt: Attempt): void
  /** @returns undefined where the owner has taken the attempt back, and needs no answer of it */
  openAnswer(attempt: Attempt, head: ResponseHead): Answer | undefined
  /** One before the answer; the head holds for this call alone. */
  interimAnswer(head: ResponseHead): void
  /** The client has enough for now. */
  answerBlocked(): void
  attemptAnswered(attempt: Attempt): void
  attemptUpgraded(attempt: Attempt, head: ResponseHead, target: Socket, first: Buffer): void
  attemptFailed(attempt: Attempt, failure: AttemptFailure): void
  /** Asked to go elsewhere while the attempt is still under way. */
  abandonIfRepeatable(attempt: Attempt, because: string): void
  /** Whether the same target may be asked once more, for a kept connection that has turned out to be closed. */
  mayReconnect(): boolean
}

/** What an attempt sends. */
export interface OutgoingRequest {
  readonly head: string
  /** A body that is there already. */
  readonly body: Buffer | undefined
  readonly asked: Asked
  /** Whether more of the body is to follow. */
  readonly streams: boolean
  readonly idempotent: boolean
}

/** One try at one target: finds a connection, sends the request, and hands the answer on. */
export class Attempt implements EndedTry, WaitingAttempt, TargetUser, Timed {
  readonly pick: TargetPick
  readonly startedMs: number
  head: AnswerHead | undefined
  /** Whether a byte of the request may have reached the target. */
  sent = false
  dueMs: number = NEVER
  readonly #owner: AttemptOwner
  readonly #request: OutgoingRequest
  readonly #pool: TargetPool
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #longestWaitMs: number
  readonly #place: number
  #timedPlace: number | undefined
  #connection: TargetConnection | undefined
  #answer: Answer | undefined
  #settled = false
  #reconnected = false

  constructor(
    tried: TriedTarget,
    request: OutgoingRequest,
    pool: TargetPool,
    owner: AttemptOwner,
    { clock, deadlines, longestWaitMs }: { readonly clock: Clock; readonly deadlines: Deadlines; readonly longestWaitMs: number },
  ) {
    this.pick = tried.pick
    this.startedMs = tried.startedMs
    this.#request = request
    this.#pool = pool
    this.#owner = owner
    this.#clock = clock
    this.#deadlines = deadlines
    this.#longestWaitMs = longestWaitMs
    this.#place = pool.attempts.add(this)
  }

  /** Whether the client has been given a byte of this answer. */
  get answerStarted(): boolean {
    return this.#answer?.started ?? false
  }

  start(): void {
    if (this.#request.idempotent || !this.#pool.hasIdle) return this.#connect(false)
    // Nobody may repeat this one: the loop gets the chance to hear first that a kept connection has been closed.
    setImmediate(() => {
      if (!this.#settled) this.#connect(false)
    })
  }

  /** More of the body. @returns false where the target has enough, until `attemptDrained` */
  send(piece: Buffer): boolean {
    return this.#connection?.sendMore(piece) ?? true
  }

  /** The body is whole. */
  requestSent(): void {
    this.#connection?.requestSent()
  }

  pause(): void {
    this.#connection?.pause()
  }

  /** The client takes more of the answer. */
  resume(): void {
    this.#connection?.resume()
  }

  abandonIfRepeatable(because: string): void {
    this.#owner.abandonIfRepeatable(this, because)
  }

  /** Takes the attempt back; its owner hears of the failure at once. */
  abandon(failure: AttemptFailure): void {
    if (!this.#settle()) return
    this.#connection?.destroy()
    this.#owner.attemptFailed(this, failure)
  }

  /** Takes the attempt back without a word: the client has left. */
  cancel(): void {
    if (this.#settle()) this.#connection?.destroy()
  }

  expired(): void {
    const detail = `no connection to the target became free within ${this.#longestWaitMs} ms`
    this.abandon({ reason: 'full', detail, sent: false })
  }

  attached(connection: TargetConnection): void {
    this.#connection = connection
    this.#endWait()
  }

  connected(connection: TargetConnection): void {
    const { head, body, asked, streams } = this.#request
    this.sent = true
    connection.send(head, body, asked)
    if (!streams) connection.requestSent()
    this.#owner.attemptSent(this)
  }

  drained(): void {
    this.#owner.attemptDrained(this)
  }

  answerHead(head: ResponseHead): boolean {
    this.#takeHead(head)
    if (!this.#mayPass()) return false
    this.#answer = this.#owner.openAnswer(this, head)
    return this.#answer?.decode ?? false
  }

  interim(head: ResponseHead): void {
    this.#owner.interimAnswer(head)
  }

  bodyData(piece: Buffer): void {
    if (this.#answer?.data(piece) !== false) return
    this.pause()
    this.#owner.answerBlocked()
  }

  answerEnd(): void {
    this.#connection = undefined
    if (!this.#settle()) return
    this.#answer?.end()
    this.#owner.attemptAnswered(this)
  }

  upgraded(head: ResponseHead, socket: Socket, first: Buffer): void {
    this.#connection = undefined
    this.#takeHead(head)
    if (!this.#mayPass()) return void socket.destroy()
    this.#settle()
    this.#owner.attemptUpgraded(this, head, socket, first)
  }

  failed(failure: AttemptFailure): void {
    const connection = this.#connection
    this.#connection = undefined
    if (this.#settled) return
    const stale = connection?.reused === true && failure.reason === 'closed' && !this.head && !this.#reconnected
    if (stale && this.#owner.mayReconnect()) {
      this.#reconnected = true
      return this.#connect(true)
    }
    this.#settle()
    this.#owner.attemptFailed(this, failure)
  }

  #connect(fresh: boolean): void {
    if (!this.#pool.connect(this, fresh)) {
      return this.abandon({ reason: 'full', detail: `${this.#pool.waiting} requests wait for the target already`, sent: false })
    }
    if (this.#connection || this.#settled) return
    this.dueMs = this.#deadlines.after(this.#longestWaitMs)
    this.#timedPlace = this.#deadlines.add(this)
  }

  #takeHead({ status, fields }: ResponseHead): void {
    this.head = { status, atMs: this.#clock.monotonicMs(), retryAfter: asksForLess(status) ? valueOf(fields, 'retry-after') : undefined }
  }

  /** What the picker wants to say must not break the head. */
  #mayPass(): boolean {
    const { setCookie } = this.pick
    if (setCookie === undefined || isFieldValue(setCookie)) return true
    this.abandon({ reason: 'protocol', detail: 'the head of the answer cannot be passed on: the cookie of the pick is none', sent: true })
    return false
  }

  #endWait(): void {
    if (this.#timedPlace !== undefined) this.#deadlines.remove(this.#timedPlace)
    this.#timedPlace = undefined
  }

  /** @returns whether it was not settled before */
  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#endWait()
    this.#pool.leave(this)
    this.#pool.attempts.remove(this.#place)
    return true
  }
}

/** The value of the first field of that name. */
function valueOf(fields: FieldLines, name: string): string | undefined {
  for (let line = 0; line < fields.count; line += 1) {
    if (fields.name(line).toLowerCase() === name) return fields.value(line)
  }
  return undefined
}
