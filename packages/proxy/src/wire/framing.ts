import { isDigit, spells } from './bytes.ts'
import type { ConnectionOptions } from './connection.ts'
import { CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE } from './field-names.ts'
import type { FieldLines } from './field-lines.ts'
import { type Refusal, refuse } from './refusal.ts'

/** Where the body of a message ends (RFC 9112, 6.3). */
export type Framing =
  /** There is none; the next message begins behind the head. */
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** All that comes, to the end of the connection. Only of an answer. */
  | { readonly kind: 'until-close' }
  /** What follows is not HTTP any more. Only of an answer: a request asks for it, the answer decides. */
  | { readonly kind: 'tunnel' }

const NONE: Framing = Object.freeze({ kind: 'none' })
const CHUNKED: Framing = Object.freeze({ kind: 'chunked' })
const UNTIL_CLOSE: Framing = Object.freeze({ kind: 'until-close' })
const TUNNEL: Framing = Object.freeze({ kind: 'tunnel' })

export function requestFraming(fields: FieldLines, minorVersion: 0 | 1, method: string): Framing | Refusal {
  const announced = announcedFraming(fields, minorVersion) ?? NONE
  if (announced.kind === 'none' || announced.kind === 'refused') return announced
  // CONNECT: what follows belongs to the tunnel, for some; TRACE must not have a body (RFC 9110, 9.3.6 and 9.3.8).
  if (method === 'CONNECT' || method === 'TRACE') return refuse(400, 'body-forbidden', `${method} with a body`)
  // With these HTTP/1.0 knew no body (RFC 1945, 8), and there are still servers that take it for the next request.
  return minorVersion === 0 && BODILESS_ONCE.has(method) && !isEmpty(announced)
    ? refuse(400, 'body-forbidden', `${method} with a body in HTTP/1.0`)
    : announced
}

const BODILESS_ONCE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE'])

function isEmpty(framing: Framing): boolean {
  return framing.kind === 'length' && framing.bytes === 0
}

/** What an answer is an answer to. */
export interface Asked {
  readonly method: string
  /** The protocol that the request asked for, in `Upgrade`. */
  readonly upgrade?: string | undefined
}

/** Of an answer, what its framing goes by. */
export interface AnswerFacts {
  readonly status: number
  readonly minorVersion: 0 | 1
  readonly connection: ConnectionOptions
  readonly fields: FieldLines
}

export function responseFraming(answer: AnswerFacts, asked: Asked): Framing | Refusal {
  const { status, minorVersion, fields } = answer
  // Read in any case: what nobody may send on is refused also where it would not matter here.
  const announced = announcedFraming(fields, minorVersion)
  if (announced?.kind === 'refused') return announced
  const tunnel = status === 101 || (asked.method === 'CONNECT' && status >= 200 && status < 300)
  // A length of 0 is against the rules as well (RFC 9110, 8.6), common with 204, and leaves no doubt.
  if ((tunnel || status < 200 || status === 204) && announced !== undefined && !isEmpty(announced)) {
    return refuse(400, 'body-forbidden', `an answer with status ${status} announces a body`)
  }
  if (status < 200) return interimFraming(answer, asked)
  if (tunnel) return TUNNEL
  if (status === 204 || asked.method === 'HEAD' || status === 304) return NONE
  return announced ?? UNTIL_CLOSE
}

/** Of 1xx: another answer follows, so the connection must stay; or another protocol does, that was asked for (RFC 9110, 7.8). */
function interimFraming({ status, minorVersion, connection, fields }: AnswerFacts, asked: Asked): Framing | Refusal {
  if (minorVersion === 0) return refuse(400, 'status', 'there is no interim answer in HTTP/1.0')
  if (connection.close) return refuse(400, 'connection-option', 'an interim answer ends the connection')
  if (status !== 101) return NONE
  const chosen = connection.upgrade && fields.has(UPGRADE) ? fields.value(fields.indexOf(UPGRADE)) : undefined
  return chosen !== undefined && chosen.toLowerCase() === asked.upgrade?.toLowerCase()
    ? TUNNEL
    : refuse(400, 'upgrade', 'the answer changes to a protocol that nobody asked for')
}

/** What the two fields say; undefined where there is neither. Whatever could be read in two ways is refused. */
function announcedFraming(fields: FieldLines, minorVersion: 0 | 1): Framing | undefined | Refusal {
  const hasLength = fields.has(CONTENT_LENGTH)
  if (!fields.has(TRANSFER_ENCODING)) return hasLength ? byLength(fields) : undefined
  if (hasLength) return refuse(400, 'length-and-coding', 'there are both Content-Length and Transfer-Encoding')
  return byCoding(fields, minorVersion)
}

/** Beyond 16 digits a number is not exact any more. */
const MOST_DIGITS = 16

function byLength(fields: FieldLines): Framing | Refusal {
  if (fields.hasTwice(CONTENT_LENGTH)) return refuse(400, 'content-length-doubled', 'there is more than one Content-Length')
  const line = fields.indexOf(CONTENT_LENGTH)
  const from = fields.valueStart(line)
  const to = fields.valueEnd(line)
  let length = 0
  for (let at = from; at < to; at += 1) {
    const byte = fields.bytes[at]!
    if (!isDigit(byte)) return refuse(400, 'content-length', 'Content-Length is no number')
    length = length * 10 + (byte - 0x30)
  }
  if (from === to || to - from > MOST_DIGITS || !Number.isSafeInteger(length)) {
    return refuse(400, 'content-length', 'Content-Length is empty, or larger than can be counted')
  }
  return { kind: 'length', bytes: length }
}

const CHUNKED_WORD = Buffer.from('chunked', 'latin1')
/** A list of codings of which the last, and no other, is chunked. */
const CODINGS_THEN_CHUNKED = /^(?:(?!chunked\b)[\w!#$%&'*+.^`|~-]+[\t ]*,[\t ]*)+chunked$/i

function byCoding(fields: FieldLines, minorVersion: 0 | 1): Framing | Refusal {
  if (fields.hasTwice(TRANSFER_ENCODING)) return refuse(400, 'transfer-encoding-doubled', 'there is more than one Transfer-Encoding')
  // Somebody on the way did not know what it is (RFC 9112, 6.1).
  if (minorVersion === 0) return refuse(400, 'transfer-encoding-in-1.0', 'there is a Transfer-Encoding in HTTP/1.0')
  const line = fields.indexOf(TRANSFER_ENCODING)
  if (spells(fields.bytes, fields.valueStart(line), fields.valueEnd(line), CHUNKED_WORD)) return CHUNKED
  return CODINGS_THEN_CHUNKED.test(fields.value(line))
    ? refuse(501, 'transfer-coding-unknown', 'there is a transfer coding other than chunked')
    : refuse(400, 'transfer-encoding', 'Transfer-Encoding is not chunked')
}
