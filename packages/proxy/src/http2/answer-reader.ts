import type { BodySink } from '../wire/body-reader.ts'
import { BodyReader } from '../wire/body-reader.ts'
import { chunkedLimits } from '../wire/context.ts'
import type { Refusal } from '../wire/refusal.ts'
import type { ResponseHead, ResponseHeadReader } from '../wire/response-head.ts'
import type { Spares } from '../wire/spares.ts'

/** Gets an answer, part by part. */
export interface AnswerSink extends BodySink {
  /** An interim answer (1xx), or the answer; the head holds for this call alone. @param ends nothing follows */
  answerHead(head: ResponseHead, ends: boolean): void
}

/** Reads what the engine has written for one request: interim answers and the answer, its body without its framing. */
export class AnswerReader {
  readonly #readers: Spares<ResponseHeadReader>
  readonly #method: string
  #reader: ResponseHeadReader | undefined
  #body: BodyReader | undefined

  constructor(readers: Spares<ResponseHeadReader>, method: string) {
    this.#readers = readers
    this.#method = method
  }

  /** Whether the answer has come to its end. */
  get done(): boolean {
    return this.#body?.done ?? false
  }

  /** Whether the end of the connection would be the end of the answer. */
  get mayEnd(): boolean {
    return this.done || (this.#body?.untilClose ?? false)
  }

  read(piece: Buffer, sink: AnswerSink): Refusal | undefined {
    let at = 0
    while (at < piece.length && !this.done) {
      const read = this.#body ? this.#body.read(piece, at, piece.length, sink) : this.#readHead(piece, at, sink)
      if (typeof read === 'object') return read
      at = read
    }
    return undefined
  }

  #readHead(piece: Buffer, at: number, sink: AnswerSink): number | Refusal {
    const reader = this.#reader ?? this.#readers.borrow()
    const head = reader.read(piece, at, piece.length, { method: this.#method })
    this.#reader = head.kind === 'incomplete' ? reader : undefined
    if (head.kind === 'incomplete') return piece.length
    if (head.kind === 'complete') {
      if (head.status >= 200) this.#body = new BodyReader(head.framing, chunkedLimits, true)
      sink.answerHead(head, this.done)
    }
    this.#readers.giveBack(reader)
    return head.kind === 'complete' ? at + head.taken : head
  }
}
