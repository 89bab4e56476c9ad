import { at, listAt, textAt } from '@hotspare/cloud'
import type { RecordType } from '../../record-set.ts'
import { canonicalValue } from '../../value.ts'
import type { KeptRecord } from '../records-by-id.ts'
import { fromEitherTxt, zoneText } from '../zone-text.ts'

/** Which records an answer is looked through for. */
export interface RecordQuestion {
  /** Without the zone; empty for the zone's own. */
  readonly relative: string
  readonly type: RecordType
}

/** What a page of records has of a set; a text says why it cannot be followed. @throws HotspareError `HOTSPARE_DNS_VALUE` */
export function readPage(answer: unknown, { relative, type }: RecordQuestion): readonly KeptRecord[] | string {
  const data = at(answer, 'data')
  if (!Array.isArray(data)) return 'the answer has no list of records'
  const records: KeptRecord[] = []
  for (const record of data) {
    if (at(record, 'name') !== relative || at(record, 'type') !== type || isRideAlong(record)) continue
    if (listAt(record, 'regions').some((region) => region !== 'global')) return 'a record is for some regions alone'
    const [id, ttl, value] = [textAt(record, 'id'), at(record, 'ttl'), valueOf(record, type)]
    if (id === undefined || typeof ttl !== 'number' || value === undefined) return 'a record without id, ttl or content'
    records.push({ id, ttlSeconds: ttl, value: canonicalValue(type, value) })
  }
  return records
}

/** The fields that a value stands in. */
export function fieldsOf(type: RecordType, value: string): { readonly content: string; readonly priority?: number } {
  if (type === 'TXT') return { content: zoneText(type, value) }
  if (type !== 'SRV') return { content: value }
  const [priority = '', ...rest] = value.split(' ')
  return { content: rest.join(' '), priority: Number(priority) }
}

function valueOf(record: unknown, type: RecordType): string | undefined {
  const content = at(record, 'content')
  if (typeof content !== 'string') return undefined
  if (type === 'TXT') return fromEitherTxt(content)
  return type === 'SRV' ? `${textAt(record, 'priority') ?? '0'} ${content}` : content
}

/** An ALIAS has a TXT beside it that only says so. */
function isRideAlong(record: unknown): boolean {
  return at(record, 'type') === 'TXT' && /^"?ALIAS for /.test(textAt(record, 'content') ?? '')
}
