import {
  at,
  type CloudAnswer,
  type CloudComplaint,
  type CloudHttp,
  fixedHeader,
  listAt,
  parseJson,
  secretPart,
  textAt,
} from '@hotspare/cloud'
import { z } from 'zod'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { DnsCapabilities, DnsProvider, Reading } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { httpZone, readingOf } from './http-zone.ts'
import { answered, checkChanged, refused } from './statuses.ts'

export interface Ns1ZoneOptions extends ZoneProviderOptions {
  /** An API key that may manage zones. */
  readonly apiKey: string
}

export const ns1ZoneOptionsSchema: z.ZodType<ResolvedZoneProviderOptions & { readonly apiKey: string }, Ns1ZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://api.nsone.net/v1'),
  apiKey: secretPart,
})

const capabilities: DnsCapabilities = {
  compareAndSwap: 'none',
  atomicBatch: false,
  types: ['A', 'AAAA', 'CNAME', 'ALIAS', 'TXT', 'SRV'],
  minimumTtlSeconds: 0,
  typicalPropagationMs: 5_000,
  // A token bucket for each kind of call, which every answer tells of: X-RateLimit-Limit, -Period and -Remaining.
  rate: { perSecond: 1, burst: 20, source: 'https://www.ibm.com/docs/en/ns1-connect?topic=started-using-api' },
  proven: 'contract',
  source: 'https://developer.ibm.com/apis/catalog/ns1--ibm-ns1-connect-api/Introduction',
}

/** The version of a reading of a record that is there. */
const THERE = 'there'

/**
 * A zone at NS1 (IBM NS1 Connect): a set is put as a whole, blindly but for whether there is one. A record with a filter chain, or one
 * that is linked to another, is refused: there NS1 decides what is answered.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function ns1Zone(options: Ns1ZoneOptions): DnsProvider {
  const { apiKey, ...rest } = parseOptions('ns1', ns1ZoneOptionsSchema, options)
  const { zone } = rest
  const credentials = fixedHeader('x-nsone-key', apiKey)
  return httpZone({
    id: `ns1 zone ${zone}`,
    capabilities,
    options: rest,
    credentials,
    refill: 'steady',
    drive: (http) => drive(http, zone),
  })
}

function drive(http: CloudHttp, zone: string): Pick<ZoneDriver, 'read' | 'change'> {
  const pathOf = ({ name, type }: RecordSetName) => `/zones/${zone}/${name}/${type}`

  async function read(question: RecordSetName, signal: AbortSignal): Promise<Reading> {
    const answer = await http.call({ method: 'GET', path: pathOf(question) }, signal)
    if (isAbsent(answer)) return readingOf(http, question, undefined)
    const json = answered(http, answer, complaintOf)
    if (textAt(json, 'link') !== undefined || listAt(json, 'filters').length > 0) {
      const why = `${question.name} ${question.type} has a filter chain or a link, so that NS1 decides what is answered`
      throw refused(http, why)
    }
    const ttl = at(json, 'ttl')
    const answers = at(json, 'answers')
    if (typeof ttl !== 'number' || !Array.isArray(answers)) throw http.unusable('the answer has no set of records')
    // A record without answers is there all the same, and answers nothing.
    const found = answers.length === 0 ? undefined : { ttlSeconds: ttl, values: answers.map((each) => textOf(each, question)) }
    return { ...readingOf(http, question, found), version: THERE }
  }

  function textOf(answer: unknown, { type }: RecordSetName): string {
    const parts = listAt(answer, 'answer').map((part) => (typeof part === 'number' ? String(part) : part))
    if (parts.length === 0 || !parts.every((part) => typeof part === 'string')) throw http.unusable('an answer of the record has no text')
    return parts.join(type === 'TXT' ? '' : ' ')
  }

  return {
    read: (question, { signal }) => read(question, signal),
    async change([replacement], { signal }) {
      if (!replacement) return { kind: 'applied' }
      const { expected, next } = replacement
      const path = pathOf(expected)
      if (!next) {
        const answer = await http.call({ method: 'DELETE', path }, signal)
        if (!isAbsent(answer)) checkChanged(http, answer, complaintOf, isObject)
        return { kind: 'applied' }
      }
      const { name: domain, type } = expected
      const answers = next.values.map((value) => ({ answer: type === 'SRV' ? value.split(' ') : [value] }))
      const json = { zone, domain, type, ttl: next.ttlSeconds, answers }
      // PUT makes what is not there, POST changes what is.
      const isThere = expected.set !== undefined || expected.version === THERE
      const answer = await http.call({ method: isThere ? 'POST' : 'PUT', path, json }, signal)
      if (isThere ? isAbsent(answer) : exists(answer)) return { kind: 'conflict', current: [await read(expected, signal)] }
      checkChanged(http, answer, complaintOf, isObject)
      return { kind: 'applied' }
    },
  }
}

/** There is no such record; a zone that is not there is no such thing. */
function isAbsent({ status, text }: CloudAnswer): boolean {
  return status === 404 && /record not found/i.test(textAt(parseJson(text), 'message') ?? '')
}

function exists({ status, text }: CloudAnswer): boolean {
  return status >= 400 && status < 500 && /record already exists/i.test(textAt(parseJson(text), 'message') ?? '')
}

function isObject({ text }: CloudAnswer): boolean {
  const json = parseJson(text)
  return typeof json === 'object' && json !== null
}

function complaintOf({ text }: CloudAnswer): CloudComplaint {
  return { message: textAt(parseJson(text), 'message') }
}
