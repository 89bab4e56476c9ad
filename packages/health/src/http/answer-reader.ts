import { ChunkedBody } from './chunked-body.ts'
import { type BodyFraming, bodyFraming, type HeaderField, parseResponseHead } from './response-head.ts'

/** The head of the answer that counts, in whatever version of HTTP it came. */
export interface AnswerHead {
  readonly status: number
  readonly headers: readonly HeaderField[]
  /** The length that the header promises; undefined where it says none or there can be no body. */
  readonly announcedBytes: number | undefined
}

/** Whoever wants to know what an answer is made of. It is told in this order, and nothing after `complete` or `problem`. */
export interface AnswerSink {
  /** An interim answer (1xx). */
  interim(status: number): void
  head(head: AnswerHead): void
  body(bytes: Buffer): void
  complete(): void
  problem(reason: 'protocol' | 'header-overflow', text: string): void
}

interface AnswerReaderOptions {
  readonly method: string
  readonly maxHeaderBytes: number
  readonly sink: AnswerSink
}

const HEAD_END = Buffer.from('\r\n\r\n')
const BEGINNING = 'HTTP/1.'
const NO_BYTES = Buffer.alloc(0)

/** Reads an HTTP/1.x answer from its bytes, however they are cut. Keeps a head that is not whole yet, and nothing of a body. */
export class AnswerReader {
  readonly #options: AnswerReaderOptions
  /** The beginning of a head; the first `#pendingBytes` of it are filled. */
  #pending: Buffer = NO_BYTES
  #pendingBytes = 0
  #framing: BodyFraming | undefined
  #chunked: ChunkedBody | undefined
  #leftBytes = 0
  #done = false

  constructor(options: AnswerReaderOptions) {
    this.#options = options
  }

  add(chunk: Buffer): void {
    let rest = chunk
    // An interim answer is followed by another head.
    while (rest.length > 0 && !this.#done && !this.#framing) rest = this.#addToHead(rest)
    if (rest.length > 0 && !this.#done) this.#addToBody(rest)
  }

  /**
   * The connection has ended.
   *
   * @returns whether the answer is whole now; `false` says that something of it is missing
   */
  end(): boolean {
    if (!this.#done && this.#framing?.kind === 'until-close') this.#complete()
    return this.#done
  }

  /** @returns what follows the head */
  #addToHead(bytes: Buffer): Buffer {
    const { maxHeaderBytes } = this.#options
    const room = maxHeaderBytes + HEAD_END.length
    const before = this.#pendingBytes
    // The usual case: the whole head comes at once, and is not copied.
    const all = before === 0 ? bytes : this.#append(bytes)
    const end = all.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length + 1))
    if (end > maxHeaderBytes || (end === -1 && all.length >= room)) return this.#overflow()
    if (end !== -1) {
      this.#pendingBytes = 0
      this.#takeHead(all.toString('latin1', 0, end))
      return bytes.subarray(end + HEAD_END.length - before)
    }
    // What speaks another protocol would otherwise be waited for until the deadline.
    const beginning = all.toString('latin1', 0, BEGINNING.length)
    if (!BEGINNING.startsWith(beginning)) return this.#refuse('the status line is not that of HTTP/1.x')
    if (before === 0) this.#append(bytes)
    return NO_BYTES
  }

  /** Doubles the room, so that a head that comes byte by byte is not copied as often. */
  #append(bytes: Buffer): Buffer {
    // The longest head that is allowed, with its end.
    const room = this.#options.maxHeaderBytes + HEAD_END.length
    const wanted = Math.min(this.#pendingBytes + bytes.length, room)
    if (wanted > this.#pending.length) {
      const larger = Buffer.alloc(Math.min(Math.max(2 * this.#pending.length, wanted, 512), room))
      this.#pending.copy(larger, 0, 0, this.#pendingBytes)
      this.#pending = larger
    }
    this.#pendingBytes += bytes.copy(this.#pending, this.#pendingBytes, 0, wanted - this.#pendingBytes)
    return this.#pending.subarray(0, this.#pendingBytes)
  }

  #takeHead(text: string): void {
    const { method, sink } = this.#options
    const head = parseResponseHead(text)
    if ('problem' in head) return void this.#refuse(head.problem)
    if (head.status < 200) return sink.interim(head.status)
    const framing = bodyFraming(head, method)
    if ('problem' in framing) return void this.#refuse(framing.problem)
    this.#framing = framing
    if (framing.kind === 'chunked') this.#chunked = new ChunkedBody(this.#options.maxHeaderBytes)
    if (framing.kind === 'length') this.#leftBytes = framing.bytes
    sink.head({ ...head, announcedBytes: framing.kind === 'length' ? framing.bytes : undefined })
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)) this.#complete()
  }

  #addToBody(bytes: Buffer): void {
    const { sink } = this.#options
    if (this.#chunked) {
      this.#chunked.add(bytes, (piece) => sink.body(piece))
      if (this.#chunked.problem !== undefined) this.#refuse(this.#chunked.problem)
      else if (this.#chunked.complete) this.#complete()
    } else if (this.#framing?.kind === 'length') {
      const piece = bytes.subarray(0, this.#leftBytes)
      this.#leftBytes -= piece.length
      sink.body(piece)
      if (this.#leftBytes === 0) this.#complete()
    } else {
      sink.body(bytes)
    }
  }

  #complete(): void {
    this.#done = true
    this.#options.sink.complete()
  }

  #overflow(): Buffer {
    this.#done = true
    this.#options.sink.problem('header-overflow', `the header is longer than ${this.#options.maxHeaderBytes} bytes`)
    return NO_BYTES
  }

  #refuse(problem: string): Buffer {
    this.#done = true
    this.#options.sink.problem('protocol', `not HTTP: ${problem}`)
    return NO_BYTES
  }
}
