/** What names of objects are made of: a subdomain of DNS, as RFC 1123 has it. */
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

/** Begins the names that had to be spelled otherwise, and no other. */
const SPELLED = 'x--'

/** All that a lease's name may have in it; the place of a character is its digit. */
const ALPHABET = '-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'

/**
 * The name of the object for a lease: the lease's own where Kubernetes takes that, else the lease's as a number in base 36
 * behind `x--`. Two leases never have one object. At most 153 characters and the prefix, of 253.
 */
export function objectName(prefix: string, lease: string): string {
  const isPlain = SUBDOMAIN.test(lease) && !lease.startsWith(SPELLED)
  return `${prefix}${isPlain ? lease : `${SPELLED}${asNumber(lease).toString(36)}`}`
}

/** No digit is zero, so that none gets lost in front. */
function asNumber(lease: string): bigint {
  const base = BigInt(ALPHABET.length + 1)
  return Array.from(lease).reduce((number, character) => number * base + BigInt(ALPHABET.indexOf(character) + 1), 0n)
}

/** @returns what is wrong with what the names of objects are to begin with, or undefined */
export function prefixProblem(prefix: string): string | undefined {
  if (prefix.length <= 63 && SUBDOMAIN.test(`${prefix}x`)) return undefined
  return 'up to 63 lower-case letters, digits, "-" and ".", beginning with a letter or digit'
}
