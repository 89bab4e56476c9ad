import { at, listAt, textAt } from '@hotspare/cloud'
import type { RecordSet, RecordType } from '../../record-set.ts'

/** A set as Azure has it. */
export interface AzureSet {
  readonly etag: string
  readonly ttlSeconds: number
  /** As the API writes them: not canonical. */
  readonly values: readonly string[]
  /** What people have written beside it: a set is put as a whole, and it has to stay. */
  readonly metadata: object | undefined
}

export type AzureRecords =
  | { readonly kind: 'set'; readonly set: AzureSet }
  /** It has no values: it follows another resource. */
  | { readonly kind: 'alias' }
  | { readonly kind: 'unreadable' }

/** How long one string of a TXT record may be. RFC 1035, 3.3. */
const STRING_BYTES = 255

/** The answer to a question for a set, or to a change of it. */
export function readSet(answer: unknown, type: RecordType): AzureRecords {
  const properties = at(answer, 'properties')
  const [etag, ttl, metadata] = [textAt(answer, 'etag'), at(properties, 'TTL'), at(properties, 'metadata')]
  if (textAt(properties, 'targetResource', 'id') !== undefined) return { kind: 'alias' }
  const values = valuesOf(properties, type)
  if (etag === undefined || typeof ttl !== 'number' || values.length === 0 || !isWhole(values)) return { kind: 'unreadable' }
  const isNoted = typeof metadata === 'object' && metadata !== null && Object.keys(metadata).length > 0
  return { kind: 'set', set: { etag, ttlSeconds: ttl, values, metadata: isNoted ? metadata : undefined } }
}

/** What is put in place of a set. */
export function setBody({ type, ttlSeconds, values }: RecordSet, metadata: object | undefined): object {
  return { properties: { TTL: ttlSeconds, ...recordsOf(type, values), ...(metadata ? { metadata } : {}) } }
}

function valuesOf(properties: unknown, type: RecordType): readonly (string | undefined)[] {
  switch (type) {
    case 'A':
      return listAt(properties, 'ARecords').map((record) => textAt(record, 'ipv4Address'))
    case 'AAAA':
      return listAt(properties, 'AAAARecords').map((record) => textAt(record, 'ipv6Address'))
    case 'CNAME':
      return [textAt(properties, 'CNAMERecord', 'cname')]
    case 'TXT':
      return listAt(properties, 'TXTRecords').map((record) => joined(at(record, 'value')))
    case 'SRV':
      return listAt(properties, 'SRVRecords').map((record) => {
        const words = ['priority', 'weight', 'port', 'target'].map((key) => textAt(record, key))
        return isWhole(words) ? words.join(' ') : undefined
      })
    case 'ALIAS':
    case 'HTTPS':
    default:
      return []
  }
}

function recordsOf(type: RecordType, values: readonly string[]): object {
  switch (type) {
    case 'A':
      return { ARecords: values.map((ipv4Address) => ({ ipv4Address })) }
    case 'AAAA':
      return { AAAARecords: values.map((ipv6Address) => ({ ipv6Address })) }
    case 'CNAME':
      return { CNAMERecord: { cname: values[0] } }
    case 'TXT':
      return { TXTRecords: values.map((text) => ({ value: stringsOf(text) })) }
    case 'SRV':
      return {
        SRVRecords: values.map((value) => {
          const [priority, weight, port, target] = value.split(' ')
          return { priority: Number(priority), weight: Number(weight), port: Number(port), target }
        }),
      }
    case 'ALIAS':
    case 'HTTPS':
    default:
      return {}
  }
}

/** A text in pieces of what a string can hold, no character of which is cut in two. */
function stringsOf(text: string): readonly string[] {
  const strings: string[] = []
  let current = ''
  for (const character of text) {
    if (Buffer.byteLength(current + character, 'utf8') > STRING_BYTES) {
      strings.push(current)
      current = ''
    }
    current += character
  }
  return [...strings, current]
}

function joined(strings: unknown): string | undefined {
  return Array.isArray(strings) && strings.every((text) => typeof text === 'string') ? strings.join('') : undefined
}

function isWhole(values: readonly (string | undefined)[]): values is readonly string[] {
  return values.every((value) => value !== undefined)
}
