import { type CloudAnswer, type CloudComplaint, type CloudHttp, fixedHeader, parseJson, secretPart, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { relativeName } from '../name.ts'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { DnsCapabilities, DnsProvider } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { readRecords, readZoneId, recordBody } from './bunny/records.ts'
import { httpZone, understood } from './http-zone.ts'
import { Known } from './known.ts'
import type { KeptRecord, NewRecord } from './records-by-id.ts'
import { recordsZone } from './records-zone.ts'
import { answered, checkChanged, refused } from './statuses.ts'

export interface BunnyZoneOptions extends ZoneProviderOptions {
  /** The API key of the account. */
  readonly accessKey: string
  /** The number of the zone. Default: asked for by the zone's name */
  readonly zoneId?: string | undefined
}

type Resolved = ResolvedZoneProviderOptions & { readonly accessKey: string; readonly zoneId?: string | undefined }

export const bunnyZoneOptionsSchema: z.ZodType<Resolved, BunnyZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://api.bunny.net'),
  accessKey: secretPart,
  zoneId: z
    .string()
    .regex(/^\d{1,15}$/, 'expected the number of a zone, like 4711')
    .optional(),
})

const capabilities: DnsCapabilities = {
  compareAndSwap: 'none',
  atomicBatch: false,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV'],
  minimumTtlSeconds: 60,
  typicalPropagationMs: 10_000,
  rate: { perSecond: 1, burst: 40, source: 'https://docs.bunny.net/reference/dnszonepublic_index names none: ours' },
  proven: 'contract',
  source: 'https://docs.bunny.net/reference/dnszonepublic_index',
}

/**
 * A zone at bunny.net: records by their numbers, looked at once more and then changed one by one, so that a set of several values
 * passes through states in between; never through an empty one. Records that are accelerated or routed by who asks are refused.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function bunnyZone(options: BunnyZoneOptions): DnsProvider {
  const { accessKey, zoneId, ...rest } = parseOptions('bunny', bunnyZoneOptionsSchema, options)
  return httpZone({
    id: `bunny zone ${rest.zone}`,
    capabilities,
    options: rest,
    credentials: fixedHeader('accesskey', accessKey),
    drive: (http) => drive(http, rest.zone, zoneId),
  })
}

function drive(http: CloudHttp, zone: string, given: string | undefined): Pick<ZoneDriver, 'read' | 'change'> {
  const zoneId = new Known(given, async (signal) => {
    const found = readZoneId(await ask(`/dnszone?search=${encodeURIComponent(zone)}&page=1&perPage=1000`, signal), zone)
    if (found !== undefined) return found
    throw refused(http, 'the account has no zone of that name')
  })

  async function ask(path: string, signal: AbortSignal): Promise<unknown> {
    return answered(http, await http.call({ method: 'GET', path }, signal), complaintOf)
  }

  async function recordsOf({ name, type }: RecordSetName, signal: AbortSignal): Promise<readonly KeptRecord[]> {
    const answer = await ask(`/dnszone/${await zoneId.get(signal)}`, signal)
    const found = understood(http, () => readRecords(answer, { relative: relativeName(name, zone, ''), type }))
    if (found.kind === 'records') return found.records
    if (found.kind === 'unreadable') throw http.unusable(found.because)
    const why = `${name} ${type} is accelerated or has smart routing, so that bunny.net decides what is answered`
    throw refused(http, why)
  }

  return recordsZone(http, {
    recordsOf,
    async callsFor({ name, type }, signal) {
      const path = `/dnszone/${await zoneId.get(signal)}/records`
      const bodyOf = ({ value, ttlSeconds }: NewRecord) => recordBody(relativeName(name, zone, ''), type, value, ttlSeconds)
      return {
        async update(record) {
          const answer = await http.call({ method: 'POST', path: `${path}/${record.id}`, json: bodyOf(record) }, signal)
          if (isGone(answer)) return false
          checkChanged(http, answer, complaintOf, isEmpty)
          return true
        },
        async create(record) {
          const answer = await http.call({ method: 'PUT', path, json: bodyOf(record) }, signal)
          checkChanged(http, answer, complaintOf, ({ text }) => textAt(parseJson(text), 'Id') !== undefined)
        },
        async remove(id) {
          const answer = await http.call({ method: 'DELETE', path: `${path}/${id}` }, signal)
          if (!isGone(answer)) checkChanged(http, answer, complaintOf, isEmpty)
        },
      }
    },
  })
}

function isEmpty({ status }: CloudAnswer): boolean {
  return status === 204
}

/** A record that is not there; a page of somebody in between says nothing. */
function isGone({ status, text }: CloudAnswer): boolean {
  return status === 404 && (text === '' || textAt(parseJson(text), 'ErrorKey') !== undefined)
}

/** `{ "ErrorKey": "validation_error", "Field": "Ttl", "Message": "..." }` */
function complaintOf({ text }: CloudAnswer): CloudComplaint {
  const said = parseJson(text)
  return { code: textAt(said, 'ErrorKey'), message: [textAt(said, 'Field') ?? '', textAt(said, 'Message') ?? ''].join(' ').trim() }
}
