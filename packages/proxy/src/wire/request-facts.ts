import type { IncomingHttpHeaders } from 'node:http'
import type { PickRequest } from '../types.ts'
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

/** The client's socket. */
export interface ClientAddress {
  readonly remoteAddress?: string | undefined
}

/** A request, as far as a picker may care. Most pickers do not: the headers are read from the head's bytes when asked for. */
export class RequestFacts implements PickRequest {
  readonly method: string
  readonly url: string
  readonly #client: ClientAddress
  readonly #bytes: Buffer
  readonly #from: number
  readonly #to: number
  #headers: IncomingHttpHeaders | undefined

  constructor(head: RequestHead, client: ClientAddress) {
    const { bytes, fields, end } = head
    this.method = head.method
    this.url = head.target.form === 'origin' ? head.path : bytes.toString('latin1', head.targetStart, head.targetEnd)
    this.#client = client
    // The head is a view that ends soon; its bytes stay.
    this.#bytes = bytes
    this.#from = fields.count === 0 ? end : fields.nameStart(0)
    this.#to = end
  }

  get remoteAddress(): string | undefined {
    return this.#client.remoteAddress
  }

  get headers(): IncomingHttpHeaders {
    this.#headers ??= readHeaders(this.#bytes.toString('latin1', this.#from, this.#to))
    return this.#headers
  }
}

/** Of lines that have been found sound. */
function readHeaders(text: string): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {}
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon === -1) continue
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).replaceAll(/^[\t ]+|[\t ]+$/g, '')
    // A header may have any name, that of a method too.
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (name === 'set-cookie') headers['set-cookie'] = [...(headers['set-cookie'] ?? []), value]
    else if (before === undefined) headers[name] = value
    else if (!FIRST_ONLY.has(name)) headers[name] = `${String(before)}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers
}
