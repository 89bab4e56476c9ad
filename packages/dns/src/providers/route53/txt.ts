import { fromZoneText, zoneText } from '../zone-text.ts'
import type { RecordType } from '../../record-set.ts'

/** An escape of a text in quotation marks: of three digits, or of the sign that follows. */
const ESCAPE = /\\(?:(\d{3})|[^])/g

/**
 * A canonical value as Route 53 writes it: as zone files do, but with three octal digits for what is not printable.
 *
 * Source: Amazon Route 53 Developer Guide, Supported DNS record types: TXT record type
 */
export function route53Text(type: RecordType, value: string): string {
  return type === 'TXT' ? converted(zoneText(type, value), 10, 8) : zoneText(type, value)
}

/** What {@link route53Text} makes, back. @throws HotspareError `HOTSPARE_DNS_VALUE` for a TXT that cannot be read */
export function fromRoute53Text(type: RecordType, text: string): string {
  return type === 'TXT' ? fromZoneText(type, converted(text, 8, 10)) : text
}

/** A name as it is listed: `\052.example.com.` for `*.example.com`. @returns in lower case, without a dot at its end */
export function fromRoute53Name(text: string): string {
  const plain = text.replaceAll(ESCAPE, (escape, digits?: string) =>
    digits === undefined ? escape : String.fromCharCode(Number.parseInt(digits, 8)),
  )
  return plain.toLowerCase().replace(/\.$/, '')
}

function converted(text: string, from: number, to: number): string {
  return text.replaceAll(ESCAPE, (escape, digits?: string) => {
    const code = digits === undefined ? Number.NaN : Number.parseInt(digits, from)
    return Number.isNaN(code) ? escape : `\\${code.toString(to).padStart(3, '0')}`
  })
}
