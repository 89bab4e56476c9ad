import type { Socket } from 'node:net'
import { clipDetail } from '@hotspare/core'
import { NEVER, type Timed } from '../deadlines.ts'
import { type AttemptFailure, type AttemptFailureReason, classifyFailure } from '../failure.ts'
import { BodyReader, type BodySink } from './body-reader.ts'
import type { TargetContext } from './context.ts'
import type { Asked } from './framing.ts'
import type { Refusal } from './refusal.ts'
import { hasRoom } from './has-room.ts'
import type { ResponseHead, ResponseHeadReader } from './response-head.ts'
import { openSocket, type TargetAddress } from './target-socket.ts'

/** Who has the connection for one request. */
export interface TargetUser extends BodySink {
  /** A connection is being made for this user, or has been. */
  attached(connection: TargetConnection): void
  /** It may be written to. */
  connected(connection: TargetConnection): void
  /** The head holds for this call alone. @returns whether the body's chunks are to be taken off */
  answerHead(head: ResponseHead): boolean
  /** An answer before the answer (1xx); its head holds for this call alone. */
  interim(head: ResponseHead): void
  answerEnd(): void
  /** The target takes more of the request. */
  drained(): void
  /** The target has changed the protocol; the socket is the user's from now on. */
  upgraded(head: ResponseHead, socket: Socket, first: Buffer): void
  failed(failure: AttemptFailure): void
}

/** Where a connection belongs. */
export interface ConnectionOwner {
  /** May be used again. */
  freed(connection: TargetConnection): void
  gone(connection: TargetConnection): void
}

/** Answers before the answer; nobody needs that many. */
const MOST_INTERIM = 16

/** One connection to a target, used for one request after another. */
export class TargetConnection implements Timed {
  dueMs: number
  /** Whether it has carried a request before this one. */
  reused = false
  readonly #context: TargetContext
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #place: number
  #user: TargetUser | undefined
  #asked: Asked = { method: 'GET' }
  #reader: ResponseHeadReader | undefined
  #body: BodyReader | undefined
  #connected = false
  #requestSent = false
  #answering = false
  #keep = false
  #interim = 0
  #closed = false

  constructor(context: TargetContext, address: TargetAddress, owner: ConnectionOwner, user: TargetUser) {
    this.#context = context
    this.#owner = owner
    this.#user = user
    this.dueMs = context.deadlines.after(context.settings.connectTimeoutMs)
    this.#place = context.deadlines.add(this)
    this.#socket = openSocket(address, () => {
      this.#connected = true
      this.dueMs = NEVER
      this.#user?.connected(this)
    })
    user.attached(this)
    this.#socket
      .on('data', this.#received)
      .on('end', this.#ended)
      .on('error', this.#broke)
      .on('close', this.#ended)
      .on('drain', () => {
        this.#socket.setTimeout(0)
        this.#user?.drained()
      })
      .on('timeout', () => this.#fail('timeout', `the target took nothing for ${context.settings.idleTimeoutMs} ms`))
  }

  /** Whether it may be given a request; an idle one that the target has closed may not. */
  get usable(): boolean {
    return !this.#closed && this.#connected && this.#socket.readyState === 'open'
  }

  /** An idle connection has a user again. */
  use(user: TargetUser): void {
    this.reused = true
    this.#user = user
    this.dueMs = NEVER
    user.attached(this)
    user.connected(this)
  }

  /** Sends a head, and what there is of the body, in one go. */
  send(head: string, body: Buffer | undefined, asked: Asked): void {
    this.#asked = asked
    this.#interim = 0
    this.#answering = false
    this.#requestSent = false
    const socket = this.#socket
    if (body === undefined) socket.write(head, 'latin1')
    else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
    }
  }

  /** More of the body. @returns false where the target has enough, until `drained` */
  sendMore(piece: Buffer): boolean {
    if (hasRoom(this.#socket, this.#socket.write(piece))) return true
    this.#socket.setTimeout(this.#context.settings.idleTimeoutMs)
    return false
  }

  /** The request is whole: the target owes an answer. */
  requestSent(): void {
    this.#requestSent = true
    if (!this.#answering) this.dueMs = this.#context.deadlines.after(this.#context.settings.firstByteTimeoutMs)
  }

  /** What the client does not read is not fetched; and is nobody's delay. */
  pause(): void {
    this.#socket.pause()
    this.dueMs = NEVER
  }

  resume(): void {
    if (!this.#socket.isPaused()) return
    this.#socket.resume()
    this.dueMs = this.#context.deadlines.after(this.#context.settings.idleTimeoutMs)
  }

  /** Ends it without a word to its user; by a reset, where the target must see that something is missing. */
  destroy(): void {
    this.#user = undefined
    if (this.#closed) return
    this.#leave()
    if (this.#connected && !this.#requestSent) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  expired(): void {
    const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs } = this.#context.settings
    if (!this.#user) this.destroy()
    else if (!this.#connected) this.#fail('unreachable', `no connection within ${connectTimeoutMs} ms`)
    else if (!this.#answering) this.#fail('timeout', `no answer within ${firstByteTimeoutMs} ms`)
    else this.#fail('timeout', `nothing more of the answer within ${idleTimeoutMs} ms`)
  }

  readonly #received = (piece: Buffer): void => {
    const user = this.#user
    // It speaks unasked: whatever it is, it would be taken for the next answer.
    if (!user) return this.destroy()
    let at = 0
    while (at < piece.length) {
      const read = this.#body ? this.#readBody(this.#body, piece, at, user) : this.#readHead(piece, at, user)
      // Taken back meanwhile.
      if (this.#user !== user) return
      if (typeof read === 'object') return this.#refuse(read)
      at = read
      if (this.#body?.done) return this.#answered(user, at < piece.length)
    }
    if (this.#answering && !this.#socket.isPaused()) this.dueMs = this.#context.deadlines.after(this.#context.settings.idleTimeoutMs)
  }

  #readBody(body: BodyReader, piece: Buffer, at: number, user: TargetUser): number | Refusal {
    return body.read(piece, at, piece.length, user)
  }

  #readHead(piece: Buffer, at: number, user: TargetUser): number | Refusal {
    const readers = this.#context.responseReaders
    const reader = this.#reader ?? readers.borrow()
    const head = reader.read(piece, at, piece.length, this.#asked)
    this.#reader = head.kind === 'incomplete' ? reader : undefined
    if (head.kind === 'incomplete') return piece.length
    if (head.kind === 'complete') this.#take(head, user, piece, at + head.taken)
    readers.giveBack(reader)
    return head.kind === 'complete' ? at + head.taken : head
  }

  #take(head: ResponseHead, user: TargetUser, piece: Buffer, behind: number): void {
    const { framing, status } = head
    if (framing.kind === 'tunnel') return this.#giveAway(head, user, piece.subarray(behind))
    if (status < 200) {
      this.#interim += 1
      if (this.#interim > MOST_INTERIM) this.#fail('protocol', `more than ${MOST_INTERIM} interim answers`)
      else user.interim(head)
      return
    }
    this.#answering = true
    this.#keep = head.keepAlive
    const decode = user.answerHead(head)
    this.#body = new BodyReader(framing, this.#context.chunkedLimits, decode)
  }

  #giveAway(head: ResponseHead, user: TargetUser, first: Buffer): void {
    this.#user = undefined
    this.#leave()
    const socket = this.#socket
    socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close').removeAllListeners('drain')
    socket.removeAllListeners('timeout').removeAllListeners('error')
    user.upgraded(head, socket, first)
  }

  /** @param more came behind the answer, which nobody has asked for */
  #answered(user: TargetUser, more: boolean): void {
    this.#user = undefined
    this.#body = undefined
    if (this.#keep && this.#requestSent && !more && this.#socket.readyState === 'open') {
      // Paused, it would not show that it is closed.
      if (this.#socket.isPaused()) this.#socket.resume()
      this.dueMs = this.#context.deadlines.after(this.#context.settings.targetKeepAliveTimeoutMs)
      this.#owner.freed(this)
    } else this.destroy()
    user.answerEnd()
  }

  readonly #ended = (): void => {
    const user = this.#user
    if (user && this.#body?.untilClose) {
      this.#keep = false
      return this.#answered(user, false)
    }
    this.#fail('closed', this.#answering ? 'the target closed in the middle of its answer' : 'the target closed before it answered')
  }

  readonly #broke = (error: Error): void => {
    const failure = classifyFailure(error, this.#connected)
    this.#end(failure)
  }

  #refuse({ reason, because }: Refusal): void {
    this.#fail(reason === 'fields-too-large' || reason === 'fields-too-many' ? 'header-overflow' : 'protocol', because)
  }

  #fail(reason: AttemptFailureReason, detail: string): void {
    this.#end({ reason, detail: clipDetail(detail), sent: this.#connected })
  }

  #end(failure: AttemptFailure): void {
    const user = this.#user
    this.destroy()
    user?.failed(failure)
  }

  #leave(): void {
    this.#closed = true
    this.#context.deadlines.remove(this.#place)
    this.#owner.gone(this)
  }
}
