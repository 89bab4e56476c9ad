import { at, listAt, textAt } from '@hotspare/cloud'
import type { RecordSetName } from '../../record-set.ts'
import { canonicalValue } from '../../value.ts'
import type { KeptRecord } from '../records-by-id.ts'
import { fromEitherTxt } from '../zone-text.ts'

/** What `ttl: 1` stands for: "Auto", which is five minutes. It is read as that, and never sent. */
const AUTO_TTL_SECONDS = 300

/** As the API writes it. */
const AUTO = 1

/** The records of one name and type, or why they cannot be followed. */
export type CloudflareRecords =
  | { readonly kind: 'records'; readonly records: readonly KeptRecord[] }
  /** What is answered are addresses of Cloudflare. */
  | { readonly kind: 'proxied' }
  | { readonly kind: 'unreadable'; readonly because: string }

/** The answer to a question for records. @throws HotspareError `HOTSPARE_DNS_VALUE` */
export function readRecords(answer: unknown, { name, type }: RecordSetName): CloudflareRecords {
  const result = at(answer, 'result')
  if (at(answer, 'success') !== true || !Array.isArray(result)) return { kind: 'unreadable', because: 'the answer has no list of records' }
  if (Number(textAt(answer, 'result_info', 'total_pages') ?? '1') > 1) {
    return { kind: 'unreadable', because: `${name} ${type} has more records than fit on a page` }
  }
  const own = result.filter((record) => textAt(record, 'name')?.toLowerCase() === name && textAt(record, 'type') === type)
  if (own.some((record) => at(record, 'proxied') === true)) return { kind: 'proxied' }
  const records: KeptRecord[] = []
  for (const record of own) {
    const [id, ttl, text] = [textAt(record, 'id'), at(record, 'ttl'), textOf(record, type)]
    if (id === undefined || typeof ttl !== 'number' || text === undefined)
      return { kind: 'unreadable', because: 'a record without id, ttl or content' }
    records.push({ id, ttlSeconds: ttl === AUTO ? AUTO_TTL_SECONDS : ttl, value: canonicalValue(type, text) })
  }
  return { kind: 'records', records }
}

/** The number of the zone of that name; undefined where the token sees none. */
export function readZoneId(answer: unknown, zone: string): string | undefined {
  return textAt(
    listAt(answer, 'result').find((each) => textAt(each, 'name')?.toLowerCase() === zone),
    'id',
  )
}

function textOf(record: unknown, type: RecordSetName['type']): string | undefined {
  const data = at(record, 'data')
  // What has parts is told in parts: `content` leaves the priority out.
  if (type === 'SRV') return joined([textAt(data, 'priority'), textAt(data, 'weight'), textAt(data, 'port'), textAt(data, 'target')])
  if (type === 'HTTPS') return joined([textAt(data, 'priority'), textAt(data, 'target')])?.concat(` ${textAt(data, 'value') ?? ''}`)
  const content = at(record, 'content')
  if (typeof content !== 'string') return undefined
  return type === 'TXT' ? fromEitherTxt(content) : content
}

function joined(words: readonly (string | undefined)[]): string | undefined {
  return words.every((word) => word !== undefined) ? words.join(' ') : undefined
}
