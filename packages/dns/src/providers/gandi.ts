import {
  at,
  type CloudAnswer,
  type CloudComplaint,
  type CloudHttp,
  fixedBearer,
  listAt,
  parseJson,
  secretPart,
  textAt,
} from '@hotspare/cloud'
import { z } from 'zod'
import { relativeName } from '../name.ts'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { DnsCapabilities, DnsProvider } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { httpZone, readingOf, understood } from './http-zone.ts'
import { answered, checkChanged } from './statuses.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

export interface GandiZoneOptions extends ZoneProviderOptions {
  /** A personal access token that may manage the domain's technical configurations. */
  readonly token: string
}

export const gandiZoneOptionsSchema: z.ZodType<ResolvedZoneProviderOptions & { readonly token: string }, GandiZoneOptions> = z.strictObject(
  {
    ...zoneProviderParts('https://api.gandi.net/v5/livedns'),
    token: secretPart,
  },
)

const capabilities: DnsCapabilities = {
  compareAndSwap: 'none',
  atomicBatch: false,
  types: ['A', 'AAAA', 'CNAME', 'ALIAS', 'TXT', 'SRV'],
  minimumTtlSeconds: 300,
  typicalPropagationMs: 10_000,
  // No limit is published; calls that are too many are answered with 429.
  rate: { perSecond: 1, burst: 20, source: 'https://api.gandi.net/docs/livedns/ names none: ours' },
  proven: 'contract',
  source: 'https://api.gandi.net/docs/livedns/',
}

/**
 * A zone of Gandi LiveDNS: a set is put as a whole, blindly.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function gandiZone(options: GandiZoneOptions): DnsProvider {
  const { token, ...rest } = parseOptions('gandi', gandiZoneOptionsSchema, options)
  const { zone } = rest
  return httpZone({
    id: `gandi zone ${zone}`,
    capabilities,
    options: rest,
    credentials: fixedBearer(token),
    drive: (http) => drive(http, zone),
  })
}

function drive(http: CloudHttp, zone: string): Pick<ZoneDriver, 'read' | 'change'> {
  const pathOf = ({ name, type }: RecordSetName) => `/domains/${zone}/records/${relativeName(name, zone)}/${type}`

  return {
    async read(question, { signal }) {
      const answer = await http.call({ method: 'GET', path: pathOf(question) }, signal)
      if (isAbsent(answer)) return readingOf(http, question, undefined)
      const json = answered(http, answer, complaintOf)
      const [ttl, texts] = [at(json, 'rrset_ttl'), at(json, 'rrset_values')]
      if (typeof ttl !== 'number' || !Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) {
        throw http.unusable('the answer has no set of records')
      }
      const { type } = question
      // A name without a dot at its end is relative to the zone here.
      const values = understood(http, () => texts.map((text) => fromZoneText(type, text, zone)))
      return readingOf(http, question, { ttlSeconds: ttl, values })
    },
    async change([replacement], { signal }) {
      if (!replacement) return { kind: 'applied' }
      const { expected, next } = replacement
      const path = pathOf(expected)
      if (!next) {
        const answer = await http.call({ method: 'DELETE', path }, signal)
        if (!isAbsent(answer)) checkChanged(http, answer, complaintOf, ({ status }) => status === 204)
        return { kind: 'applied' }
      }
      const json = { rrset_ttl: next.ttlSeconds, rrset_values: next.values.map((value) => zoneText(next.type, value)) }
      const answer = await http.call({ method: 'PUT', path, json }, signal)
      checkChanged(http, answer, complaintOf, ({ text }) => textAt(parseJson(text), 'message') !== undefined)
      return { kind: 'applied' }
    },
  }
}

/** There is no such set, in the words of the API: a page of somebody in between says nothing. */
function isAbsent({ status, text }: CloudAnswer): boolean {
  return status === 404 && textAt(parseJson(text), 'code') === '404'
}

function complaintOf({ text }: CloudAnswer): CloudComplaint {
  const said = parseJson(text)
  const details = listAt(said, 'errors').flatMap((each) => textAt(each, 'description') ?? [])
  return { code: textAt(said, 'cause'), message: [textAt(said, 'message') ?? '', ...details].filter((part) => part !== '').join('; ') }
}
