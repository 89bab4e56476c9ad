import { ChunkedBody } from './chunked-body.ts'
import { type HeadEnd, HeadReader, notHttp } from './head-reader.ts'
import { type BodyFraming, bodyFraming, type HeaderField, type ResponseHead } from './response-head.ts'

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

/** Reads an HTTP/1.x answer from its bytes, however they are cut. Keeps a head that is not whole yet, and nothing of a body. */
export class AnswerReader {
  readonly #options: AnswerReaderOptions
  readonly #head: HeadReader
  #framing: BodyFraming | undefined
  #chunked: ChunkedBody | undefined
  #leftBytes = 0
  #done = false

  constructor(options: AnswerReaderOptions) {
    this.#options = options
    this.#head = new HeadReader(options.maxHeaderBytes)
  }

  add(chunk: Buffer): void {
    let rest = chunk
    // An interim answer is followed by another head.
    while (rest.length > 0 && !this.#done && !this.#framing) {
      const end = this.#head.add(rest)
      if (!end) return
      if (end.kind === 'problem') return this.#refuse(end)
      this.#takeHead(end.head)
      rest = end.rest
    }
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

  #takeHead(head: ResponseHead): void {
    const { method, sink, maxHeaderBytes } = this.#options
    if (head.status < 200) return sink.interim(head.status)
    const framing = bodyFraming(head, method)
    if ('problem' in framing) return this.#refuse(notHttp(framing.problem))
    this.#framing = framing
    if (framing.kind === 'chunked') this.#chunked = new ChunkedBody(maxHeaderBytes)
    if (framing.kind === 'length') this.#leftBytes = framing.bytes
    sink.head({ ...head, announcedBytes: framing.kind === 'length' ? framing.bytes : undefined })
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)) this.#complete()
  }

  #addToBody(bytes: Buffer): void {
    const { sink } = this.#options
    if (this.#chunked) {
      this.#chunked.add(bytes, (piece) => sink.body(piece))
      if (this.#chunked.problem !== undefined) this.#refuse(notHttp(this.#chunked.problem))
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

  #refuse({ reason, text }: Extract<HeadEnd, { kind: 'problem' }>): void {
    this.#done = true
    this.#options.sink.problem(reason, text)
  }
}
