import { type CloudAnswer, type CloudComplaint, type CloudHttp, fixedBearer, parseJson, secretPart, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { DnsCapabilities, DnsProvider } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { readRecordId, readRecords, recordBody } from './digitalocean/records.ts'
import { httpZone, understood } from './http-zone.ts'
import type { KeptRecord, NewRecord } from './records-by-id.ts'
import { recordsZone } from './records-zone.ts'
import { answered, checkChanged } from './statuses.ts'

export interface DigitalOceanZoneOptions extends ZoneProviderOptions {
  /** How long a reading or a change may take as a whole, in milliseconds. Default: 20,000 */
  readonly callMs?: number | undefined
  /** A personal access token that may read, create, update and delete records of domains. */
  readonly token: string
}

type Resolved = ResolvedZoneProviderOptions & { readonly token: string }

/** Each record is a call; a budget that is spent gives one every three seconds. */
const CALL_MS = 20_000

export const digitalOceanZoneOptionsSchema: z.ZodType<Resolved, DigitalOceanZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://api.digitalocean.com/v2', CALL_MS),
  token: secretPart,
})

const capabilities: DnsCapabilities = {
  compareAndSwap: 'none',
  atomicBatch: false,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV'],
  minimumTtlSeconds: 30,
  typicalPropagationMs: 10_000,
  // 5,000 an hour and 250 a minute for the whole account, of which other things live as well.
  rate: { perSecond: 0.4, burst: 40, source: 'https://docs.digitalocean.com/reference/api/reference/#rate-limit' },
  proven: 'contract',
  source: 'https://docs.digitalocean.com/reference/api/reference/domain-records/',
}

/** What fits on one page of an answer. */
const PAGE = 200

/**
 * A zone at DigitalOcean: records by their numbers, one call for each that changes, so that a set of several values passes through
 * states in between; never through an empty one. It is looked at once more right before, and what is not as expected is a conflict.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function digitalOceanZone(options: DigitalOceanZoneOptions): DnsProvider {
  const { token, ...rest } = parseOptions('digitalocean', digitalOceanZoneOptionsSchema, options)
  const { zone } = rest
  const id = `digitalocean zone ${zone}`
  return httpZone({ id, capabilities, options: rest, credentials: fixedBearer(token), drive: (http) => drive(http, zone) })
}

function drive(http: CloudHttp, zone: string): Pick<ZoneDriver, 'read' | 'change'> {
  const path = `/domains/${zone}/records`

  async function recordsOf(question: RecordSetName, signal: AbortSignal): Promise<readonly KeptRecord[]> {
    const query = new URLSearchParams({ name: question.name, type: question.type, per_page: String(PAGE) })
    const answer = answered(http, await http.call({ method: 'GET', path: `${path}?${query.toString()}` }, signal), complaintOf)
    const records = understood(http, () => readRecords(answer, question, zone))
    if (!records) throw http.unusable('the answer has no list of records, or not all of them')
    return records
  }

  return recordsZone(http, {
    recordsOf,
    async callsFor(question, signal) {
      const bodyOf = ({ value, ttlSeconds }: NewRecord) => recordBody(question, zone, value, ttlSeconds)
      return {
        async update(record) {
          const answer = await http.call({ method: 'PUT', path: `${path}/${record.id}`, json: bodyOf(record) }, signal)
          if (isGone(answer)) return false
          checkChanged(http, answer, complaintOf, isRecord)
          return true
        },
        async create(record) {
          checkChanged(http, await http.call({ method: 'POST', path, json: bodyOf(record) }, signal), complaintOf, isRecord)
        },
        async remove(id) {
          const answer = await http.call({ method: 'DELETE', path: `${path}/${id}` }, signal)
          if (!isGone(answer)) checkChanged(http, answer, complaintOf, ({ status }) => status === 204)
        },
      }
    },
  })
}

function isRecord({ text }: CloudAnswer): boolean {
  return readRecordId(parseJson(text)) !== undefined
}

/** A record that is not there; a page of somebody in between says nothing. */
function isGone({ status, text }: CloudAnswer): boolean {
  return status === 404 && textAt(parseJson(text), 'id') === 'not_found'
}

/** `{ "id": "unprocessable_entity", "message": "..." }` */
function complaintOf({ text }: CloudAnswer): CloudComplaint {
  const said = parseJson(text)
  return { code: textAt(said, 'id'), message: textAt(said, 'message') }
}
