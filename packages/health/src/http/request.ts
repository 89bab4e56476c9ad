import { isIP } from 'node:net'
import type { ConnectTo } from '../connection-options.ts'

/** One request, as it is made of a probe's options or of a redirect. */
export interface HttpRequest {
  readonly method: string
  readonly url: URL
  /** The caller's own, names in lower case, `host` among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
  /** Where to connect to instead of the URL's host and port. */
  readonly connectTo: ConnectTo
  /** The name asked for in TLS, where it is not that of the Host header or of the URL. */
  readonly servername: string | undefined
}

/** What the probe says of itself, where the caller says nothing else. */
const USUAL_HEADERS: Readonly<Record<string, string>> = {
  accept: '*/*',
  // A compressed body could not be compared with the expected text.
  'accept-encoding': 'identity',
  'user-agent': 'hotspare-health',
}

/** A redirect to another origin takes these along; what else a caller sets may be a secret. */
const HARMLESS_HEADERS = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent'])

/** @returns the fields of the header, without those of a version of HTTP: host, length, connection */
export function requestFields({ headers }: HttpRequest): Readonly<Record<string, string>> {
  const { host: _host, ...own } = headers
  return { ...USUAL_HEADERS, ...own }
}

/** What Host, or `:authority`, says. */
export function authority({ headers, url }: HttpRequest): string {
  return headers['host'] ?? url.host
}

export function requestPath({ url }: HttpRequest): string {
  return `${url.pathname}${url.search}`
}

/** The request in HTTP/1.1, a character for a byte; the body follows it. */
export function http1Text(request: HttpRequest): string {
  const { method, body } = request
  const fields = Object.entries(requestFields(request)).map(([name, value]) => `${name}: ${value}\r\n`)
  // A server may refuse a POST that says no length.
  const length = body === undefined && method !== 'POST' && method !== 'PUT' ? '' : `content-length: ${body?.length ?? 0}\r\n`
  return `${method} ${requestPath(request)} HTTP/1.1\r\nhost: ${authority(request)}\r\n${fields.join('')}${length}connection: close\r\n\r\n`
}

/** The host and port that a request is sent to, IPv6 without brackets. */
export function destination({ url, connectTo }: HttpRequest): { readonly host: string; readonly port: number } {
  const usualPort = url.protocol === 'https:' ? 443 : 80
  return { host: connectTo.host ?? bareHost(url), port: connectTo.port ?? (url.port === '' ? usualPort : Number(url.port)) }
}

/** The name or address that the certificate must be for. */
export function certifiedName(request: HttpRequest): string {
  return request.servername ?? hostName(request.headers['host']) ?? bareHost(request.url)
}

/**
 * What a redirect asks for. One to the same origin, or to the name in the Host header, stays with the target that was asked,
 * wherever that is connected to. One to another origin goes to the address in it, and takes no secret along.
 *
 * @returns a clause for people where it is not to be followed
 */
export function redirected(from: HttpRequest, status: number, location: string): HttpRequest | string {
  const asked = originAsked(from)
  if (!URL.canParse(location, asked.href)) return 'redirects to what is no address'
  const to = new URL(location, asked)
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return 'redirects to what is not HTTP'
  const method = methodAfter(from.method, status)
  const body = method === from.method ? from.body : undefined
  const headers = body === undefined ? without(from.headers, (name) => name.startsWith('content-')) : from.headers
  if (to.origin === asked.origin || to.origin === from.url.origin) {
    const url = new URL(from.url)
    url.pathname = to.pathname
    url.search = to.search
    return { ...from, url, method, body, headers }
  }
  if (body !== undefined) return 'redirects to another origin, where the body of the request does not go'
  // Nor the user and password that it may name.
  const url = new URL(`${to.origin}${to.pathname}${to.search}`)
  return { url, method, body, headers: without(headers, (name) => !HARMLESS_HEADERS.has(name)), connectTo: {}, servername: undefined }
}

/** What browsers do (Fetch, section 4.4): 303 asks with GET, and so do 301 and 302 after a POST. */
function methodAfter(method: string, status: number): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET'
  return method === 'POST' && (status === 301 || status === 302) ? 'GET' : method
}

/** The URL as the server sees it: with the host that the request named. */
function originAsked(request: HttpRequest): URL {
  const named = `${request.url.protocol}//${authority(request)}${requestPath(request)}`
  return URL.canParse(named) ? new URL(named) : request.url
}

/** `shop.example` of `shop.example:8080`; undefined for an address, which is no name to ask for. */
function hostName(host: string | undefined): string | undefined {
  const name = host?.replace(/:\d*$/, '')
  return name === undefined || name === '' || name.startsWith('[') || isIP(name) !== 0 ? undefined : name
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function without(headers: Readonly<Record<string, string>>, leavesOut: (name: string) => boolean): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !leavesOut(name)))
}
