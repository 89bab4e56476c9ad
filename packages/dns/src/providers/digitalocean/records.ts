import { at, listAt, textAt } from '@hotspare/cloud'
import { relativeName } from '../../name.ts'
import type { RecordSetName, RecordType } from '../../record-set.ts'
import { canonicalValue } from '../../value.ts'
import type { KeptRecord } from '../records-by-id.ts'

/** The records of one name and type; undefined where the answer has no list, or not all of it. @throws HotspareError `HOTSPARE_DNS_VALUE` */
export function readRecords(answer: unknown, { name, type }: RecordSetName, zone: string): readonly KeptRecord[] | undefined {
  if (!Array.isArray(at(answer, 'domain_records')) || textAt(answer, 'links', 'pages', 'next') !== undefined) return undefined
  const relative = relativeName(name, zone)
  const records: KeptRecord[] = []
  for (const record of listAt(answer, 'domain_records')) {
    if (textAt(record, 'name')?.toLowerCase() !== relative || textAt(record, 'type') !== type) continue
    const [id, ttl, text] = [textAt(record, 'id'), at(record, 'ttl'), textOf(record, type, zone)]
    if (id === undefined || typeof ttl !== 'number' || text === undefined) return undefined
    records.push({ id, ttlSeconds: ttl, value: canonicalValue(type, text) })
  }
  return records
}

/** The number of the record that an answer tells of. */
export function readRecordId(answer: unknown): string | undefined {
  return textAt(answer, 'domain_record', 'id')
}

/** A record as it is sent: always whole. */
export function recordBody({ name, type }: RecordSetName, zone: string, value: string, ttl: number): object {
  const common = { type, name: relativeName(name, zone), ttl }
  if (type !== 'SRV') return { ...common, data: type === 'CNAME' ? absolute(value) : value }
  const [priority, weight, port, target = ''] = value.split(' ')
  return { ...common, data: absolute(target), priority: Number(priority), weight: Number(weight), port: Number(port) }
}

/** Names that are sent end with a dot, or would be taken for names in the zone; those that are answered have none. */
function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`
}

function textOf(record: unknown, type: RecordType, zone: string): string | undefined {
  const data = at(record, 'data')
  if (typeof data !== 'string') return undefined
  if (type === 'TXT') return data
  const target = data === '@' ? zone : data
  if (type !== 'SRV') return target
  const words = [textAt(record, 'priority'), textAt(record, 'weight'), textAt(record, 'port'), target]
  return words.every((word) => word !== undefined) ? words.join(' ') : undefined
}
