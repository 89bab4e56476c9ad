import { at, textAt } from '@hotspare/cloud'
import type { RecordSetName } from '../../record-set.ts'
import { canonicalValue } from '../../value.ts'
import type { KeptRecord } from '../records-by-id.ts'
import { fromEitherTxt, fromZoneText, zoneText } from '../zone-text.ts'

/** What a record with the TTL 0 has: that of the zone, which is an hour and cannot be changed by the API. */
const ZONE_TTL_SECONDS = 3_600

/** The numbers of records; undefined where the answer is no list of numbers. */
export function readIds(answer: unknown): readonly string[] | undefined {
  if (!Array.isArray(answer)) return undefined
  const ids = answer.map((id) => textAt([id], 0))
  return ids.every((id) => id !== undefined && /^\d+$/.test(id)) ? ids.filter((id) => id !== undefined) : undefined
}

/**
 * One record, as the answer tells of it.
 *
 * @param relative the name without the zone; empty for the zone's own
 * @returns `other` where it is of another name or type; undefined where the answer is none @throws HotspareError `HOTSPARE_DNS_VALUE`
 */
export function readRecord(
  answer: unknown,
  { relative, type, zone }: Pick<RecordSetName, 'type'> & { readonly relative: string; readonly zone: string },
): KeptRecord | 'other' | undefined {
  const [id, ttl, target, fieldType] = [textAt(answer, 'id'), at(answer, 'ttl'), textAt(answer, 'target'), textAt(answer, 'fieldType')]
  const subDomain = at(answer, 'subDomain') ?? ''
  if (id === undefined || typeof ttl !== 'number' || target === undefined || fieldType === undefined) return undefined
  if (subDomain !== relative || fieldType !== type) return 'other'
  const text = type === 'TXT' ? fromEitherTxt(target) : fromZoneText(type, target, zone)
  return { id, ttlSeconds: ttl === 0 ? ZONE_TTL_SECONDS : ttl, value: canonicalValue(type, text) }
}

/** A record as it is sent. */
export function recordBody({ type }: Pick<RecordSetName, 'type'>, relative: string, value: string, ttl: number): object {
  return { subDomain: relative, target: zoneText(type, value), ttl }
}
