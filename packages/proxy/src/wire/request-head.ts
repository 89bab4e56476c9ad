import { isAuthority, sameAuthority } from './authority.ts'
import { type ConnectionOptions, connectionOptions, persists } from './connection.ts'
import { ALIAS, EXPECT, HOST, UPGRADE } from './field-names.ts'
import type { FieldLines } from './field-lines.ts'
import { type Framing, requestFraming } from './framing.ts'
import { HeadLines, type HeadResult, INCOMPLETE } from './head-lines.ts'
import type { HeadLimits } from './limits.ts'
import { type Refusal, refuse } from './refusal.ts'
import { RequestLine } from './request-line.ts'
import { escapesAreWhole, ORIGIN_FORM, readTarget, type RequestTarget } from './target.ts'

/** A head that has been read and found sound. A view of the bytes: it holds until its reader is used again. */
export interface RequestHead {
  readonly kind: 'complete'
  /** The bytes that the head lies in; indexes count in these. */
  readonly bytes: Buffer
  /** Behind an empty line that may have come first. */
  readonly methodStart: number
  readonly targetStart: number
  readonly targetEnd: number
  /** Behind the empty line. */
  readonly end: number
  /** How many bytes of the last piece belong to the head; the body begins behind them. */
  readonly taken: number
  readonly method: string
  readonly minorVersion: 0 | 1
  readonly target: RequestTarget
  /** As the client wrote it, escapes and all, with the slash that an absolute target may lack. CONNECT: host and port. */
  readonly path: string
  /** The target's, or else what `Host` says. Empty in HTTP/1.0 without one. */
  readonly host: string
  readonly fields: FieldLines
  readonly connection: ConnectionOptions
  readonly framing: Framing
  /** The client may send another request on this connection. */
  readonly keepAlive: boolean
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean
  /** The protocol that the client would rather speak, as it wrote it. */
  readonly upgrade: string | undefined
}

/**
 * Reads the heads of requests, one after another. It may serve any number of connections in turn, as long as none of
 * their heads is left incomplete: such a head stays in the reader until the rest of it has come.
 */
export class RequestHeadReader {
  readonly #line = new RequestLine()
  readonly #lines: HeadLines

  constructor(limits: HeadLimits) {
    this.#lines = new HeadLines(this.#line, limits)
  }

  /** What came first, as far as it did, for the log of what was refused; one character is one byte. Holds until the reader is used again. */
  get firstLine(): string {
    const { bytes, base, length } = this.#lines.pieces
    const text = bytes.toString('latin1', base, base + Math.min(length, MOST_LOGGED_BYTES))
    return /^(?:\r?\n)?([^\r\n]*)/.exec(text)?.[1] ?? ''
  }

  /** Reads on with a piece of what the client sends. After a head, or a refusal, the next call begins another one. */
  read(piece: Buffer, start: number, end: number): HeadResult<RequestHead> {
    const read = this.#lines.read(piece, start, end)
    if (read === undefined) return INCOMPLETE
    if (typeof read === 'number') return this.#judge(read)
    return read.reason === 'fields-too-large' && this.#line.inTarget ? { ...read, status: 414, reason: 'target-too-long' } : read
  }

  /** All lines are sound; what do they say together? */
  #judge(length: number): RequestHead | Refusal {
    const line = this.#line
    const { fields, pieces } = this.#lines
    const { bytes, base } = pieces
    const { minorVersion } = line
    const targetStart = base + line.targetStart
    const targetEnd = base + line.targetEnd
    const method = methodName(bytes, base + line.methodStart, base + line.methodEnd)
    if (fields.has(ALIAS)) return refuse(400, 'field-name-alias', 'a field is named like another one, but for its underscores')
    const target = bytes[targetStart] === SLASH ? originForm(method) : readTarget(bytes.toString('latin1', targetStart, targetEnd), method)
    if ('kind' in target) return target
    const pathStart = targetStart + (target.form === 'absolute' ? target.pathStart : 0)
    if (line.escaped && !escapesAreWhole(bytes, pathStart, targetEnd)) return refuse(400, 'target', 'an escape in the path is none')
    const host = requestHost(fields, target, minorVersion)
    if (typeof host !== 'string') return host
    const connection = connectionOptions(fields)
    if (connection.kind === 'refused') return connection
    const framing = requestFraming(fields, minorVersion, method)
    if (framing.kind === 'refused') return framing
    const expectsContinue = expects(fields, minorVersion)
    if (typeof expectsContinue !== 'boolean') return expectsContinue
    return {
      kind: 'complete',
      bytes,
      methodStart: base + line.methodStart,
      targetStart,
      targetEnd,
      end: base + length,
      taken: pieces.takenFromLast(length),
      method,
      minorVersion,
      target,
      path: pathText(bytes, pathStart, targetEnd, method),
      host,
      fields,
      connection,
      framing,
      keepAlive: persists(connection, minorVersion),
      expectsContinue,
      // HTTP/1.0 knows nothing of it (RFC 9110, 7.8).
      upgrade: connection.upgrade && minorVersion === 1 && fields.has(UPGRADE) ? fields.value(fields.indexOf(UPGRADE)) : undefined,
    }
  }
}

const SLASH = 0x2f
/** Longer than any line that a client means. */
const MOST_LOGGED_BYTES = 8_192

function originForm(method: string): RequestTarget | Refusal {
  return method === 'CONNECT' ? refuse(400, 'target-form', 'CONNECT wants a host and a port') : ORIGIN_FORM
}

function pathText(bytes: Buffer, from: number, to: number, method: string): string {
  if (from < to) return bytes.toString('latin1', from, to)
  // Of an absolute target. Without a path OPTIONS asks of the whole server (RFC 9112, 3.2.4).
  return method === 'OPTIONS' ? '*' : '/'
}

/** Exactly one in HTTP/1.1 (RFC 9112, 3.2); and it must not contradict the target, or somebody will read the other one. */
function requestHost(fields: FieldLines, target: RequestTarget, minorVersion: 0 | 1): string | Refusal {
  const line = fields.indexOf(HOST)
  if (line === -1 && minorVersion === 1) return refuse(400, 'host-missing', 'there is no Host')
  if (fields.hasTwice(HOST)) return refuse(400, 'host-doubled', 'there is more than one Host')
  const host = line === -1 ? '' : fields.value(line)
  if (line !== -1 && !isAuthority(host)) return refuse(400, 'host', 'the Host is none')
  if (target.form !== 'absolute' && target.form !== 'authority') return host
  const defaultPort = target.form === 'absolute' ? target.defaultPort : '443'
  return line === -1 || sameAuthority(host, target.authority, defaultPort)
    ? target.authority
    : refuse(400, 'host-mismatch', 'the target and Host name two hosts')
}

/** There is one expectation (RFC 9110, 10.1.1), and HTTP/1.0 has none. */
function expects(fields: FieldLines, minorVersion: 0 | 1): boolean | Refusal {
  if (!fields.has(EXPECT)) return false
  if (fields.hasTwice(EXPECT) || !/^100-continue$/i.test(fields.value(fields.indexOf(EXPECT)))) {
    return refuse(417, 'expectation', 'the client expects something unknown')
  }
  return minorVersion === 1
}

/** Nearly every request has one of these, so that its name need not be made anew. */
const COMMON_METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const

function methodName(bytes: Buffer, from: number, to: number): string {
  for (const method of COMMON_METHODS) {
    if (to - from !== method.length) continue
    let index = 0
    while (index < method.length && bytes[from + index] === method.charCodeAt(index)) index += 1
    if (index === method.length) return method
  }
  return bytes.toString('latin1', from, to)
}
