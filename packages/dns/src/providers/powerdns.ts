import { type CloudAnswer, type CloudComplaint, type CloudHttp, fixedHeader, idPart, parseJson, secretPart, textAt } from '@hotspare/cloud'
import { HotspareError } from '@hotspare/core'
import { z } from 'zod'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { DnsCapabilities, DnsProvider, Replacement } from '../provider.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { httpZone, readingOf, understood } from './http-zone.ts'
import { type PowerDnsZone, readSet, readZone } from './powerdns/zone.ts'
import { answered, checkChanged, refused } from './statuses.ts'
import { zoneText } from './zone-text.ts'

/** What is done about a zone whose serial does not move with a change (`soa_edit_api` is empty), so that secondaries never hear of it. */
export type SerialPolicy =
  /** Nothing is changed in it. */
  | 'refuse'
  /** Its `soa_edit_api` is set to `DEFAULT` before the first change. */
  | 'set-default'
  /** It is changed all the same: for zones that no secondary fetches. */
  | 'accept'

export interface PowerDnsZoneOptions extends ZoneProviderOptions {
  /** The `api-key` of the server. */
  readonly apiKey: string
  /** Default: `localhost`, which is what a server calls itself */
  readonly server?: string | undefined
  /** Default: `refuse` */
  readonly whenSerialStands?: SerialPolicy | undefined
}

interface Resolved extends ResolvedZoneProviderOptions {
  readonly apiKey: string
  readonly server: string
  readonly whenSerialStands: SerialPolicy
}

export const powerDnsZoneOptionsSchema: z.ZodType<Resolved, PowerDnsZoneOptions> = z.strictObject({
  ...zoneProviderParts('http://127.0.0.1:8081'),
  apiKey: secretPart,
  server: idPart('localhost').default('localhost'),
  whenSerialStands: z.enum(['refuse', 'set-default', 'accept']).default('refuse'),
})

const capabilities: DnsCapabilities = {
  // `If-Match` is not looked at: measured with 4.7.
  compareAndSwap: 'none',
  atomicBatch: true,
  types: ['A', 'AAAA', 'CNAME', 'ALIAS', 'TXT', 'SRV', 'HTTPS'],
  minimumTtlSeconds: 0,
  typicalPropagationMs: 1_000,
  rate: { perSecond: 20, burst: 50, source: 'none: a server of your own' },
  proven: 'live',
  source: 'https://doc.powerdns.com/authoritative/http-api/zone.html',
}

/**
 * A zone of a PowerDNS authoritative server, by its HTTP API: sets are changed in one step, all of them or none, blindly. Where RFC 2136
 * is allowed, that compares: prefer it.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function powerDnsZone(options: PowerDnsZoneOptions): DnsProvider {
  const { apiKey, server, whenSerialStands, ...rest } = parseOptions('powerdns', powerDnsZoneOptionsSchema, options)
  const { zone } = rest
  return httpZone({
    id: `powerdns zone ${zone}`,
    capabilities,
    options: rest,
    credentials: fixedHeader('x-api-key', apiKey),
    drive: (http) => drive(http, `/api/v1/servers/${server}/zones/${zone}.`, whenSerialStands),
  })
}

function drive(http: CloudHttp, path: string, whenSerialStands: SerialPolicy): Pick<ZoneDriver, 'read' | 'change'> {
  /** As it was told last. */
  let known: PowerDnsZone | undefined

  async function ask(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<unknown> {
    const asked = { method: 'GET', path: `${path}?${new URLSearchParams(query).toString()}` } as const
    const json = answered(http, await http.call(asked, signal), complaintOf)
    known = readZone(json)
    if (!known) throw http.unusable('the answer tells of no zone')
    return json
  }

  /** That a change arrives at those who answer. */
  async function prepare(signal: AbortSignal): Promise<void> {
    if (!known) await ask({ rrsets: 'false' }, signal)
    if (known?.isSecondary) {
      throw refused(http, 'the zone is fetched from another server: it has to be changed there')
    }
    if (known?.movesSerial || whenSerialStands === 'accept') return
    if (whenSerialStands === 'refuse') {
      const hint = `set its soa_edit_api ("pdnsutil set-meta ZONE SOA-EDIT-API DEFAULT"), or whenSerialStands to "set-default"`
      const message = `${http.who}: a change would not move its serial, so no secondary would hear of it: ${hint}`
      throw new HotspareError({ code: 'HOTSPARE_DNS_SERIAL', message })
    }
    const answer = await http.call({ method: 'PUT', path, json: { soa_edit_api: 'DEFAULT' } }, signal)
    checkChanged(http, answer, complaintOf, isEmpty)
    known = undefined
  }

  return {
    async read(question, { signal }) {
      const answer = await ask({ rrset_name: `${question.name}.`, rrset_type: question.type }, signal)
      const set = understood(http, () => readSet(answer, question))
      if (set.kind === 'unreadable') throw http.unusable('the answer has no set of records')
      return readingOf(http, question, set.found)
    },
    async change(replacements, { signal }) {
      await prepare(signal)
      const answer = await http.call({ method: 'PATCH', path, json: { rrsets: replacements.map(rrsetOf) } }, signal)
      checkChanged(http, answer, complaintOf, isEmpty)
      return { kind: 'applied' }
    },
  }
}

function isEmpty({ status }: CloudAnswer): boolean {
  return status === 204
}

function rrsetOf({ expected, next }: Replacement): object {
  const named = { name: `${expected.name}.`, type: expected.type }
  if (!next) return { ...named, changetype: 'DELETE' }
  const records = next.values.map((value) => ({ content: zoneText(next.type, value), disabled: false }))
  return { ...named, changetype: 'REPLACE', ttl: next.ttlSeconds, records }
}

/** `{ "error": "..." }`, or a text. */
function complaintOf({ status, text }: CloudAnswer): CloudComplaint {
  return { message: textAt(parseJson(text), 'error') ?? (status >= 400 && status < 500 ? text : undefined) }
}
