import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

export interface RequestFacts {
  readonly path: string
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly authorization: string | undefined
}

export type GuardDecision = { readonly allowed: true } | { readonly allowed: false; readonly status: 401 | 403; readonly error: string }

/** Probes of load balancers and supervisors carry no token. They tell no more than yes or no. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/**
 * Who may ask. With a token: whoever presents it. Without one the API listens on loopback alone, and a browser
 * on the same machine must not become the way in: a foreign page's request shows by its `Origin`, a rebound
 * name by its `Host`.
 */
export function guardRequest(request: RequestFacts, token: string | undefined): GuardDecision {
  if (OPEN_PATHS.has(request.path)) return { allowed: true }
  if (token !== undefined)
    return presents(request.authorization, token) ? { allowed: true } : deny(401, 'a token is needed: Authorization: Bearer TOKEN')
  if (request.host !== undefined && !isLoopback(hostName(request.host)))
    return deny(403, 'this API answers to localhost and to loopback addresses only')
  if (request.origin !== undefined && !isOwnPage(request.origin, request.host))
    return deny(403, 'pages of other origins may not use this API')
  return { allowed: true }
}

function presents(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? ''
  // Hashes are of one length, so the comparison tells nothing by its time.
  return timingSafeEqual(sha256(given), sha256(token))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function hostName(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

function isOwnPage(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase()
}

function deny(status: 401 | 403, error: string): GuardDecision {
  return { allowed: false, status, error }
}
