import { NEVER, type Timed } from '../deadlines.ts'
import { RequestRecord } from '../request-record.ts'
import type { ClientSide } from './client-side.ts'
import type { ClientSocket } from './client-socket.ts'
import type { WireContext } from './context.ts'
import { Exchange } from './exchange.ts'
import { ClientFields } from './head-writer.ts'
import { bodyBytesOf, refusalAnswer, writeOwnAnswer } from './own-answer.ts'
import { Pace } from './pace.ts'
import { policyOn } from './request-policy.ts'
import { unreadFacts } from './request-facts.ts'
import type { RequestHead, RequestHeadReader } from './request-head.ts'
import type { Tunnel } from './tunnel.ts'
import { UnreadAnswer } from './unread-answer.ts'

/** A client gets this long to read the last answer, while what it still sends is dropped. */
const LINGER_MS = 1_000
/** An empty line between two requests. */
const EMPTY_LINE = 2

/**
 * One connection of a client. Requests on it are taken one after the other: what comes behind one waits, up to a limit,
 * until that one has been answered.
 */
export class ClientConnection implements ClientSide, Timed {
  readonly socket: ClientSocket
  readonly fields: ClientFields
  dueMs: number
  readonly #context: WireContext
  readonly #place: number
  readonly #onClosed: (connection: ClientConnection) => void
  #state: 'open' | 'leaving' | 'tunnel' | 'closed' = 'open'
  #exchange: Exchange | undefined
  #tunnel: Tunnel | undefined
  /** Holds a head that has not come whole. */
  #reader: RequestHeadReader | undefined
  #headBytes = 0
  /** Of the body that is being read. */
  #pace: Pace | undefined
  #waitsSinceMs = 0
  readonly #unread: UnreadAnswer
  /** Why it was let go, where it did not leave by itself. */
  #goneBecause: string | undefined
  /** What has come and was not taken yet. */
  #input: Buffer | undefined
  #at = 0
  #reading = false

  constructor(context: WireContext, socket: ClientSocket, protocol: 'http' | 'https', onClosed: (connection: ClientConnection) => void) {
    this.socket = socket
    this.#context = context
    this.#onClosed = onClosed
    const { deadlines, settings } = context
    this.#unread = new UnreadAnswer(socket, { deadlines, settings, ranOut: (because) => this.#letGo(because) })
    this.fields = new ClientFields({ address: socket.remoteAddress ?? '', protocol }, settings.forwarded)
    this.dueMs = deadlines.after(settings.headersTimeoutMs)
    this.#place = deadlines.add(this)
    socket.on('data', this.#received).on('end', this.#ended).on('drain', this.#drained)
    // A reset; what follows from it comes with `close`.
    socket.on('error', () => {})
    socket.on('close', () => this.#closed())
  }

  /** No request is under way, and none has begun to come. */
  get idle(): boolean {
    return this.#state === 'open' && !this.#exchange && this.#headBytes === 0 && this.#input === undefined
  }

  /** Ends an idle connection. */
  end(): void {
    this.#leave()
  }

  /** The proxy has stopped. */
  cut(): void {
    if (this.#tunnel) this.#tunnel.goAway('the proxy has stopped')
    // An answer that is cut short must not look like a whole one; to HTTP/1.0 the end of the connection is its end.
    else if (this.#exchange) this.socket.resetAndDestroy()
    else this.socket.destroy()
  }

  readOn(): void {
    this.#awaitBody()
    this.#read()
  }

  limitSilence(): void {
    this.#unread.begin()
  }

  answered(last: boolean): void {
    this.#unread.end()
    if (this.#state !== 'open') return
    if (last) return this.#leave()
    if (this.#exchange?.body.wanted) return this.readOn()
    this.#exchange = undefined
    this.dueMs = this.#context.deadlines.after(this.#context.settings.keepAliveTimeoutMs)
    this.#read()
  }

  giveAway(tunnel: Tunnel): Buffer | undefined {
    const early = this.#input?.subarray(this.#at)
    this.#input = undefined
    this.#exchange = undefined
    this.#state = 'tunnel'
    this.#tunnel = tunnel
    this.dueMs = NEVER
    this.socket.off('data', this.#received).off('end', this.#ended).off('drain', this.#drained)
    return early
  }

  reset(): void {
    this.#exchange = undefined
    this.#input = undefined
    this.#state = 'leaving'
    this.socket.resetAndDestroy()
  }

  expired(): void {
    if (this.#state === 'leaving') return void this.socket.destroy()
    if (this.#exchange) {
      if (this.#exchange.body.wanted) this.#exchange.bodyFailed(408, this.#slowness())
      else if (this.#exchange.body.complete) this.#exchange.outOfTime()
      return
    }
    // Whoever has sent no more than the end of a line waits for nothing.
    if (this.#headBytes <= EMPTY_LINE) return void this.socket.destroy()
    this.#refuse(408, `no whole head within ${this.#context.settings.headersTimeoutMs} ms`, this.#reader?.firstLine)
  }

  readonly #received = (piece: Buffer): void => {
    if (this.#state !== 'open') return
    this.#input = this.#input ? Buffer.concat([this.#input.subarray(this.#at), piece]) : piece
    this.#at = 0
    this.#read()
  }

  /** Half a connection is of no use to a request that waits; but the end of an answer may still be on its way. */
  readonly #ended = (): void => {
    if (this.#exchange && !this.#exchange.written) this.socket.resetAndDestroy()
  }

  readonly #drained = (): void => {
    if (this.#exchange?.written) return
    this.#unread.end()
    this.#exchange?.drained()
  }

  #letGo(because: string): void {
    this.#goneBecause = because
    this.socket.resetAndDestroy()
  }

  /** Takes what there is, as far as it is wanted; and no more from the network than that. */
  #read(): void {
    if (this.#reading) return
    this.#reading = true
    while (this.#input && this.#at < this.#input.length && this.#step(this.#input));
    this.#reading = false
    if (this.#state === 'tunnel' || this.#state === 'closed') return
    const waiting = this.#input ? this.#input.length - this.#at : 0
    if (waiting === 0) this.#input = undefined
    const most = this.#exchange && !this.#exchange.body.complete ? 0 : this.#context.settings.maxHeaderBytes
    const full = waiting > most
    if (full === this.socket.isPaused()) return
    if (full) this.socket.pause()
    else this.socket.resume()
  }

  /** @returns false where no more can be taken now */
  #step(input: Buffer): boolean {
    if (this.#state !== 'open') {
      this.#at = input.length
      return false
    }
    if (!this.#exchange) return this.#readHead(input)
    if (!this.#exchange.body.wanted) return false
    return this.#readBody(input, this.#exchange)
  }

  #readBody(input: Buffer, exchange: Exchange): boolean {
    const { reader } = exchange.body
    const read = reader.read(input, this.#at, input.length, exchange)
    if (typeof read === 'object') {
      this.dueMs = NEVER
      exchange.bodyFailed(read.status, read.because)
      return true
    }
    this.#pace?.came(read - this.#at, this.#context.deadlines.after(0) - this.#waitsSinceMs)
    this.#at = read
    if (this.#exchange !== exchange || this.#state !== 'open') return true
    if (!reader.done) {
      if (exchange.body.wanted) this.#awaitBody()
      else this.dueMs = NEVER
      return true
    }
    this.dueMs = exchange.written ? NEVER : this.#answerDueMs()
    exchange.bodyEnded()
    // The rest of an upload that had its answer already.
    if (exchange.written && this.#exchange === exchange && exchange.delivered) this.answered(false)
    return true
  }

  #awaitBody(): void {
    const { deadlines, settings } = this.#context
    this.#pace ??= new Pace(settings.idleTimeoutMs, settings.minimumBytesPerSecond)
    this.#waitsSinceMs = deadlines.after(0)
    this.dueMs = deadlines.after(Math.min(settings.idleTimeoutMs, this.#pace.leftMs))
  }

  #slowness(): string {
    const { idleTimeoutMs, minimumBytesPerSecond } = this.#context.settings
    return (this.#pace?.leftMs ?? idleTimeoutMs) < idleTimeoutMs
      ? `the body came with less than ${minimumBytesPerSecond} bytes a second`
      : `nothing more of the body within ${idleTimeoutMs} ms`
  }

  #readHead(input: Buffer): boolean {
    const { requestReaders, deadlines, settings } = this.#context
    if (this.#headBytes === 0) this.dueMs = deadlines.after(settings.headersTimeoutMs)
    const reader = this.#reader ?? requestReaders.borrow()
    const head = reader.read(input, this.#at, input.length)
    if (head.kind === 'incomplete') {
      this.#reader = reader
      this.#headBytes += input.length - this.#at
      this.#at = input.length
      return false
    }
    this.#reader = undefined
    this.#headBytes = 0
    this.dueMs = NEVER
    if (head.kind === 'refused') this.#refuse(head.status, head.because, reader.firstLine)
    else {
      this.#at += head.taken
      this.#begin(head)
    }
    requestReaders.giveBack(reader)
    return true
  }

  #begin(head: RequestHead): void {
    this.#pace = undefined
    const exchange = new Exchange(this.#context, this, head)
    this.#exchange = exchange
    const within = this.#context.begun()
    const refusal = policyOn(head)
    if (!within) exchange.refuse(503, `${this.#context.settings.maxRequests} requests are under way`, 'proxy-full')
    else if (refusal) exchange.refuse(refusal.status, refusal.because)
    else {
      if (exchange.body.complete) this.dueMs = this.#answerDueMs()
      exchange.begin()
    }
  }

  /** The request is whole: from now on it is the targets' turn. */
  #answerDueMs(): number {
    return this.#context.deadlines.after(this.#context.settings.answerTimeoutMs)
  }

  /** What came is no request, so nobody knows where the next one would begin. */
  #refuse(status: number, because: string, firstLine = ''): void {
    const record = new RequestRecord(this.#context, unreadFacts(this.socket, firstLine), () => {})
    const { date, errorPages } = this.#context
    const answer = writeOwnAnswer(refusalAnswer(status, errorPages), { date: date.now(), close: true, withBody: true })
    record.sentBytes = bodyBytesOf(answer)
    record.finish('refused', status, because)
    this.socket.write(answer, 'latin1')
    this.#leave()
  }

  /**
   * Ends politely: a connection that is closed while something in it is unread is reset, and what the client had not
   * read by then is lost to it (RFC 9112, 9.6).
   */
  #leave(): void {
    if (this.#state !== 'open') return
    this.#state = 'leaving'
    this.#exchange = undefined
    this.#input = undefined
    this.dueMs = this.#context.deadlines.after(LINGER_MS)
    this.socket.end()
    if (this.socket.isPaused()) this.socket.resume()
  }

  #closed(): void {
    const exchange = this.#exchange
    this.#state = 'closed'
    this.#exchange = undefined
    this.#unread.end()
    this.#context.deadlines.remove(this.#place)
    this.#onClosed(this)
    exchange?.clientGone(this.#goneBecause)
  }
}
