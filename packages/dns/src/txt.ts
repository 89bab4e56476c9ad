import { clipDetail } from '@hotspare/core'
import { dnsError } from './errors.ts'

/** A record's data is 65,535 octets at most, and each 255 of a text take one more for their length. RFC 1035, 3.3.14. */
export const MOST_TXT_BYTES = 65_279

/** How long one string of a record may be. RFC 1035, 3.3. */
const STRING_BYTES = 255

/** One string of the presentation form, with what stands between it and the next; or a word without quotation marks. */
const STRING = /\s*(?:"((?:[^"\\]|\\[^])*)"|((?:[^"\\\s]|\\[^])+))(?=\s|"|$)/y

/**
 * A text as zone files and many APIs write it: strings of up to 255 octets in quotation marks; what is not printable ASCII as
 * three decimal digits. RFC 1035, 5.1.
 */
export function quoteTxt(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  const strings: string[] = []
  for (let start = 0; start === 0 || start < bytes.length; start += STRING_BYTES) {
    strings.push(`"${[...bytes.subarray(start, start + STRING_BYTES)].map(escaped).join('')}"`)
  }
  return strings.join(' ')
}

/**
 * The text of its presentation form: the strings, put together.
 *
 * @throws HotspareError `HOTSPARE_DNS_VALUE` when it is none, or no UTF-8
 */
export function unquoteTxt(presented: string): string {
  const parts: Buffer[] = []
  const rest = presented.trimEnd()
  STRING.lastIndex = 0
  while (STRING.lastIndex < rest.length) {
    const found = STRING.exec(rest)
    if (!found) throw unreadable(presented)
    parts.push(unescaped(found[1] ?? found[2] ?? '', presented))
  }
  const bytes = Buffer.concat(parts)
  const text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw unreadable(presented)
  return text
}

function escaped(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
  return byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`
}

function unescaped(text: string, presented: string): Buffer {
  const parts: Buffer[] = []
  for (const [, digits, character, plain] of text.matchAll(/\\(\d{3})|\\([^])|([^\\]+)/gu)) {
    if (digits !== undefined && Number(digits) > 255) throw unreadable(presented)
    parts.push(digits === undefined ? Buffer.from(character ?? plain ?? '', 'utf8') : Buffer.of(Number(digits)))
  }
  return Buffer.concat(parts)
}

function unreadable(presented: string): Error {
  return dnsError('HOTSPARE_DNS_VALUE', `value: TXT "${clipDetail(presented, 80)}" cannot be read as text`)
}
