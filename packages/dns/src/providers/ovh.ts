import { type CloudAnswer, type CloudHttp, parseJson, textAt } from '@hotspare/cloud'
import { isOvhStale, ovhComplaint, ovhCredentials, ovhKeyParts, type OvhKeys } from '@hotspare/cloud/ovh'
import { z } from 'zod'
import { relativeName } from '../name.ts'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { CallOptions, ChangeOutcome, DnsCapabilities, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import { sameSet } from '../value.ts'
import { applyRecords } from './apply-records.ts'
import { httpZone, readingOf, understood } from './http-zone.ts'
import { readIds, readRecord, recordBody } from './ovh/records.ts'
import { type KeptRecord, recordChanges, setOf } from './records-by-id.ts'
import { answered, checkChanged, refused } from './statuses.ts'

export interface OvhZoneOptions extends ZoneProviderOptions, OvhKeys {
  /** How long a reading or a change may take as a whole, in milliseconds. Default: 20,000 */
  readonly callMs?: number | undefined
  /** With the rights GET, POST, PUT and DELETE on `/domain/zone/*`. */
  readonly consumerKey: string
}

type Resolved = ResolvedZoneProviderOptions & OvhKeys

/** Each record is a call to look at it and one to change it, and then the zone is refreshed. */
const CALL_MS = 20_000

export const ovhZoneOptionsSchema: z.ZodType<Resolved, OvhZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://eu.api.ovh.com/1.0', CALL_MS),
  ...ovhKeyParts,
})

const capabilities: DnsCapabilities = {
  compareAndSwap: 'none',
  // What was changed goes live by one call, but what was changed before a crash goes live with somebody else's.
  atomicBatch: false,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV'],
  mostValues: 20,
  minimumTtlSeconds: 60,
  typicalPropagationMs: 10_000,
  // A takeover is some twelve calls.
  rate: { perSecond: 1, burst: 60, source: 'https://eu.api.ovh.com/console/ names none: ours' },
  proven: 'contract',
  source: 'https://eu.api.ovh.com/console/?section=%2Fdomain',
}

/** Each record is a call: far more than any set that is answered from. */
const MOST_RECORDS = 40

/**
 * A zone at OVHcloud: records by their numbers. Nothing is live before the zone is refreshed, so that a set of several values changes
 * at once for whoever asks the name servers. Where that call has failed, it is made up for before the next reading. It is looked at once
 * more right before a change, and what is not as expected is a conflict.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function ovhZone(options: OvhZoneOptions): DnsProvider {
  const resolved = parseOptions('ovh', ovhZoneOptionsSchema, options)
  const id = `ovh zone ${resolved.zone}`
  return httpZone({
    id,
    capabilities,
    options: resolved,
    credentials: (ways) => ovhCredentials({ ...resolved, who: id, ways }),
    areStale: isOvhStale,
    drive: (http) => new OvhDriver(http, resolved.zone),
  })
}

class OvhDriver {
  readonly #http: CloudHttp
  readonly #zone: string
  readonly #path: string
  /** Something may have been changed that is not live. */
  #isBehind = false

  constructor(http: CloudHttp, zone: string) {
    this.#http = http
    this.#zone = zone
    this.#path = `/domain/zone/${zone}`
  }

  async read(question: RecordSetName, { signal }: CallOptions): Promise<Reading> {
    if (this.#isBehind) await this.#refresh(signal)
    return readingOf(this.#http, question, setOf(await this.#recordsOf(question, signal)))
  }

  async change([replacement]: readonly Replacement[], { signal }: CallOptions): Promise<ChangeOutcome> {
    if (!replacement) return { kind: 'applied' }
    const { expected, next } = replacement
    const kept = await this.#recordsOf(expected, signal)
    const current = readingOf(this.#http, expected, setOf(kept))
    if (!sameSet(current.set, expected.set)) return { kind: 'conflict', current: [current] }
    const [http, records, relative] = [this.#http, `${this.#path}/record`, relativeName(expected.name, this.#zone, '')]
    const wasBehind = this.#isBehind
    this.#isBehind = true
    const wasThere = await applyRecords(http.who, recordChanges(kept, next), {
      update: async ({ id, value, ttlSeconds }) => {
        const json = recordBody(expected, relative, value, ttlSeconds)
        const answer = await http.call({ method: 'PUT', path: `${records}/${id}`, json }, signal)
        if (isGone(answer)) return false
        checkChanged(http, answer, ovhComplaint, isNothing)
        return true
      },
      create: async ({ value, ttlSeconds }) => {
        const json = { fieldType: expected.type, ...recordBody(expected, relative, value, ttlSeconds) }
        const answer = await http.call({ method: 'POST', path: records, json }, signal)
        checkChanged(http, answer, ovhComplaint, ({ text }) => textAt(parseJson(text), 'id') !== undefined)
      },
      remove: async (id) => {
        const answer = await http.call({ method: 'DELETE', path: `${records}/${id}` }, signal)
        if (!isGone(answer)) checkChanged(http, answer, ovhComplaint, isNothing)
      },
    })
    if (!wasThere) {
      this.#isBehind = wasBehind
      return { kind: 'conflict', current: [await this.read(expected, { signal })] }
    }
    await this.#refresh(signal)
    return { kind: 'applied' }
  }

  /** Makes live what was changed. */
  async #refresh(signal: AbortSignal): Promise<void> {
    const answer = await this.#http.call({ method: 'POST', path: `${this.#path}/refresh` }, signal)
    checkChanged(this.#http, answer, ovhComplaint, isNothing)
    this.#isBehind = false
  }

  async #recordsOf(question: RecordSetName, signal: AbortSignal): Promise<readonly KeptRecord[]> {
    const { name, type } = question
    const relative = relativeName(name, this.#zone, '')
    const query = new URLSearchParams({ fieldType: type, subDomain: relative })
    const listed = await this.#http.call({ method: 'GET', path: `${this.#path}/record?${query.toString()}` }, signal)
    const ids = readIds(answered(this.#http, listed, ovhComplaint))
    if (!ids) throw this.#http.unusable('the answer has no list of numbers')
    if (ids.length > MOST_RECORDS) {
      const why = `${name} ${type} has ${ids.length} records: more than ${MOST_RECORDS}`
      throw refused(this.#http, why)
    }
    const records: KeptRecord[] = []
    for (const id of ids) {
      const answer = await this.#http.call({ method: 'GET', path: `${this.#path}/record/${id}` }, signal)
      // Gone between the list and this.
      if (isGone(answer)) continue
      const parsed = answered(this.#http, answer, ovhComplaint)
      const record = understood(this.#http, () => readRecord(parsed, { relative, type, zone: this.#zone }))
      if (!record) throw this.#http.unusable('the answer tells of no record')
      if (record !== 'other') records.push(record)
    }
    return records
  }
}

/** What has nothing to tell is `null`, or has no content at all. */
function isNothing({ status, text }: CloudAnswer): boolean {
  return status === 204 || text.trim() === 'null'
}

/** A record that is not there, by the words of the API: a zone that is not there has others. */
function isGone({ status, text }: CloudAnswer): boolean {
  return status === 404 && /\bobject \(id/.test(textAt(parseJson(text), 'message') ?? '')
}
