import { at, type CloudAnswer, type CloudComplaint, type CloudHttp, fixedHeader, parseJson, secretPart, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { relativeName } from '../name.ts'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { DnsCapabilities, DnsProvider } from '../provider.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { httpZone, readingOf, understood } from './http-zone.ts'
import { Known } from './known.ts'
import { answered, checkChanged } from './statuses.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

export interface DesecZoneOptions extends ZoneProviderOptions {
  /** An API token that may read and change the domain. */
  readonly token: string
  /** The shortest TTL of this domain, in seconds, its `minimum_ttl`. Default: asked for with the first reading */
  readonly minimumTtlSeconds?: number | undefined
}

interface Resolved extends ResolvedZoneProviderOptions {
  readonly token: string
  readonly minimumTtlSeconds?: number | undefined
}

export const desecZoneOptionsSchema: z.ZodType<Resolved, DesecZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://desec.io/api/v1'),
  token: secretPart,
  minimumTtlSeconds: z.int().min(1).max(86_400).optional(),
})

/** What a domain has unless the support of deSEC has lowered it. */
const USUAL_MINIMUM_SECONDS = 3_600

/**
 * A zone at deSEC: sets are changed in one step, all of them or none, blindly. Its shortest TTL is an hour unless its support has lowered
 * it, which it does on request: without that it is no place for failover.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function desecZone(options: DesecZoneOptions): DnsProvider {
  const { token, minimumTtlSeconds, ...rest } = parseOptions('desec', desecZoneOptionsSchema, options)
  const { zone } = rest
  let minimum: Known<number> | undefined
  const capabilities: DnsCapabilities = {
    compareAndSwap: 'none',
    atomicBatch: true,
    types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'HTTPS'],
    get minimumTtlSeconds() {
      return minimum?.value ?? USUAL_MINIMUM_SECONDS
    },
    typicalPropagationMs: 60_000,
    // Readings: 10 a second and 50 a minute; writes: 15 a minute, 100 an hour and 300 a day for each domain.
    rate: { perSecond: 0.25, burst: 15, source: 'https://desec.readthedocs.io/en/latest/rate-limits.html' },
    proven: 'contract',
    source: 'https://desec.readthedocs.io/en/latest/dns/rrsets.html',
  }
  return httpZone({
    id: `desec zone ${zone}`,
    capabilities,
    options: rest,
    credentials: fixedHeader('authorization', `Token ${token}`, token),
    drive(http) {
      minimum = new Known(minimumTtlSeconds, (signal) => readMinimum(http, zone, signal))
      return drive(http, zone, minimum)
    },
  })
}

function drive(http: CloudHttp, zone: string, minimum: Known<number>): Pick<ZoneDriver, 'read' | 'change'> {
  return {
    async read(question, { signal }) {
      await minimum.get(signal)
      const { name, type } = question
      const answer = await http.call({ method: 'GET', path: `/domains/${zone}/rrsets/${relativeName(name, zone)}/${type}/` }, signal)
      if (answer.status === 404 && textAt(parseJson(answer.text), 'detail') !== undefined) return readingOf(http, question, undefined)
      const json = answered(http, answer, complaintOf)
      const [ttl, texts] = [at(json, 'ttl'), at(json, 'records')]
      if (typeof ttl !== 'number' || !Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) {
        throw http.unusable('the answer has no set of records')
      }
      const values = understood(http, () => texts.map((text) => fromZoneText(type, text)))
      return readingOf(http, question, { ttlSeconds: ttl, values })
    },
    async change(replacements, { signal }) {
      const json = replacements.map(({ expected: { name, type }, next }) => {
        // In a body the zone's own name is an empty one; `@` is for paths.
        const subname = relativeName(name, zone, '')
        if (!next) return { subname, type, records: [] }
        return { subname, type, ttl: next.ttlSeconds, records: next.values.map((value) => zoneText(type, value)) }
      })
      const answer = await http.call({ method: 'PATCH', path: `/domains/${zone}/rrsets/`, json }, signal)
      checkChanged(http, answer, complaintOf, ({ text }) => Array.isArray(parseJson(text)))
      return { kind: 'applied' }
    },
  }
}

/** @throws CloudError */
async function readMinimum(http: CloudHttp, zone: string, signal: AbortSignal): Promise<number> {
  const answer = await http.call({ method: 'GET', path: `/domains/${zone}/` }, signal)
  const seconds = at(answered(http, answer, complaintOf), 'minimum_ttl')
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds < 0) throw http.unusable('the answer has no minimum_ttl')
  return seconds
}

/** `{ "detail": ... }`, or what is wrong with each field of each set. */
function complaintOf({ status, text }: CloudAnswer): CloudComplaint {
  const said = parseJson(text)
  const detail = textAt(said, 'detail')
  return { message: detail ?? (status === 400 ? text : undefined) }
}
