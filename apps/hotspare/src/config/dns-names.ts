import { canonicalName } from '@hotspare/dns'
import { HotspareError } from '@hotspare/core'
import { bad, good, type Reading } from './addresses.ts'

/** A name of DNS, absolute: in lower case, without a dot at its end. */
export function readDnsName(text: string): Reading<string> {
  try {
    return good(canonicalName(text.trim()))
  } catch (error) {
    if (!HotspareError.is(error)) throw error
    return bad('labels of letters, digits, hyphens and underscores with dots between them; other scripts in their xn-- form')
  }
}

/** `www` within a zone, as an absolute name; `@` is the zone itself. */
export function absoluteName(name: string, zone: string): string {
  if (name === '@') return zone
  return name === zone || name.endsWith(`.${zone}`) ? name : `${name}.${zone}`
}

/** A name within a zone, or `@`. */
export function readNameWithin(text: string): Reading<string> {
  return text.trim() === '@' ? good('@') : readDnsName(text)
}
