import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { failed, type Finding } from '../failure.ts'
import { HeadReader } from '../http/head-reader.ts'
import { authority, type HttpRequest, requestPath } from '../http/request.ts'
import { MAX_INTERIM_ANSWERS, type ResponseHead, valuesOf } from '../http/response-head.ts'
import { websocketLimits } from './limits.ts'

/** Joined to the key and hashed, by every server that speaks WebSocket (RFC 6455, section 1.3). */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

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

/** The head of the answer that counts, and what came after it. */
interface HandshakeAnswer extends ResponseHead {
  readonly rest: Buffer
}

/** Collects the header of the answer, past those of interim answers. */
export class HandshakeReader {
  readonly #heads = new HeadReader(websocketLimits.headerBytes)
  #interim = 0

  /** @returns the answer, or what is wrong with it; undefined while it is not whole */
  add(chunk: Buffer): HandshakeAnswer | Finding | undefined {
    for (let end = this.#heads.add(chunk); end; end = this.#heads.add(end.rest)) {
      if (end.kind === 'problem') return failed(end.reason, end.text)
      const { head, rest } = end
      if (head.status === 101 || head.status >= 200) return { ...head, rest }
      if (++this.#interim > MAX_INTERIM_ANSWERS) return failed('protocol', `more than ${MAX_INTERIM_ANSWERS} interim answers (1xx)`)
    }
    return undefined
  }
}

/** @returns what is wrong with the answer, or undefined where the connection speaks WebSocket now (RFC 6455, section 4.1) */
export function judgeHandshake(
  { status, headers }: ResponseHead,
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
