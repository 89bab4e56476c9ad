import type { IncomingMessage } from 'node:http'
import { headerCount } from './headers.ts'

/**
 * Path and host of a request. An absolute target (RFC 9112, 3.2.2) brings its own host, which then counts;
 * anything that leaves two readings open is refused.
 */
export function readRequestLine(
  request: Pick<IncomingMessage, 'url' | 'rawHeaders' | 'headers'>,
): { path: string; host: string } | undefined {
  const target = request.url ?? ''
  const hosts = headerCount(request.rawHeaders, 'host')
  if (hosts > 1 || headerCount(request.rawHeaders, 'content-length') > 1) return undefined
  if (target.startsWith('/')) return { path: target, host: request.headers.host ?? '' }
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return undefined
  const url = new URL(target)
  return { path: `${url.pathname}${url.search}`, host: url.host }
}
