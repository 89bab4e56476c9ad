import { type ConnectionOptions, connectionOptions, persists } from './connection.ts'
import { UPGRADE } from './field-names.ts'
import type { FieldLines } from './field-lines.ts'
import { type Asked, type Framing, responseFraming } from './framing.ts'
import { HeadLines, type HeadResult, INCOMPLETE } from './head-lines.ts'
import type { HeadLimits } from './limits.ts'
import { ofAnswer, type Refusal } from './refusal.ts'
import { StatusLine } from './status-line.ts'

/** A head that has been read and found sound. A view of the bytes: it holds until its reader is used again. */
export interface ResponseHead {
  readonly kind: 'complete'
  /** The bytes that the head lies in; indexes count in these. */
  readonly bytes: Buffer
  readonly reasonStart: number
  readonly reasonEnd: number
  /** Behind the empty line. */
  readonly end: number
  /** How many bytes of the last piece belong to the head; the body begins behind them. */
  readonly taken: number
  readonly status: number
  readonly minorVersion: 0 | 1
  readonly fields: FieldLines
  readonly connection: ConnectionOptions
  readonly framing: Framing
  /** The target may be asked again on this connection, once the body has been read. */
  readonly keepAlive: boolean
  /** The protocol that the target changes to. */
  readonly upgrade: string | undefined
}

/** Reads the heads of answers, one after another; interim ones (1xx) too. As `RequestHeadReader` for the rest. */
export class ResponseHeadReader {
  readonly #line = new StatusLine()
  readonly #lines: HeadLines

  constructor(limits: HeadLimits) {
    this.#lines = new HeadLines(this.#line, limits)
  }

  /**
   * Reads on with a piece of what the target sends. After a head, or a refusal, the next call begins another one.
   *
   * @param asked what this answers; without it nobody knows where the answer ends
   */
  read(piece: Buffer, start: number, end: number, asked: Asked): HeadResult<ResponseHead> {
    const read = this.#lines.read(piece, start, end)
    if (read === undefined) return INCOMPLETE
    const result = typeof read === 'number' ? this.#judge(read, asked) : read
    return result.kind === 'refused' ? ofAnswer(result) : result
  }

  #judge(length: number, asked: Asked): ResponseHead | Refusal {
    const { fields, pieces } = this.#lines
    const { bytes, base } = pieces
    const { status, minorVersion, reasonStart, reasonEnd } = this.#line
    const connection = connectionOptions(fields)
    if (connection.kind === 'refused') return connection
    const framing = responseFraming({ status, minorVersion, connection, fields }, asked)
    if (framing.kind === 'refused') return framing
    return {
      kind: 'complete',
      bytes,
      reasonStart: base + reasonStart,
      reasonEnd: base + reasonEnd,
      end: base + length,
      taken: pieces.takenFromLast(length),
      status,
      minorVersion,
      fields,
      connection,
      framing,
      keepAlive: persists(connection, minorVersion) && framing.kind !== 'until-close' && framing.kind !== 'tunnel',
      upgrade: fields.has(UPGRADE) ? fields.value(fields.indexOf(UPGRADE)) : undefined,
    }
  }
}
