import type { IncomingMessage } from 'node:http'
import { headerCount } from './headers.ts'

/** Where a request wants to go, or why it goes nowhere. */
export type RequestLine = { readonly path: string; readonly host: string } | { readonly refuse: 400 | 501 | 505; readonly because: string }

/** A name or an address, and a port (RFC 3986, 3.2.2 and 3.2.3). */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d*)?$/i

/**
 * Path and host of a request. An absolute target (RFC 9112, 3.2.2) brings its own host, which then counts;
 * anything that leaves two readings open is refused.
 */
export function readRequestLine(request: Pick<IncomingMessage, 'url' | 'rawHeaders' | 'headers' | 'httpVersion'>): RequestLine {
  const { url: target = '', rawHeaders, headers, httpVersion } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return { refuse: 505, because: `HTTP/${httpVersion} is not spoken here` }
  if (headerCount(rawHeaders, 'host') > 1) return bad('there is more than one Host')
  if (headerCount(rawHeaders, 'content-length') > 1) return bad('there is more than one Content-Length')
  // What other codings do to the body we would have to undo (RFC 9112, 6.1).
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return { refuse: 501, because: 'a transfer coding other than chunked' }
  const { host = '' } = headers
  if (!HOST.test(host) && !(host === '' && httpVersion === '1.0')) return bad('the Host is none')
  if (target.startsWith('/')) return { path: target, host }
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return bad('the target is no path')
  const url = new URL(target)
  return { path: `${url.pathname}${url.search}`, host: url.host }
}

function bad(because: string): RequestLine {
  return { refuse: 400, because }
}
