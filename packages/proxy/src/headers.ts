/** Header lists are flat, as Node and undici have them: name, value, name, value, ... */
export type FlatHeaders = readonly string[]

/** Meant for one connection alone (RFC 9110, 7.6.1); `Connection` may name more. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Ours to write; what the client sent of these is replaced or extended. */
const FORWARDING: ReadonlySet<string> = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'])

export interface ClientFacts {
  /** The client's address as the socket has it. */
  readonly address: string
  readonly protocol: 'http' | 'https'
  /** The `Host` that the client asked for. */
  readonly host: string
}

/**
 * The headers of a request as the target sees them: hop-by-hop ones gone, `Forwarded` (RFC 7239), `X-Forwarded-*`
 * and `Via` added, everything else in its order and spelling.
 *
 * @param mode `replace` believes nobody; `append` keeps what a proxy in front has written
 */
export function requestHeaders(received: FlatHeaders, client: ClientFacts, mode: 'replace' | 'append'): string[] {
  const named = connectionOptions(received)
  const sent: string[] = []
  const before: Record<string, string> = {}
  for (let index = 0; index < received.length; index += 2) {
    const name = received[index] ?? ''
    const value = received[index + 1] ?? ''
    const key = name.toLowerCase()
    if (HOP_BY_HOP.has(key) || named.has(key) || key === 'expect' || key === 'host') continue
    if (FORWARDING.has(key)) before[key] = before[key] === undefined ? value : `${before[key]}, ${value}`
    else sent.push(name, value)
  }
  const kept = mode === 'append' ? before : {}
  const address = plainAddress(client.address)
  sent.push('host', client.host)
  sent.push('x-forwarded-for', join(kept['x-forwarded-for'], address))
  sent.push('x-forwarded-host', kept['x-forwarded-host'] ?? client.host)
  sent.push('x-forwarded-proto', kept['x-forwarded-proto'] ?? client.protocol)
  sent.push('forwarded', join(kept['forwarded'], forwardedElement(address, client)))
  sent.push('via', '1.1 hotspare')
  return sent
}

/** The headers of an answer as the client sees them. */
export function responseHeaders(received: FlatHeaders): string[] {
  const named = connectionOptions(received)
  const sent: string[] = []
  for (let index = 0; index < received.length; index += 2) {
    const name = received[index] ?? ''
    const key = name.toLowerCase()
    if (!HOP_BY_HOP.has(key) && !named.has(key)) sent.push(name, received[index + 1] ?? '')
  }
  return sent
}

/** The value of the first header of that name, or undefined. */
export function headerValue(headers: FlatHeaders, name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}

/** How often a header of that name stands in the list. */
export function headerCount(headers: FlatHeaders, name: string): number {
  let count = 0
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) count += 1
  }
  return count
}

function connectionOptions(headers: FlatHeaders): ReadonlySet<string> {
  const value = headerValue(headers, 'connection')
  if (value === undefined || /^(?:keep-alive|close|upgrade)$/i.test(value)) return NO_OPTIONS
  return new Set(value.split(',').map((option) => option.trim().toLowerCase()))
}

const NO_OPTIONS: ReadonlySet<string> = new Set()

/** An IPv4 client of a dual-stack socket shows as `::ffff:192.0.2.1`. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}

function forwardedElement(address: string, client: ClientFacts): string {
  const node = address.includes(':') ? `"[${address}]"` : address || 'unknown'
  return `for=${node};host=${quoted(client.host)};proto=${client.protocol}`
}

/** A token stands as it is; anything else is a quoted string (RFC 7239, 4). */
function quoted(value: string): string {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

function join(before: string | undefined, value: string): string {
  return before ? `${before}, ${value}` : value
}
