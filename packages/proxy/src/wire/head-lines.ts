import { FieldLines } from './field-lines.ts'
import type { HeadLimits } from './limits.ts'
import { Pieces } from './pieces.ts'
import { type Refusal, refuse } from './refusal.ts'

/** More bytes are needed, the head is there, or it is refused. */
export type HeadResult<Head> = Incomplete | Head | Refusal

export interface Incomplete {
  readonly kind: 'incomplete'
}

export const INCOMPLETE: Incomplete = Object.freeze({ kind: 'incomplete' })

/** The first line of a message; a request's and an answer's differ. */
export interface StartLine {
  begin(): void
  /** @returns the offset behind the line; undefined where more bytes are needed */
  read(bytes: Buffer, base: number, length: number): number | undefined | Refusal
}

/** The lines of one head after another, out of pieces: the first line, then the fields. Knows nothing of what they mean. */
export class HeadLines {
  readonly pieces: Pieces
  readonly fields: FieldLines
  readonly #line: StartLine
  readonly #limits: HeadLimits
  #inFields = false
  #fresh = true

  constructor(line: StartLine, limits: HeadLimits) {
    this.#line = line
    this.#limits = limits
    this.pieces = new Pieces(limits.maxHeaderBytes)
    this.fields = new FieldLines(limits.maxFields)
  }

  /** @returns the length of the head; undefined where more bytes are needed */
  read(piece: Buffer, start: number, end: number): number | undefined | Refusal {
    if (this.#fresh) this.#begin()
    this.pieces.add(piece, start, end)
    const read = this.#readOn()
    if (read === undefined && !this.pieces.full) {
      this.pieces.keep()
      return undefined
    }
    this.#fresh = true
    return read ?? refuse(431, 'fields-too-large', `the head is larger than ${this.#limits.maxHeaderBytes} bytes`)
  }

  #begin(): void {
    this.pieces.begin()
    this.#line.begin()
    this.#inFields = false
    this.#fresh = false
  }

  #readOn(): number | undefined | Refusal {
    const { bytes, base, length } = this.pieces
    if (!this.#inFields) {
      const lineEnd = this.#line.read(bytes, base, length)
      if (typeof lineEnd !== 'number') return lineEnd
      this.fields.begin(lineEnd)
      this.#inFields = true
    }
    return this.fields.read(bytes, base, length)
  }
}
