import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { constants } from 'node:http2'
import { Duplex } from 'node:stream'
import { errorCode } from '@hotspare/core'
import type { ClientSocket } from '../wire/client-socket.ts'
import type { ClientAddress } from '../wire/request-facts.ts'
import type { ResponseHead, ResponseHeadReader } from '../wire/response-head.ts'
import type { Spares } from '../wire/spares.ts'
import { AnswerReader, type AnswerSink } from './answer-reader.ts'
import type { RequestText } from './request-head.ts'
import { joinedFields, responseFields } from './response-fields.ts'

type Written = (error?: Error | null) => void

const LAST_CHUNK = Buffer.from('0\r\n\r\n', 'latin1')

/**
 * One stream of HTTP/2 as a connection of HTTP/1.1 with one request on it. What is read from it is that request; what is
 * written to it is its answer, which goes out as frames. Whatever ends it before the answer is whole resets the stream,
 * so that no part is taken for the whole.
 */
export class StreamSocket extends Duplex implements ClientSocket, AnswerSink {
  readonly httpProtocol = 'HTTP/2.0'
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly servername: ClientAddress['servername']
  readonly getProtocol: ClientAddress['getProtocol']
  bytesRead = 0
  timeout: number | undefined
  readonly #stream: ServerHttp2Stream
  readonly #answer: AnswerReader
  readonly #chunked: boolean
  #pieces: Buffer[] = []

  constructor(stream: ServerHttp2Stream, request: RequestText, client: ClientAddress, readers: Spares<ResponseHeadReader>) {
    super()
    this.remoteAddress = client.remoteAddress
    this.remotePort = client.remotePort
    this.servername = client.servername
    this.getProtocol = client.getProtocol
    this.#stream = stream
    this.#chunked = request.chunked
    this.#answer = new AnswerReader(readers, request.method)
    this.push(Buffer.from(request.head, 'latin1'))
    stream.on('error', () => {})
    stream.on('close', () => this.#streamClosed())
    // A request without a body has an end as well.
    stream.on('data', this.#received).on('end', this.#bodyEnded)
  }

  setTimeout(timeoutMs: number, onTimeout?: () => void): this {
    this.timeout = timeoutMs
    this.#stream.setTimeout(timeoutMs, onTimeout)
    return this
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  answerHead(head: ResponseHead, ends: boolean): void {
    const fields = responseFields(head)
    if (head.status < 200) return this.#stream.additionalHeaders(fields)
    respond(this.#stream, fields, ends)
  }

  bodyData(piece: Buffer): void {
    this.#pieces.push(piece)
  }

  override _read(): void {
    this.#stream.resume()
  }

  override _write(piece: Buffer, _encoding: string, written: Written): void {
    const stream = this.#stream
    if (stream.destroyed || stream.closed) return written(this.#isOut ? null : new Error('the client has left'))
    const before = this.#answer.done
    const wrong = this.#read(piece)
    if (wrong) return written(wrong)
    // Of some answers the library knows by itself that they have no body.
    const data = stream.writableEnded ? undefined : this.#taken()
    // The stream may be closed before it has said that the last of it is written.
    if (data) stream.write(data, (error) => written(this.#isOut ? null : error))
    if (this.#answer.done && !before && !stream.writableEnded) stream.end()
    if (!data) written()
  }

  override _final(done: Written): void {
    if (this.#answer.mayEnd) this.#stream.end()
    else this.destroy()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const stream = this.#stream
    if (this.#answer.mayEnd && stream.writableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
    // RST_STREAM with INTERNAL_ERROR. `close` with that code would end the stream first, and well.
    else stream.destroy(new Error('the answer broke off'))
    done(error)
  }

  readonly #received = (piece: Buffer): void => {
    this.bytesRead += piece.length
    const roomLeft = this.#chunked ? this.push(asChunk(piece)) : this.push(piece)
    if (!roomLeft) this.#stream.pause()
  }

  /** Comes also where a client breaks off: that must not look like the end of the body. */
  readonly #bodyEnded = (): void => {
    if (this.#chunked && !this.#stream.aborted && this.#stream.rstCode === constants.NGHTTP2_NO_ERROR) this.push(LAST_CHUNK)
  }

  /** The whole answer has gone out as frames, and nobody has broken that off. */
  get #isOut(): boolean {
    const { rstCode, writableEnded } = this.#stream
    return this.#answer.mayEnd && writableEnded && rstCode === constants.NGHTTP2_NO_ERROR
  }

  #streamClosed(): void {
    // Where the answer is out, the engine is about to hear of it.
    if (!this.#isOut || this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  /** @returns why it cannot go out: what no target should say, as a status of 799, HTTP/2 cannot say */
  #read(piece: Buffer): Error | undefined {
    try {
      const refused = this.#answer.read(piece, this)
      return refused && new Error(refused.because)
    } catch (error) {
      return new Error('the answer cannot be said in HTTP/2', { cause: error })
    }
  }

  #taken(): Buffer | undefined {
    const pieces = this.#pieces
    if (pieces.length === 0) return undefined
    this.#pieces = []
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
  }
}

function respond(stream: ServerHttp2Stream, fields: OutgoingHttpHeaders, endStream: boolean): void {
  try {
    stream.respond(fields, { endStream })
  } catch (error) {
    if (errorCode(error) !== 'ERR_HTTP2_HEADER_SINGLE_VALUE') throw error
    stream.respond(joinedFields(fields), { endStream })
  }
}

function asChunk(piece: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`, 'latin1'), piece, Buffer.from('\r\n', 'latin1')])
}
