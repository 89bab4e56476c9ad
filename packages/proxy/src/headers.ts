/** Header lists are flat, as Node has them: name, value, name, value, ... */
export type FlatHeaders = readonly string[]

/** Meant for one connection alone (RFC 9110, 7.6.1); `Connection` may name more. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
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

/** What only a proxy may say of a client: taken off, or believed where it comes from a proxy in front. */
const FORWARDING = /^(?:forwarded|x-real-ip|x-forwarded(?:-.*)?)$/
/** Those that this proxy writes itself. */
const WRITTEN: ReadonlySet<string> = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])

/** What goes no further as it is, or says where a message ends. */
const OWN: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'host', 'content-length', 'expect'])

/**
 * Whether a name is one of ours but for its underscores. CGI, WSGI and their like put `X_Forwarded_For` and
 * `X-Forwarded-For` into the same variable, so one is as good as the other for a client that lies.
 */
function isAlias(key: string): boolean {
  if (!key.includes('_')) return false
  const name = key.replaceAll('_', '-')
  return OWN.has(name) || FORWARDING.test(name)
}

export interface ClientFacts {
  /** The client's address as the socket has it. */
  readonly address: string
  readonly protocol: 'http' | 'https'
  /** The `Host` that the client asked for. */
  readonly host: string
}

/**
 * The headers of a request as the target sees them: hop-by-hop ones gone, `Forwarded` (RFC 7239) and `X-Forwarded-*`
 * written, `Via` added to those of earlier hops (RFC 9110, 7.6.3), everything else in its order and spelling.
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
    if (HOP_BY_HOP.has(key) || named.has(key) || key === 'expect' || key === 'host' || isAlias(key)) continue
    if (!FORWARDING.test(key)) sent.push(name, value)
    else if (mode === 'append') {
      if (WRITTEN.has(key)) before[key] = join(before[key], value)
      else sent.push(name, value)
    }
  }
  const address = plainAddress(client.address)
  sent.push('host', client.host)
  sent.push('x-forwarded-for', join(before['x-forwarded-for'], address))
  sent.push('x-forwarded-host', before['x-forwarded-host'] ?? client.host)
  sent.push('x-forwarded-proto', before['x-forwarded-proto'] ?? client.protocol)
  sent.push('forwarded', join(before['forwarded'], forwardedElement(address, client)))
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

function connectionOptions(headers: FlatHeaders): ReadonlySet<string> {
  let options: Set<string> | undefined
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'connection') continue
    const value = headers[index + 1] ?? ''
    // By far the most common; these name no header that is not taken off anyway.
    if (/^(?:keep-alive|close|upgrade)$/i.test(value)) continue
    options ??= new Set()
    for (const option of value.split(',')) options.add(option.trim().toLowerCase())
  }
  return options ?? NO_OPTIONS
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

/** What a field may hold (RFC 9110, 5.5), one character a byte. */
export function isFieldValue(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text)
}
