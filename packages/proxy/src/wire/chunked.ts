import { CR, FIELD_VALUE, hexDigit, LF } from './bytes.ts'
import { DATE, OTHER } from './field-names.ts'
import { FieldLines } from './field-lines.ts'
import type { ChunkedLimits } from './limits.ts'
import { Pieces } from './pieces.ts'
import { type Refusal, refuse } from './refusal.ts'

/** What is read next. */
const SIZE = 0
const EXTENSION = 1
const SIZE_LINE_FEED = 2
const DATA = 3
const DATA_RETURN = 4
const DATA_LINE_FEED = 5
const TRAILERS = 6

/** Leading zeros included: chunks of up to 4 GiB, and no flood of zeros. */
const MOST_DIGITS = 8
const SEMICOLON = 0x3b

/** `;name`, `;name=token` and `;name="quoted"` (RFC 9112, 7.1.1), without white space between them, as llhttp has it. */
const EXTENSIONS = /^(?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*"))?)+$/

export type ChunkedProgress =
  /** The body goes on. `chunksEnd` is where the chunks end in this piece, if trailers have begun. */
  | { readonly kind: 'more'; readonly chunksEnd: number }
  /** The body ends before `end`; its chunks, the last line of size 0 included, end at `chunksEnd`, and the rest are trailers. */
  | { readonly kind: 'end'; readonly chunksEnd: number; readonly end: number }
  | Refusal

/**
 * Walks over one body in chunks (RFC 9112, 7.1), piece by piece as it comes. What it has passed is sound and can be sent
 * on as it is, so nothing is copied. Of a piece that is refused nothing must be sent on: what the next hop has
 * got by then is no whole body in any reading.
 *
 * Extensions are checked and stay where they are, so long as they are small; nobody is known to use them.
 */
export class ChunkedReader {
  /** Of data, without what is around it. */
  dataBytes = 0
  readonly #limits: ChunkedLimits
  #state = SIZE
  /** What the size says, then what is left of the chunk. */
  #size = 0
  #digits = 0
  #extension = ''
  #extensionBytes = 0
  #trailers: { readonly pieces: Pieces; readonly fields: FieldLines } | undefined

  constructor(limits: ChunkedLimits) {
    this.#limits = limits
  }

  /** @param onData is called for each stretch of data, with where it lies in the piece */
  read(piece: Buffer, start: number, end: number, onData?: (from: number, to: number) => void): ChunkedProgress {
    let at = start
    while (at < end) {
      const byte = piece[at]!
      switch (this.#state) {
        case SIZE: {
          const digit = hexDigit(byte)
          if (digit >= 0) {
            if (this.#digits === MOST_DIGITS) return refuse(400, 'chunk-size', `the size of a chunk has more than ${MOST_DIGITS} digits`)
            this.#size = this.#size * 16 + digit
            this.#digits += 1
          } else if (this.#digits > 0 && byte === CR) this.#state = SIZE_LINE_FEED
          else if (this.#digits > 0 && byte === SEMICOLON) {
            this.#state = EXTENSION
            continue
          } else return refuse(400, 'chunk-size', 'the size of a chunk is no hexadecimal number')
          at += 1
          break
        }
        case EXTENSION: {
          const from = at
          while (at < end && FIELD_VALUE[piece[at]!] === 1) at += 1
          const refused = this.#extend(piece, from, at)
          if (refused) return refused
          if (at === end) break
          if (piece[at] !== CR || !EXTENSIONS.test(this.#extension))
            return refuse(400, 'chunk-extension', 'the extension of a chunk is none')
          this.#extension = ''
          at += 1
          this.#state = SIZE_LINE_FEED
          break
        }
        case SIZE_LINE_FEED:
          if (byte !== LF) return refuse(400, 'chunk-size', 'a carriage return stands alone behind the size of a chunk')
          at += 1
          this.#digits = 0
          this.#state = this.#size === 0 ? TRAILERS : DATA
          break
        case DATA: {
          const to = Math.min(end, at + this.#size)
          onData?.(at, to)
          this.#size -= to - at
          this.dataBytes += to - at
          at = to
          if (this.#size === 0) this.#state = DATA_RETURN
          break
        }
        case DATA_RETURN:
          if (byte !== CR) return refuse(400, 'chunk-end', 'a chunk does not end where its size says')
          at += 1
          this.#state = DATA_LINE_FEED
          break
        case DATA_LINE_FEED:
          if (byte !== LF) return refuse(400, 'chunk-end', 'a chunk does not end where its size says')
          at += 1
          this.#state = SIZE
          break
        default:
          return this.#readTrailers(piece, at, end)
      }
    }
    return { kind: 'more', chunksEnd: end }
  }

  #extend(piece: Buffer, from: number, to: number): Refusal | undefined {
    this.#extensionBytes += to - from
    const most = this.#limits.maxExtensionBytes
    if (this.#extensionBytes > most) return refuse(400, 'chunk-extension', `the extensions of the chunks are larger than ${most} bytes`)
    this.#extension += piece.toString('latin1', from, to)
    return undefined
  }

  #readTrailers(piece: Buffer, start: number, end: number): ChunkedProgress {
    this.#trailers ??= { pieces: new Pieces(this.#limits.maxTrailerBytes), fields: new FieldLines(this.#limits.maxTrailers) }
    const { pieces, fields } = this.#trailers
    pieces.add(piece, start, end)
    const length = fields.read(pieces.bytes, pieces.base, pieces.length)
    if (typeof length === 'object') return length
    if (length === undefined) {
      if (pieces.full) return refuse(431, 'fields-too-large', `the trailers are larger than ${this.#limits.maxTrailerBytes} bytes`)
      pieces.keep()
      return { kind: 'more', chunksEnd: start }
    }
    for (let line = 0; line < fields.count; line += 1) {
      // Framing, Host and what a proxy says of a client have no place behind a body (RFC 9110, 6.5.1).
      const kind = fields.kind(line)
      if (kind !== OTHER && kind !== DATE) return refuse(400, 'trailer', 'a field stands behind the body that must stand before it')
    }
    return { kind: 'end', chunksEnd: start, end: start + pieces.takenFromLast(length) }
  }
}
