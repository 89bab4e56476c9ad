import { assertNever, clipDetail, type HotspareError } from '@hotspare/core'
import { parseValue, presentValue } from '@hotspare/dns-wire'
import { dnsError } from './errors.ts'
import { canonicalName } from './name.ts'
import { LONGEST_TTL_SECONDS, type RecordSet, type RecordType } from './record-set.ts'
import { MOST_TXT_BYTES } from './txt.ts'

/**
 * A value in the one form in which values are compared: addresses by RFC 5952, names in lower case without a dot at their end, TXT as
 * the text itself, without quotation marks; SRV and HTTPS as zone files write them.
 *
 * @throws HotspareError `HOTSPARE_DNS_VALUE`
 */
export function canonicalValue(type: RecordType, text: string): string {
  switch (type) {
    case 'CNAME':
    case 'ALIAS':
      return canonicalName(text.trim())
    case 'TXT':
      if (/\p{Surrogate}/u.test(text) || Buffer.byteLength(text, 'utf8') > MOST_TXT_BYTES) throw unusable(type, text)
      return text
    case 'A':
    case 'AAAA':
    case 'SRV':
    case 'HTTPS':
      return asWireHasIt(type, text)
    default:
      return assertNever(type)
  }
}

/**
 * A set as everything here compares it: canonical, sorted, without twins.
 *
 * @throws HotspareError `HOTSPARE_DNS_VALUE`, also for a set without values and for a second CNAME
 */
export function recordSet(parts: {
  readonly name: string
  readonly type: RecordType
  readonly ttlSeconds: number
  readonly values: readonly string[]
}): RecordSet {
  const { type, ttlSeconds } = parts
  const name = canonicalName(parts.name)
  const values = [...new Set(parts.values.map((text) => canonicalValue(type, text)))].toSorted()
  if (values.length === 0) throw dnsError('HOTSPARE_DNS_VALUE', `set: ${name} ${type} has no values: a set is never empty`)
  if (values.length > 1 && (type === 'CNAME' || type === 'ALIAS')) {
    throw dnsError('HOTSPARE_DNS_VALUE', `set: ${name} ${type} has ${values.length} values: it can have one`)
  }
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > LONGEST_TTL_SECONDS) {
    throw dnsError('HOTSPARE_DNS_VALUE', `set: ${name} ${type}: a TTL is a whole number of seconds from 0 to ${LONGEST_TTL_SECONDS}`)
  }
  return { name, type, ttlSeconds, values }
}

/** Whether two sets say the same, however long they may be kept. Neither is the same as neither. */
export function sameValues(one: RecordSet | undefined, other: RecordSet | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  const { length } = one.values
  return length === other.values.length && one.values.every((value, index) => value === other.values[index])
}

/** Whether two sets are the same, TTL included. Neither is the same as neither. */
export function sameSet(one: RecordSet | undefined, other: RecordSet | undefined): boolean {
  return sameValues(one, other) && one?.ttlSeconds === other?.ttlSeconds
}

/** `www.example.com A 192.0.2.1, 192.0.2.2 (30 s)`, for people. */
export function formatSet(set: RecordSet): string {
  return `${set.name} ${set.type} ${clipDetail(set.values.join(', '), 100)} (${set.ttlSeconds} s)`
}

function asWireHasIt(type: 'A' | 'AAAA' | 'SRV' | 'HTTPS', text: string): string {
  try {
    return presentValue(type, parseValue(type, text.trim()))
  } catch (error) {
    throw unusable(type, text, error)
  }
}

function unusable(type: RecordType, text: string, cause?: unknown): HotspareError {
  return dnsError('HOTSPARE_DNS_VALUE', `value: "${clipDetail(text, 80)}" is no value of a record of type ${type}`, { cause })
}
