import type { RecordType } from '../record-set.ts'
import { quoteTxt, unquoteTxt } from '../txt.ts'

/** At which word of a value a name stands that can be relative. */
const NAME_AT: Readonly<Partial<Record<RecordType, number>>> = { CNAME: 0, ALIAS: 0, SRV: 3, HTTPS: 1 }

/** A canonical value as zone files write it: names with a dot at their end, so that they are absolute, and TXT in quotation marks. */
export function zoneText(type: RecordType, value: string): string {
  return type === 'TXT' ? quoteTxt(value) : withName(type, value, (name) => (name.endsWith('.') ? name : `${name}.`))
}

/**
 * What {@link zoneText} makes, back; names may be without the dot. Canonical only after `recordSet`.
 *
 * @param origin what names without a dot at their end are relative to; undefined where such names are absolute
 * @throws HotspareError `HOTSPARE_DNS_VALUE` for a TXT that cannot be read
 */
export function fromZoneText(type: RecordType, text: string, origin?: string): string {
  if (type === 'TXT') return unquoteTxt(text)
  if (origin === undefined) return text
  return withName(type, text, (name) => (name.endsWith('.') ? name : `${name === '@' ? '' : `${name}.`}${origin}.`))
}

/** TXT where an API takes and gives both forms: in quotation marks, or as it is. @throws HotspareError `HOTSPARE_DNS_VALUE` */
export function fromEitherTxt(text: string): string {
  return text.startsWith('"') ? unquoteTxt(text) : text
}

function withName(type: RecordType, value: string, change: (name: string) => string): string {
  const place = NAME_AT[type]
  if (place === undefined) return value
  const words = value.split(' ')
  return words.map((word, index) => (index === place ? change(word) : word)).join(' ')
}
