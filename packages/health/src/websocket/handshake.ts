import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { failed, type Finding } from '../failure.ts'
import { authority, type HttpRequest, requestPath } from '../http/request.ts'
import { type HeaderField, parseResponseHead, valuesOf } from '../http/response-head.ts'
import { websocketLimits } from './limits.ts'

/** Joined to the key and hashed, by every server that speaks WebSocket (RFC 6455, section 1.3). */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Interim answers (1xx) before the real one; a target that sends them without end is broken. */
const MAX_INTERIM_ANSWERS = 10

/** What is asked for in the handshake. */
export interface Handshake {
  readonly request: HttpRequest
  /** Base64 of 16 random bytes. */
  readonly key: string
  readonly subprotocol: string | undefined
}

/** The request for an upgrade, a character for a byte. */
export function handshakeText({ request, key, subprotocol }: Handshake): string {
  const { host: _host, ...own } = request.headers
  const fields = {
    'user-agent': 'hotspare-health',
    ...own,
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    ...(subprotocol === undefined ? {} : { 'sec-websocket-protocol': subprotocol }),
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${requestPath(request)} HTTP/1.1\r\nhost: ${authority(request)}\r\n${lines.join('')}\r\n`
}

/** Collects the header of the answer. Keeps `headerBytes` at most. */
export class HandshakeReader {
  #bytes: Buffer = Buffer.alloc(0)
  #interim = 0

  /** @returns the header and what came after it; what is wrong; undefined while it is not whole */
  add(chunk: Buffer): { readonly status: number; readonly headers: readonly HeaderField[]; readonly rest: Buffer } | Finding | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    for (;;) {
      const end = this.#bytes.subarray(0, websocketLimits.headerBytes + 4).indexOf('\r\n\r\n')
      if (end < 0) {
        if (this.#bytes.length < websocketLimits.headerBytes + 4) return undefined
        return failed('header-overflow', `the header is longer than ${websocketLimits.headerBytes} bytes`)
      }
      const head = parseResponseHead(this.#bytes.toString('latin1', 0, end))
      if ('problem' in head) return failed('protocol', `not HTTP: ${head.problem}`)
      this.#bytes = this.#bytes.subarray(end + 4)
      if (head.status === 101 || head.status >= 200) return { ...head, rest: this.#bytes }
      if (++this.#interim > MAX_INTERIM_ANSWERS) return failed('protocol', `more than ${MAX_INTERIM_ANSWERS} interim answers (1xx)`)
    }
  }
}

/** @returns what is wrong with the answer, or undefined where the connection speaks WebSocket now (RFC 6455, section 4.1) */
export function judgeHandshake(
  { status, headers }: { readonly status: number; readonly headers: readonly HeaderField[] },
  { key, subprotocol }: Pick<Handshake, 'key' | 'subprotocol'>,
): Finding | undefined {
  if (status !== 101) return failed('status', `${status} ${STATUS_CODES[status] ?? ''}`.trim().concat(', expected 101 Switching Protocols'))
  const hasToken = (name: string, token: string) =>
    valuesOf(headers, name).some((value) => value.split(',').some((part) => part.trim().toLowerCase() === token))
  if (!hasToken('upgrade', 'websocket') || !hasToken('connection', 'upgrade')) return failed('protocol', '101, but not to WebSocket')
  const accepts = valuesOf(headers, 'sec-websocket-accept')
  if (accepts.length !== 1 || accepts[0] !== acceptFor(key)) {
    return failed('protocol', '101, but Sec-WebSocket-Accept is not the answer to our key')
  }
  if (valuesOf(headers, 'sec-websocket-extensions').length > 0) return failed('protocol', '101, with extensions that were not asked for')
  const chosen = valuesOf(headers, 'sec-websocket-protocol')
  if (subprotocol === undefined)
    return chosen.length === 0 ? undefined : failed('protocol', '101, with a subprotocol that was not asked for')
  if (chosen.length === 1 && chosen[0] === subprotocol) return undefined
  return failed('unexpected', `101, but without the subprotocol ${subprotocol}`)
}

export function acceptFor(key: string): string {
  return createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64')
}
