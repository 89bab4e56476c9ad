import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { constants, performServerHandshake } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { NEVER, type Timed } from '../deadlines.ts'
import { RequestRecord } from '../request-record.ts'
import type { ClientSocket } from '../wire/client-socket.ts'
import type { WireContext } from '../wire/context.ts'
import { type ClientAddress, unreadFacts } from '../wire/request-facts.ts'
import type { ResponseHeadReader } from '../wire/response-head.ts'
import type { Spares } from '../wire/spares.ts'
import { requestHeadText } from './request-head.ts'
import { ResetAllowance } from './reset-allowance.ts'
import { SESSION_WINDOW_BYTES, sessionOptions } from './session-options.ts'
import { StreamSocket } from './stream-socket.ts'

/** What all connections of HTTP/2 share. */
export interface Http2Context {
  readonly wire: WireContext
  readonly maxConcurrentStreams: number
  readonly readers: Spares<ResponseHeadReader>
  /** Takes a stream for a connection of HTTP/1.1. */
  readonly accept: (stream: ClientSocket) => void
}

/** A client gets this long to hear that its connection ends. */
const LINGER_MS = 1_000
/** Of the first GOAWAY of two: every stream that is on its way is answered still (RFC 9113, 6.8). */
const ANY_STREAM = 2 ** 31 - 1

/** One connection of HTTP/2: a request for each of its streams. */
export class Http2Session implements Timed {
  dueMs: number
  readonly #context: Http2Context
  readonly #session: ServerHttp2Session
  readonly #socket: TLSSocket
  readonly #place: number
  readonly #client: ClientAddress
  readonly #resets: ResetAllowance
  #open = 0
  #leaving = false
  #toldToLeave = false

  constructor(context: Http2Context, socket: TLSSocket, onClosed: (session: Http2Session) => void) {
    const { settings, deadlines, clock } = context.wire
    this.#context = context
    this.#socket = socket
    const { remoteAddress, remotePort, servername } = socket
    this.#client = { remoteAddress, remotePort, servername, httpProtocol: 'HTTP/2.0', getProtocol: () => socket.getProtocol() }
    this.#resets = new ResetAllowance(clock.monotonicMs())
    this.dueMs = deadlines.after(settings.keepAliveTimeoutMs)
    this.#place = deadlines.add(this)
    socket.on('error', () => {})
    socket.once('close', () => {
      deadlines.remove(this.#place)
      onClosed(this)
    })
    this.#session = performServerHandshake(socket, sessionOptions(context.maxConcurrentStreams, settings.maxHeaderBytes))
    this.#session.once('connect', () => this.#session.setLocalWindowSize(SESSION_WINDOW_BYTES))
    // What is wrong with a session ends it, and says so to the client; its streams hear of it by themselves.
    this.#session.on('error', () => {})
    this.#session.on('stream', (stream: ServerHttp2Stream, _headers: IncomingHttpHeaders, _flags: number, flat: string[]) =>
      this.#begin(stream, flat),
    )
  }

  /** Takes no further request, and ends once those are answered that it has. */
  end(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.#session.close()
    if (this.#open === 0) this.#linger()
  }

  cut(): void {
    this.#session.destroy()
    this.#socket.destroy()
  }

  expired(): void {
    if (this.#leaving) this.cut()
    else this.end()
  }

  #begin(stream: ServerHttp2Stream, flat: readonly string[]): void {
    stream.on('error', () => {})
    this.#count(stream)
    // Taken back in the same breath: nobody needs to hear of it.
    if (stream.destroyed || stream.closed) return
    const request = requestHeadText(flat, !stream.endAfterHeaders)
    if ('because' in request) return this.#refuse(stream, request.because)
    this.#context.accept(new StreamSocket(stream, request, this.#client, this.#context.readers))
    if (this.#context.wire.draining()) this.#tellToLeave()
  }

  #count(stream: ServerHttp2Stream): void {
    const { deadlines, settings, clock } = this.#context.wire
    this.#open += 1
    this.dueMs = NEVER
    stream.once('close', () => {
      this.#open -= 1
      if (this.#open === 0) {
        // Whoever was told to leave may have sent one more request by then.
        if (this.#leaving || this.#toldToLeave) this.#linger()
        else this.dueMs = deadlines.after(settings.keepAliveTimeoutMs)
      }
      const unanswered =
        stream.aborted || (stream.rstCode !== constants.NGHTTP2_NO_ERROR && stream.rstCode !== constants.NGHTTP2_INTERNAL_ERROR)
      if (unanswered && !this.#resets.spend(clock.monotonicMs())) this.#tooMany()
    })
  }

  /** A request that is none ends its stream (RFC 9113, 8.1.1). */
  #refuse(stream: ServerHttp2Stream, because: string): void {
    new RequestRecord(this.#context.wire, unreadFacts(this.#client, ''), () => {}).finish('refused', 400, because)
    stream.close(constants.NGHTTP2_PROTOCOL_ERROR)
  }

  /** The proxy is stopping: as `Connection: close` with an answer. */
  #tellToLeave(): void {
    if (this.#toldToLeave || this.#session.closed || this.#session.destroyed) return
    this.#toldToLeave = true
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, ANY_STREAM)
  }

  #tooMany(): void {
    if (this.#session.destroyed) return
    this.#leaving = true
    this.#session.destroy(new Error('too many requests were taken back'), constants.NGHTTP2_ENHANCE_YOUR_CALM)
    this.#linger()
  }

  #linger(): void {
    this.dueMs = this.#context.wire.deadlines.after(LINGER_MS)
  }
}
