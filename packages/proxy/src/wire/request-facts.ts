import type { IncomingHttpHeaders } from 'node:http'
import type { ClientTls, ProxyRequest } from '../types.ts'
import type { RequestHead } from './request-head.ts'

/** What Node keeps the first of, where there are several (`IncomingMessage.headers`). */
const FIRST_ONLY: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/** The client's socket, one of `node:tls` where it is encrypted. */
export interface ClientAddress {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  /** Absent: one of HTTP/1. */
  readonly httpProtocol?: 'HTTP/2.0' | undefined
  readonly getProtocol?: (() => string | null) | undefined
  readonly servername?: string | boolean | null | undefined
}

/** A request, as far as a picker or a log may care. Most do not: the headers are read from the head's bytes when asked for. */
export class RequestFacts implements ProxyRequest {
  readonly method: string
  readonly url: string
  readonly host: string
  readonly path: string
  readonly protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2.0'
  readonly #client: ClientAddress
  readonly #bytes: Buffer
  readonly #from: number
  readonly #to: number
  #fields: string | undefined
  #headers: IncomingHttpHeaders | undefined

  constructor(head: RequestHead, client: ClientAddress) {
    const { bytes, fields, end } = head
    this.method = head.method
    this.url = head.target.form === 'origin' ? head.path : bytes.toString('latin1', head.targetStart, head.targetEnd)
    this.host = head.host
    this.path = head.path
    this.protocol = client.httpProtocol ?? (head.minorVersion === 1 ? 'HTTP/1.1' : 'HTTP/1.0')
    this.#client = client
    // The head is a view that ends soon; its bytes stay.
    this.#bytes = bytes
    this.#from = fields.count === 0 ? end : fields.nameStart(0)
    this.#to = end
  }

  get remoteAddress(): string | undefined {
    return this.#client.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.#client.remotePort
  }

  get tls(): ClientTls | undefined {
    return tlsOf(this.#client)
  }

  get headers(): IncomingHttpHeaders {
    this.#headers ??= readHeaders(this.#text())
    return this.#headers
  }

  header(name: string): string | undefined {
    return findHeader(this.#text(), name)
  }

  #text(): string {
    this.#fields ??= this.#bytes.toString('latin1', this.#from, this.#to)
    return this.#fields
  }
}

/** Who sent something that was not understood, and its first line. */
export function unreadFacts(client: ClientAddress, firstLine: string): ProxyRequest {
  const { remoteAddress, remotePort } = client
  return {
    method: '-',
    url: '',
    host: '',
    protocol: '',
    headers: {},
    header: () => undefined,
    remoteAddress,
    remotePort,
    tls: tlsOf(client),
    unread: firstLine,
  }
}

function tlsOf(client: ClientAddress): ClientTls | undefined {
  if (!client.getProtocol) return undefined
  const { servername } = client
  return { version: client.getProtocol() ?? undefined, serverName: typeof servername === 'string' ? servername : undefined }
}

const COLON = 0x3a

/** Of lines that have been found sound. */
function findHeader(text: string, name: string): string | undefined {
  let at = 0
  while (at < text.length) {
    const end = text.indexOf('\r\n', at)
    if (end === -1) return undefined
    const colon = at + name.length
    if (text.charCodeAt(colon) === COLON && text.slice(at, colon).toLowerCase() === name) return trimmed(text.slice(colon + 1, end))
    at = end + 2
  }
  return undefined
}

/** Of lines that have been found sound. */
function readHeaders(text: string): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {}
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon === -1) continue
    const name = line.slice(0, colon).toLowerCase()
    const value = trimmed(line.slice(colon + 1))
    // A header may have any name, that of a method too.
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (name === 'set-cookie') headers['set-cookie'] = [...(headers['set-cookie'] ?? []), value]
    else if (before === undefined) headers[name] = value
    else if (!FIRST_ONLY.has(name)) headers[name] = `${String(before)}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers
}

function trimmed(value: string): string {
  return value.replaceAll(/^[\t ]+|[\t ]+$/g, '')
}
