import { ChunkedReader } from './chunked.ts'
import type { Framing } from './framing.ts'
import type { ChunkedLimits } from './limits.ts'
import type { Refusal } from './refusal.ts'

/** Gets a body, stretch by stretch. */
export interface BodySink {
  bodyData(piece: Buffer): void
}

const END_OF_CHUNKS: Buffer = Buffer.from('\r\n', 'latin1')

/**
 * Finds the end of one body in what comes in, and hands on what belongs to it: as it came, chunks and all, without its
 * trailers; or, decoded, the data alone. Nothing is copied.
 */
export class BodyReader {
  /** The end has come. Without a length, it is the end of the connection. */
  done: boolean
  readonly untilClose: boolean
  readonly #chunks: ChunkedReader | undefined
  readonly #decode: boolean
  #left: number

  constructor(framing: Framing, limits: ChunkedLimits, decode: boolean) {
    this.#chunks = framing.kind === 'chunked' ? new ChunkedReader(limits) : undefined
    this.#decode = decode
    this.untilClose = framing.kind === 'until-close'
    this.#left = framing.kind === 'length' ? framing.bytes : 0
    this.done = framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)
  }

  /** Bytes of data in the chunks so far; 0 where there are no chunks. */
  get chunkedBytes(): number {
    return this.#chunks?.dataBytes ?? 0
  }

  /** @returns where the body ends in this piece, or the piece; of a piece that is refused nothing has been handed on */
  read(piece: Buffer, start: number, end: number, sink: BodySink): number | Refusal {
    if (this.#chunks) return this.#readChunks(this.#chunks, piece, start, end, sink)
    if (this.untilClose) {
      sink.bodyData(part(piece, start, end))
      return end
    }
    const to = Math.min(end, start + this.#left)
    this.#left -= to - start
    this.done = this.#left === 0
    if (to > start) sink.bodyData(part(piece, start, to))
    return to
  }

  #readChunks(chunks: ChunkedReader, piece: Buffer, start: number, end: number, sink: BodySink): number | Refusal {
    const stretches: number[] = []
    const read = chunks.read(piece, start, end, this.#decode ? (from, to) => stretches.push(from, to) : undefined)
    if (read.kind === 'refused') return read
    this.done = read.kind === 'end'
    const to = read.kind === 'end' ? read.end : end
    if (this.#decode) {
      for (let index = 0; index < stretches.length; index += 2) sink.bodyData(part(piece, stretches[index]!, stretches[index + 1]!))
      return to
    }
    // The two last bytes of the chunks' end are an empty line, whatever stood before them.
    const withEnd = read.kind === 'end' && read.end - read.chunksEnd === END_OF_CHUNKS.length
    const chunksEnd = withEnd ? to : read.chunksEnd
    if (chunksEnd > start) sink.bodyData(part(piece, start, chunksEnd))
    if (this.done && !withEnd) sink.bodyData(END_OF_CHUNKS)
    return to
  }
}

function part(piece: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === piece.length ? piece : piece.subarray(from, to)
}
