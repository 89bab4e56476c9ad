import { clipDetail } from '@hotspare/core'
import { dnsError } from './errors.ts'

/** Of a name as text, without the dot at its end: 255 octets on the wire. RFC 1035, 2.3.4. */
const LONGEST_NAME = 253

/** Letters, digits, hyphens, and underscores for names of services; an asterisk alone in front, for wildcards. */
const NAME = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/** A name as everything here writes it: in lower case, without a dot at its end; undefined for what is none. */
export function readName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '')
  return name.length <= LONGEST_NAME && NAME.test(name) ? name : undefined
}

/** @throws HotspareError `HOTSPARE_DNS_VALUE` */
export function canonicalName(text: string): string {
  const name = readName(text)
  if (name !== undefined) return name
  const hint = 'expected labels of letters, digits, hyphens and underscores; other scripts in their xn-- form'
  throw dnsError('HOTSPARE_DNS_VALUE', `name: "${clipDetail(text, 80)}" is no name: ${hint}`)
}

/** Whether a zone could have such a name. Both as {@link canonicalName} writes them. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}

/** A name as many APIs want it: without the zone, and `apex` (`@`, or nothing) for the zone's own. */
export function relativeName(name: string, zone: string, apex = '@'): string {
  return name === zone ? apex : name.slice(0, -(zone.length + 1))
}
