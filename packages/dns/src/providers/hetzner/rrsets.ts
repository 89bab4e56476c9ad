import { at, type CloudAnswer, type CloudComplaint, type CloudFault, listAt, parseJson, textAt } from '@hotspare/cloud'
import type { RecordSet, RecordSetName } from '../../record-set.ts'
import { relativeName } from '../../name.ts'
import { zoneText } from '../zone-text.ts'

/** A set as it was listed. */
export interface HetznerSet {
  /** Undefined: that of the zone. */
  readonly ttlSeconds: number | undefined
  /** As zone files write them. */
  readonly texts: readonly string[]
}

/** @returns undefined where the answer has none */
export function readSet(answer: unknown): HetznerSet | undefined {
  const rrset = at(answer, 'rrset')
  const ttl = at(rrset, 'ttl')
  const texts = listAt(rrset, 'records').map((record) => textAt(record, 'value'))
  const isTtl = ttl === null || typeof ttl === 'number'
  if (!isTtl || texts.length === 0 || !texts.every((text) => text !== undefined)) return undefined
  return { ttlSeconds: ttl ?? undefined, texts }
}

/** What sets without a TTL have; undefined where the answer tells of no zone. */
export function readZoneTtl(answer: unknown): number | undefined {
  const ttl = at(answer, 'zone', 'ttl')
  return typeof ttl === 'number' ? ttl : undefined
}

/** The records of a set, as they are sent. */
export function recordsOf({ type, values }: RecordSet): readonly { readonly value: string }[] {
  return values.map((value) => ({ value: zoneText(type, value) }))
}

/** A set as it is made. */
export function setBody(set: RecordSet, zone: string): object {
  return { name: relativeName(set.name, zone), type: set.type, ttl: set.ttlSeconds, records: recordsOf(set) }
}

/** `/zones/example.com/rrsets/www/A` */
export function setPath({ name, type }: RecordSetName, zone: string): string {
  return `/zones/${zone}/rrsets/${relativeName(name, zone)}/${type}`
}

/** By the error codes of Hetzner Cloud; what is not here is judged by its status. */
const FAULTS: Readonly<Record<string, CloudFault>> = {
  rate_limit_exceeded: 'limited',
  locked: 'busy',
  conflict: 'busy',
  unauthorized: 'credentials',
  token_readonly: 'refused',
  protected: 'refused',
  service_error: 'unavailable',
}

/** What a refusal says, or an action that has ended badly. */
export function complaintOf(error: unknown): CloudComplaint & { readonly code: string | undefined } {
  const code = textAt(error, 'code')
  return { code, message: textAt(error, 'message'), fault: FAULTS[code ?? ''] }
}

export function complaintOfAnswer({ text }: Pick<CloudAnswer, 'text'>): ReturnType<typeof complaintOf> {
  return complaintOf(at(parseJson(text), 'error'))
}
