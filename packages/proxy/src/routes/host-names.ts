/** A host as routes compare it: in small letters, without port, and without the dot at the end of a full name. */

const NAME = /^[a-z\d_-]+(?:\.[a-z\d_-]+)*$/

/**
 * @param host of a request that was found sound: name or address, port or not
 * @returns empty where the request names none; undefined where its name is written with escapes, which some undo
 */
export function hostOf(host: string): string | undefined {
  if (host.startsWith('[')) return plainAddress(host.slice(0, host.indexOf(']') + 1))
  const colon = host.indexOf(':')
  const name = (colon === -1 ? host : host.slice(0, colon)).toLowerCase()
  if (name.includes('%')) return undefined
  return name.endsWith('.') ? name.slice(0, -1) : name
}

/** What a route is for: one host, or those below a name. */
export type HostPattern =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact'; readonly host: string }
  /** `.example.org`: every name with one label or more in front of it. */
  | { readonly kind: 'below'; readonly suffix: string }

/** @returns a text where the pattern is none: what is wrong */
export function readHostPattern(pattern: string | undefined): HostPattern | string {
  if (pattern === undefined) return { kind: 'any' }
  if (pattern.startsWith('[')) {
    const address = /^\[[\da-f:.]+\]$/i.test(pattern) ? plainAddress(pattern) : undefined
    return address === undefined ? 'the address in brackets is none of IPv6' : { kind: 'exact', host: address }
  }
  const small = pattern.toLowerCase().replace(/\.$/, '')
  const isBelow = small.startsWith('*.')
  const name = isBelow ? small.slice(2) : small
  if (name.includes('*')) return 'a "*" stands for the first labels alone, as in *.example.org; a route for every host names none'
  if (name.includes(':')) return 'a host has no port here, and an IPv6 address stands in brackets'
  // eslint-disable-next-line no-control-regex
  if (/[^\u0000-\u007f]/.test(name)) return `the name has to be written as clients send it: ${asciiOf(name)}`
  if (!NAME.test(name)) return 'the host is no name of letters, digits, "-", "_" and single dots'
  return isBelow ? { kind: 'below', suffix: `.${name}` } : { kind: 'exact', host: name }
}

function asciiOf(name: string): string {
  try {
    return new URL(`http://${name}`).hostname
  } catch {
    return 'in punycode'
  }
}

/** One of the many ways to write an IPv6 address: RFC 5952. */
function plainAddress(bracketed: string): string | undefined {
  try {
    return new URL(`http://${bracketed}`).hostname
  } catch {
    return undefined
  }
}
