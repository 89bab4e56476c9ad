import { at, textAt } from '@hotspare/cloud'
import type { RecordSetName } from '../../record-set.ts'
import { fromZoneText } from '../zone-text.ts'

/** What the API tells of a zone besides its records. */
export interface PowerDnsZone {
  /** Whether a change through the API moves the serial, so that secondaries hear of it. */
  readonly movesSerial: boolean
  /** Changes of a zone that is fetched from elsewhere are lost with the next transfer. */
  readonly isSecondary: boolean
}

export function readZone(answer: unknown): PowerDnsZone | undefined {
  const kind = textAt(answer, 'kind')
  if (kind === undefined) return undefined
  const how = textAt(answer, 'soa_edit_api')?.toUpperCase() ?? ''
  return { movesSerial: how !== '' && how !== 'OFF', isSecondary: /^(?:slave|secondary|consumer)$/i.test(kind) }
}

export type PowerDnsSet =
  | { readonly kind: 'set'; readonly found: { readonly ttlSeconds: number; readonly values: readonly string[] } | undefined }
  | { readonly kind: 'unreadable' }

/** What a zone has of a set; servers before 4.8 tell all of them, whatever is asked for. @throws HotspareError `HOTSPARE_DNS_VALUE` */
export function readSet(answer: unknown, { name, type }: RecordSetName): PowerDnsSet {
  const sets = at(answer, 'rrsets')
  if (!Array.isArray(sets)) return { kind: 'unreadable' }
  const own = sets.find((set) => textAt(set, 'name')?.toLowerCase() === `${name}.` && textAt(set, 'type') === type)
  if (own === undefined) return { kind: 'set', found: undefined }
  const [ttl, records] = [at(own, 'ttl'), at(own, 'records')]
  if (typeof ttl !== 'number' || !Array.isArray(records)) return { kind: 'unreadable' }
  const texts = records.filter((record) => at(record, 'disabled') !== true).map((record) => at(record, 'content'))
  if (!texts.every((text) => typeof text === 'string')) return { kind: 'unreadable' }
  const values = texts.map((text) => fromZoneText(type, text))
  return { kind: 'set', found: values.length === 0 ? undefined : { ttlSeconds: ttl, values } }
}
