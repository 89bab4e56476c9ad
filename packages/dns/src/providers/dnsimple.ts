import { at, type CloudAnswer, type CloudComplaint, type CloudHttp, fixedBearer, parseJson, secretPart, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { relativeName } from '../name.ts'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { DnsCapabilities, DnsProvider } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import type { ZoneDriver } from '../zone-provider.ts'
import { fieldsOf, readPage } from './dnsimple/records.ts'
import { httpZone, understood } from './http-zone.ts'
import { Known } from './known.ts'
import type { KeptRecord } from './records-by-id.ts'
import { recordsZone } from './records-zone.ts'
import { answered, checkChanged, refused } from './statuses.ts'

export interface DnsimpleZoneOptions extends ZoneProviderOptions {
  /** An access token, of the account as a rule. */
  readonly token: string
  /** The number of the account. Default: the one that the token is of; that of a user is of none */
  readonly account?: string | undefined
}

type Resolved = ResolvedZoneProviderOptions & { readonly token: string; readonly account?: string | undefined }

export const dnsimpleZoneOptionsSchema: z.ZodType<Resolved, DnsimpleZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://api.dnsimple.com/v2'),
  token: secretPart,
  account: z
    .string()
    .regex(/^\d{1,15}$/, 'expected the number of an account, like 1010')
    .optional(),
})

const capabilities: DnsCapabilities = {
  compareAndSwap: 'none',
  // There is a batch that is atomic, for accounts of the Enterprise plan alone: others get 412.
  atomicBatch: false,
  types: ['A', 'AAAA', 'CNAME', 'ALIAS', 'TXT', 'SRV'],
  minimumTtlSeconds: 60,
  typicalPropagationMs: 5_000,
  // 2,400 an hour for the whole account: a third of it for each of three nodes.
  rate: { perSecond: 0.15, burst: 200, source: 'https://developer.dnsimple.com/v2/#rate-limiting' },
  proven: 'contract',
  source: 'https://developer.dnsimple.com/v2/zones/records/',
}

/** How many pages are looked through at most: those of one name and type are one page, unless it is asked for badly. */
const MOST_PAGES = 10

/**
 * A zone at DNSimple: records by their numbers, looked at once more and then changed one by one, so that a set of several values
 * passes through states in between; never through an empty one. Records for some regions alone are refused.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function dnsimpleZone(options: DnsimpleZoneOptions): DnsProvider {
  const { token, account, ...rest } = parseOptions('dnsimple', dnsimpleZoneOptionsSchema, options)
  return httpZone({
    id: `dnsimple zone ${rest.zone}`,
    capabilities,
    options: rest,
    credentials: fixedBearer(token),
    drive: (http) => drive(http, rest.zone, account),
  })
}

function drive(http: CloudHttp, zone: string, given: string | undefined): Pick<ZoneDriver, 'read' | 'change'> {
  const account = new Known(given, async (signal) => {
    const found = textAt(await ask('/whoami', signal), 'data', 'account', 'id')
    if (found !== undefined) return found
    throw refused(http, 'the token is of no account: give the number of the account')
  })

  async function ask(path: string, signal: AbortSignal): Promise<unknown> {
    return answered(http, await http.call({ method: 'GET', path }, signal), complaintOf)
  }

  const recordsPath = async (signal: AbortSignal) => `/${await account.get(signal)}/zones/${zone}/records`

  async function recordsOf({ name, type }: RecordSetName, signal: AbortSignal): Promise<readonly KeptRecord[]> {
    const relative = relativeName(name, zone, '')
    const path = await recordsPath(signal)
    const records: KeptRecord[] = []
    for (let page = 1; page <= MOST_PAGES; page++) {
      const query = new URLSearchParams({ name: relative, type, per_page: '100', page: String(page) })
      const answer = await ask(`${path}?${query.toString()}`, signal)
      const found = understood(http, () => readPage(answer, { relative, type }))
      if (typeof found === 'string') throw http.unusable(`${name} ${type}: ${found}`)
      records.push(...found)
      if (page >= Number(textAt(answer, 'pagination', 'total_pages') ?? '1')) return records
    }
    throw http.unusable(`there are more than ${MOST_PAGES} pages of records`)
  }

  return recordsZone(http, {
    recordsOf,
    async callsFor({ name, type }, signal) {
      const path = await recordsPath(signal)
      return {
        async update({ id, value, ttlSeconds }) {
          const json = { ttl: ttlSeconds, ...fieldsOf(type, value) }
          const answer = await http.call({ method: 'PATCH', path: `${path}/${id}`, json }, signal)
          if (isGone(answer)) return false
          checkChanged(http, answer, complaintOf, isRecord)
          return true
        },
        async create({ value, ttlSeconds }) {
          const json = { name: relativeName(name, zone, ''), type, ttl: ttlSeconds, ...fieldsOf(type, value) }
          checkChanged(http, await http.call({ method: 'POST', path, json }, signal), complaintOf, isRecord)
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
  return textAt(parseJson(text), 'data', 'id') !== undefined
}

/** In the words of the API: "Record `5` not found". */
function isGone({ status, text }: CloudAnswer): boolean {
  return status === 404 && /record .*not found/i.test(textAt(parseJson(text), 'message') ?? '')
}

/** `{ "message": "Validation failed", "errors": { "content": ["can't be blank"] } }` */
function complaintOf({ text }: CloudAnswer): CloudComplaint {
  const said = parseJson(text)
  const errors = at(said, 'errors')
  return {
    message: [textAt(said, 'message') ?? '', errors === undefined ? '' : JSON.stringify(errors)].filter((part) => part !== '').join(': '),
  }
}
