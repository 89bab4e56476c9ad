import { at, type CloudAnswer, type CloudHttp, fixedBearer, secretPart } from '@hotspare/cloud'
import { z } from 'zod'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { DnsCapabilities, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import { sameSet } from '../value.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { type BatchPart, batchOf } from './cloudflare/batch.ts'
import { complaintOf, wasOvertaken } from './cloudflare/complaints.ts'
import { readRecords, readZoneId } from './cloudflare/records.ts'
import { httpZone, readingOf, understood } from './http-zone.ts'
import { Known } from './known.ts'
import { type KeptRecord, setOf } from './records-by-id.ts'
import { answered, refused } from './statuses.ts'

export interface CloudflareZoneOptions extends ZoneProviderOptions {
  /** An API token that may edit the DNS of the zone. */
  readonly token: string
  /** The zone's own id, of 32 hexadecimal digits. Default: asked for by the zone's name, which the token has to allow */
  readonly zoneId?: string | undefined
  /** The shortest TTL of the plan, in seconds: 30 for zones of an Enterprise plan. Default: 60 */
  readonly minimumTtlSeconds?: number | undefined
}

interface Resolved extends ResolvedZoneProviderOptions {
  readonly token: string
  readonly zoneId?: string | undefined
  readonly minimumTtlSeconds: number
}

export const cloudflareZoneOptionsSchema: z.ZodType<Resolved, CloudflareZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://api.cloudflare.com/client/v4'),
  token: secretPart,
  zoneId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected the id of a zone, which is 32 hexadecimal digits')
    .optional(),
  minimumTtlSeconds: z.int().min(30).max(86_400).default(60),
})

/** What fits on one page of an answer. */
const PAGE = 100

/**
 * A zone at Cloudflare: records by their ids, looked at once more and then changed in a batch, which is one transaction; what name
 * servers make of it is not. Records that are proxied are refused: what they answer are addresses of Cloudflare.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function cloudflareZone(options: CloudflareZoneOptions): DnsProvider {
  const { token, zoneId, minimumTtlSeconds, ...rest } = parseOptions('cloudflare', cloudflareZoneOptionsSchema, options)
  return httpZone({
    id: `cloudflare zone ${rest.zone}`,
    capabilities: capabilitiesOf(minimumTtlSeconds),
    options: rest,
    credentials: fixedBearer(token),
    drive: (http) => drive(http, rest.zone, zoneId),
  })
}

function drive(http: CloudHttp, zone: string, knownId: string | undefined): Pick<ZoneDriver, 'read' | 'change'> {
  const zoneId = new Known(knownId, async (signal) => {
    const found = readZoneId(await ask(`/zones?name=${encodeURIComponent(zone)}`, signal), zone)
    if (found !== undefined) return found
    throw refused(http, 'the token sees no zone of that name')
  })

  /** @throws CloudError */
  function parsed(answer: CloudAnswer): unknown {
    const json = answered(http, answer, complaintOf)
    if (at(json, 'success') !== true) throw http.unusable(`${answer.status} without success`)
    return json
  }

  async function ask(path: string, signal: AbortSignal): Promise<unknown> {
    return parsed(await http.call({ method: 'GET', path }, signal))
  }

  async function recordsOf(question: RecordSetName, signal: AbortSignal): Promise<readonly KeptRecord[]> {
    const { name, type } = question
    const query = new URLSearchParams({ type, 'name.exact': name, per_page: String(PAGE) })
    const answer = await ask(`/zones/${await zoneId.get(signal)}/dns_records?${query.toString()}`, signal)
    const found = understood(http, () => readRecords(answer, question))
    if (found.kind === 'records') return found.records
    if (found.kind === 'unreadable') throw http.unusable(found.because)
    const why = `${name} ${type} is proxied, so that what it answers are addresses of Cloudflare: make it "DNS only"`
    throw refused(http, why)
  }

  async function readAll(replacements: readonly Replacement[], signal: AbortSignal): Promise<readonly Reading[]> {
    const readings: Reading[] = []
    for (const { expected } of replacements) readings.push(readingOf(http, expected, setOf(await recordsOf(expected, signal))))
    return readings
  }

  return {
    async read(question, { signal }) {
      return readingOf(http, question, setOf(await recordsOf(question, signal)))
    },
    async change(replacements, { signal }) {
      const parts: (BatchPart & { readonly current: Reading; readonly isAsExpected: boolean })[] = []
      for (const { expected, next } of replacements) {
        const kept = await recordsOf(expected, signal)
        const current = readingOf(http, expected, setOf(kept))
        parts.push({ question: expected, kept, next, current, isAsExpected: sameSet(current.set, expected.set) })
      }
      if (!parts.every(({ isAsExpected }) => isAsExpected)) return { kind: 'conflict', current: parts.map(({ current }) => current) }
      const json = batchOf(parts)
      if (!json) return { kind: 'applied' }
      const path = `/zones/${await zoneId.get(signal)}/dns_records/batch`
      const answer = await http.call({ method: 'POST', path, json }, signal)
      if (wasOvertaken(answer)) return { kind: 'conflict', current: await readAll(replacements, signal) }
      parsed(answer)
      return { kind: 'applied' }
    },
  }
}

function capabilitiesOf(minimumTtlSeconds: number): DnsCapabilities {
  return {
    compareAndSwap: 'none',
    atomicBatch: true,
    types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'HTTPS'],
    minimumTtlSeconds,
    typicalPropagationMs: 5_000,
    // 1,200 in five minutes for all of a user's tokens, and none for five minutes after that: 340 for each of three nodes.
    rate: { perSecond: 1, burst: 40, source: 'https://developers.cloudflare.com/fundamentals/api/reference/limits/' },
    proven: 'contract',
    source: 'https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/batch/',
  }
}
