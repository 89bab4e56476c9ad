import type { PickedAnswer } from '../types.ts'
import type { RoutedRequest } from './types.ts'

export type RedirectStatus = 301 | 302 | 303 | 307 | 308

/** Where a redirect leads. */
export type Redirect = RedirectTo | RedirectToHttps

export interface RedirectTo {
  /** `https://new.example.org/here`, or a path of the same host: `/here`. */
  readonly to: string
  /** Whether path and query of the request are put behind `to`. Default: false */
  readonly keepPath?: boolean | undefined
  /** Default: 308, which keeps the method and is remembered by browsers */
  readonly status?: RedirectStatus | undefined
}

export interface RedirectToHttps {
  /** The same host, path and query by `https`, on this port. */
  readonly https: { readonly port?: number | undefined }
  readonly status?: RedirectStatus | undefined
}

const DEFAULT_STATUS = 308
const HTTPS_PORT = 443

/** What is wrong with the address of a redirect; undefined: nothing. */
export function problemOfRedirect({ to, keepPath = false }: RedirectTo): string | undefined {
  if (!/^[\u0021-\u007e]+$/.test(to)) return 'an address has no spaces and is written in ASCII'
  // Two slashes would begin another host, and browsers read a backslash as a slash.
  if (to.includes('\\') || to.startsWith('//')) return 'it begins with one slash or with http:// or https://, and has no backslash'
  if (!to.startsWith('/') && !isAbsolute(to)) return 'it begins with one slash or with http:// or https:// and a host'
  if (keepPath && /[?#]/.test(to)) return 'behind a query or a fragment no path can follow'
  return undefined
}

function isAbsolute(to: string): boolean {
  if (!/^https?:\/\/[^/?#@]+(?:[/?#]|$)/i.test(to)) return false
  return URL.canParse(to)
}

/**
 * The answer that sends a client elsewhere. A host that goes into it is the one of the request, which the proxy has found
 * sound, and its path is put behind that host: nothing in a path can make another host of it.
 *
 * @returns 400 where the request names no host and one is needed
 */
export function redirectAnswer(redirect: Redirect, request: RoutedRequest): PickedAnswer {
  const { status = DEFAULT_STATUS } = redirect
  const location = locationOf(redirect, request)
  if (location === undefined) return { answer: { status: 400, reason: 'a redirect to https needs a host, and the request names none' } }
  return { answer: { status, headers: { location }, body: '', reason: `redirected with ${status}` } }
}

function locationOf(redirect: Redirect, request: RoutedRequest): string | undefined {
  const path = request.path ?? '/'
  if ('https' in redirect) {
    const name = (request.host ?? '').replace(/:\d*$/, '')
    const { port = HTTPS_PORT } = redirect.https
    return name === '' ? undefined : `https://${name}${port === HTTPS_PORT ? '' : `:${port}`}${path}`
  }
  return redirect.keepPath ? keepingPath(redirect.to, path) : redirect.to
}

/** With one slash between them: two at the beginning would name another host. */
function keepingPath(to: string, path: string): string {
  const base = to.replace(/\/+$/, '')
  return base === '' ? path.replace(/^[/\\]+/, '/') : `${base}${path}`
}
