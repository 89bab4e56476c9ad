import { isIPv6 } from 'node:net'

/** Letters, digits and what RFC 3986, 3.2.2 allows beside them; an address in brackets; a port. */
const AUTHORITY = /^(?:\[([\da-f:.]+)\]|([\w.~!$&'()*+,;=-]|%[\da-f]{2})+)(?::(\d{0,5}))?$/i
/** An empty label makes no name, and nginx has none of it; but for the dot at the end of a full one. */
const NO_NAME = /^\.|\.\./
const HIGHEST_PORT = 65_535

/** Whether this is a host with an optional port, as in `Host` (RFC 9110, 7.2). Not with a user in front (RFC 9110, 4.2.4). */
export function isAuthority(text: string): boolean {
  // Nearly all.
  if (/^[a-z\d-]+(?:\.[a-z\d-]+)*(?::\d{1,4})?$/.test(text)) return true
  const found = AUTHORITY.exec(text)
  if (found === null || NO_NAME.test(text)) return false
  const [, address, , port] = found
  return (address === undefined || isIPv6(address)) && Number(port ?? 0) <= HIGHEST_PORT
}

/** What `CONNECT` names: a host, and a port that must be there (RFC 9112, 3.2.3). */
export function isTunnelAuthority(text: string): boolean {
  return isAuthority(text) && /:\d+$/.test(text)
}

/** Whether both name the same: letters in any case, a default port there or not. */
export function sameAuthority(one: string, other: string, defaultPort: string): boolean {
  return one === other || plain(one, defaultPort) === plain(other, defaultPort)
}

function plain(authority: string, defaultPort: string): string {
  const small = authority.toLowerCase()
  const port = /:\d*$/.exec(small)?.[0]
  return port === ':' || port === `:${defaultPort}` ? small.slice(0, -port.length) : small
}
