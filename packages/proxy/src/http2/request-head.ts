/** A request of HTTP/2 in the words of HTTP/1.1. */
export interface RequestText {
  readonly method: string
  /** In latin1. */
  readonly head: string
  /** The body goes in chunks, as its length is not known. */
  readonly chunked: boolean
}

/** Why a request is none (RFC 9113, 8.1.1). */
export interface Malformed {
  readonly because: string
}

/** Meant for one connection of HTTP/1.1 alone; a request of HTTP/2 that has one is malformed (RFC 9113, 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])

/** A token in small letters (RFC 9113, 8.2.1). */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
/** What could end a line, or a word of the first line. */
// eslint-disable-next-line no-control-regex
const BREAKS_LINE = /[\r\n\0]/
// eslint-disable-next-line no-control-regex
const BREAKS_WORD = /[\0- ]/

/**
 * The head of a request of HTTP/2 as one of HTTP/1.1, to be read and judged like any other. What is looked at here is only
 * what HTTP/2 could bring in that HTTP/1.1 has no place for, and above all that nothing in it can end a line: what
 * is one field there is one line here, or nothing at all.
 *
 * @param flat names and values in turn, one character a byte, pseudo-header fields first
 * @param hasBody whether more is to come behind the head
 * @returns the head says where the body ends, and that no other request follows
 */
export function requestHeadText(flat: readonly string[], hasBody: boolean): RequestText | Malformed {
  const pseudo = new Map<string, string>()
  let lines = ''
  let cookies = ''
  let hasLength = false
  let ordinary = false
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] ?? ''
    const value = flat[index + 1] ?? ''
    if (name.startsWith(':')) {
      if (ordinary || pseudo.has(name) || !PSEUDO.has(name)) return { because: 'a pseudo-header field is unknown, doubled or late' }
      if (BREAKS_WORD.test(value)) return { because: `${name} contains a space or a control character` }
      pseudo.set(name, value)
      continue
    }
    ordinary = true
    if (!NAME.test(name)) return { because: 'the name of a field is no token in small letters' }
    if (BREAKS_LINE.test(value)) return { because: 'the value of a field would end its line' }
    if (CONNECTION_FIELDS.has(name)) return { because: `${name} has no place in HTTP/2` }
    if (name === 'te') {
      if (value !== 'trailers') return { because: 'te says something other than trailers' }
    } else if (name === 'cookie') cookies += cookies === '' ? value : `; ${value}`
    // The same once more, as some clients have it; one that differs stays, so that there are two.
    else if (name !== 'host' || value !== pseudo.get(':authority')) lines += `${name}: ${value}\r\n`
    hasLength ||= name === 'content-length'
  }
  const line = requestLine(pseudo)
  if (typeof line !== 'string') return line
  const authority = pseudo.get(':authority')
  const host = authority === undefined ? '' : `host: ${authority}\r\n`
  const cookie = cookies === '' ? '' : `cookie: ${cookies}\r\n`
  const chunked = hasBody && !hasLength
  const framing = chunked ? 'transfer-encoding: chunked\r\n' : ''
  const head = `${line}\r\n${host}${lines}${cookie}${framing}connection: close\r\n\r\n`
  return { method: pseudo.get(':method') ?? '', head, chunked }
}

const PSEUDO: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path'])

function requestLine(pseudo: ReadonlyMap<string, string>): string | Malformed {
  const method = pseudo.get(':method')
  const path = pseudo.get(':path')
  const authority = pseudo.get(':authority')
  if (method === undefined) return { because: 'there is no :method' }
  if (method === 'CONNECT') {
    return path === undefined && authority !== undefined ? `CONNECT ${authority} HTTP/1.1` : { because: 'CONNECT wants a host and no path' }
  }
  if (path === undefined || !(path.startsWith('/') || (path === '*' && method === 'OPTIONS'))) return { because: ':path is no path' }
  return /^https?$/.test(pseudo.get(':scheme') ?? '') ? `${method} ${path} HTTP/1.1` : { because: ':scheme is neither http nor https' }
}
