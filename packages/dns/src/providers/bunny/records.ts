import { at, listAt, textAt } from '@hotspare/cloud'
import type { RecordType } from '../../record-set.ts'
import { canonicalValue } from '../../value.ts'
import type { KeptRecord } from '../records-by-id.ts'

/** Types have numbers of bunny.net's own. */
const BUNNY_TYPES: Readonly<Partial<Record<RecordType, number>>> = { A: 0, AAAA: 1, CNAME: 2, TXT: 3, SRV: 8 }

/** The records of one name and type, or why they cannot be followed. */
export type BunnyRecords =
  | { readonly kind: 'records'; readonly records: readonly KeptRecord[] }
  /** What is answered is decided by who asks, or is an address of bunny.net. */
  | { readonly kind: 'steered' }
  | { readonly kind: 'unreadable'; readonly because: string }

/** What a zone has of a set. @param relative without the zone; empty for the zone's own @throws HotspareError `HOTSPARE_DNS_VALUE` */
export function readRecords(zone: unknown, { relative, type }: { readonly relative: string; readonly type: RecordType }): BunnyRecords {
  const list = at(zone, 'Records')
  if (!Array.isArray(list)) return { kind: 'unreadable', because: 'the answer has no list of records' }
  const records: KeptRecord[] = []
  for (const record of list) {
    const name = at(record, 'Name') ?? ''
    // One that is disabled is not answered.
    if (name !== relative || at(record, 'Type') !== BUNNY_TYPES[type] || at(record, 'Disabled') === true) continue
    if (at(record, 'Accelerated') === true || isSteered(at(record, 'SmartRoutingType'))) return { kind: 'steered' }
    const [id, ttl, value] = [textAt(record, 'Id'), at(record, 'Ttl'), valueOf(record, type)]
    if (id === undefined || typeof ttl !== 'number' || value === undefined) {
      return { kind: 'unreadable', because: 'a record without Id, Ttl or Value' }
    }
    records.push({ id, ttlSeconds: ttl, value: canonicalValue(type, value) })
  }
  return { kind: 'records', records }
}

/** The number of the zone of that name; undefined where there is none. */
export function readZoneId(answer: unknown, zone: string): string | undefined {
  return textAt(
    listAt(answer, 'Items').find((each) => textAt(each, 'Domain')?.toLowerCase() === zone),
    'Id',
  )
}

/** A record as it is sent: always whole, since what is left out may be taken for nothing. */
export function recordBody(relative: string, type: RecordType, value: string, ttlSeconds: number): object {
  const common = { Type: BUNNY_TYPES[type], Name: relative, Ttl: ttlSeconds }
  if (type !== 'SRV') return { ...common, Value: value }
  const [priority, weight, port, target] = value.split(' ')
  return { ...common, Value: target, Priority: Number(priority), Weight: Number(weight), Port: Number(port) }
}

function valueOf(record: unknown, type: RecordType): string | undefined {
  const value = at(record, 'Value')
  if (typeof value !== 'string') return undefined
  if (type !== 'SRV') return value
  return [textAt(record, 'Priority'), textAt(record, 'Weight'), textAt(record, 'Port'), value].map((part) => part ?? '').join(' ')
}

/** By its number, or by its name. */
function isSteered(routing: unknown): boolean {
  return routing !== undefined && routing !== null && routing !== 0 && routing !== 'None'
}
