import { at, type CloudAnswer, type CloudFault, listAt, parseJson, textAt } from '@hotspare/cloud'
import type { RecordSet, RecordSetName } from '../../record-set.ts'
import type { Listed, ListedSet } from '../listed-set.ts'
import { zoneText } from '../zone-text.ts'

/** The answer to a question for the set of a name and type. */
export function readListed(answer: unknown, { name, type }: RecordSetName): Listed {
  const rrsets = at(answer, 'rrsets')
  // A list without entries may be left out, but then its kind is told.
  if (!Array.isArray(rrsets) && textAt(answer, 'kind') !== 'dns#resourceRecordSetsListResponse') return { kind: 'unreadable' }
  const found = listAt(answer, 'rrsets').find((set) => textAt(set, 'name')?.toLowerCase() === `${name}.` && textAt(set, 'type') === type)
  if (found === undefined) return { kind: 'absent' }
  if (at(found, 'routingPolicy') !== undefined) return { kind: 'steered' }
  const [ttl, values] = [at(found, 'ttl'), listAt(found, 'rrdatas')]
  if (typeof ttl !== 'number' || values.length === 0 || !values.every((text) => typeof text === 'string')) return { kind: 'unreadable' }
  return { kind: 'set', set: { ttlSeconds: ttl, values } }
}

/** The names of the public zones for that domain; undefined where the answer is none. */
export function readManagedZones(answer: unknown, zone: string): readonly string[] | undefined {
  const zones = at(answer, 'managedZones')
  if (!Array.isArray(zones) && textAt(answer, 'kind') !== 'dns#managedZonesListResponse') return undefined
  return listAt(answer, 'managedZones').flatMap((each) => {
    const isOurs = textAt(each, 'dnsName')?.toLowerCase() === `${zone}.` && (textAt(each, 'visibility') ?? 'public') === 'public'
    return isOurs ? (textAt(each, 'name') ?? []) : []
  })
}

/** A set as a change names it. */
export function resourceSet({ name, type }: RecordSetName, { ttlSeconds, values }: ListedSet): object {
  return { name: `${name}.`, type, ttl: ttlSeconds, rrdatas: values }
}

/** As a set has to be named where it was not listed. */
export function asListed({ type, ttlSeconds, values }: RecordSet): ListedSet {
  return { ttlSeconds, values: values.map((value) => zoneText(type, value)) }
}

export interface Complaint {
  readonly code: string | undefined
  readonly message: string | undefined
  readonly fault: CloudFault | undefined
}

/** Limits have reasons of their own, and the status of a refusal. */
const LIMITS: ReadonlySet<string | undefined> = new Set(['rateLimitExceeded', 'userRateLimitExceeded'])

/** What a refusal says. */
export function readComplaint({ text }: Pick<CloudAnswer, 'text'>): Complaint {
  const error = at(parseJson(text), 'error')
  const code = textAt(error, 'errors', 0, 'reason') ?? textAt(error, 'status')
  return { code, message: textAt(error, 'message'), fault: LIMITS.has(code) ? 'limited' : undefined }
}

/**
 * Whether nothing was changed since something else is there than what the change named: what was to be removed is not so, or is not
 * there, and what was to be added is there already.
 *
 * Source: https://cloud.google.com/dns/docs/error-messages
 */
export function isMismatch({ status }: Pick<CloudAnswer, 'status'>, { code, message = '' }: Complaint): boolean {
  if (status === 412 || (status === 409 && code === 'alreadyExists')) return true
  return status === 404 && message.includes('entity.change.deletions')
}
