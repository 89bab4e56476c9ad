import { at, type CloudAnswer, type CloudComplaint, type CloudHttp, idPart, parseJson, textAt } from '@hotspare/cloud'
import { type AzureClient, azureCredentials, azureKeyParts } from '@hotspare/cloud/azure'
import { assertNever } from '@hotspare/core'
import { z } from 'zod'
import { relativeName } from '../name.ts'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { CallOptions, ChangeOutcome, DnsCapabilities, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import { sameSet } from '../value.ts'
import { type AzureSet, readSet, setBody } from './azure/record-sets.ts'
import { httpZone, readingOf } from './http-zone.ts'
import { isDone, refused } from './statuses.ts'

export interface AzureZoneOptions extends ZoneProviderOptions {
  /** The id of the subscription, a GUID. */
  readonly subscription: string
  /** The name of the group that the zone is in. */
  readonly resourceGroup: string
  /** An app registration. Default: the managed identity of the virtual machine, from its metadata service */
  readonly client?: AzureClient | undefined
  /** Default: `http://169.254.169.254` */
  readonly metadataEndpoint?: string | undefined
  /** Default: `https://login.microsoftonline.com` */
  readonly loginEndpoint?: string | undefined
}

interface Resolved extends ResolvedZoneProviderOptions {
  readonly subscription: string
  readonly resourceGroup: string
  readonly client: AzureClient | undefined
  readonly metadataEndpoint: string
  readonly loginEndpoint: string
}

export const azureZoneOptionsSchema: z.ZodType<Resolved, AzureZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://management.azure.com'),
  ...azureKeyParts,
  subscription: z.guid(),
  resourceGroup: idPart('shop').regex(/^[\w.()-]+$/, 'expected the name of a resource group, like shop'),
})

const capabilities: DnsCapabilities = {
  compareAndSwap: 'etag',
  atomicBatch: false,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV'],
  mostValues: 20,
  minimumTtlSeconds: 1,
  typicalPropagationMs: 60_000,
  // Writes come back with ten a second for a subscription and whoever calls: this is far below.
  rate: {
    perSecond: 2,
    burst: 20,
    source: 'https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling',
  },
  proven: 'contract',
  source: 'https://learn.microsoft.com/rest/api/dns/record-sets/create-or-update',
}

/** Of Microsoft.Network/dnsZones. */
const API_VERSION = '2018-05-01'

/**
 * A zone of Azure DNS: a set is put or deleted if its ETag still is the one that was read; one at a time. Sets that follow another
 * resource are refused; the metadata of a set stays.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function azureZone(options: AzureZoneOptions): DnsProvider {
  const resolved = parseOptions('azure', azureZoneOptionsSchema, options)
  const id = `azure zone ${resolved.zone}`
  return httpZone({
    id,
    capabilities,
    options: resolved,
    credentials: (ways) => azureCredentials({ ...resolved, who: id, ways }),
    drive: (http) => new AzureDriver(http, resolved),
  })
}

class AzureDriver {
  readonly #http: CloudHttp
  readonly #options: Resolved

  constructor(http: CloudHttp, options: Resolved) {
    this.#http = http
    this.#options = options
  }

  async read(question: RecordSetName, { signal }: CallOptions): Promise<Reading> {
    const answer = await this.#http.call({ method: 'GET', path: this.#path(question) }, signal)
    if (isAbsent(answer)) return readingOf(this.#http, question, undefined)
    const there = this.#parsed(answer, question)
    return { ...readingOf(this.#http, question, there), version: JSON.stringify([there.etag, there.metadata ?? null]) }
  }

  async change([replacement]: readonly Replacement[], { signal }: CallOptions): Promise<ChangeOutcome> {
    if (!replacement) return { kind: 'applied' }
    const { expected: asRead, next } = replacement
    let expected = asRead
    if (expected.set ? parseVersion(expected.version) === undefined : !next) {
      // Only a reading has the version that a change depends on.
      expected = await this.read(asRead, { signal })
      if (!sameSet(expected.set, asRead.set)) return { kind: 'conflict', current: [expected] }
      if (!expected.set && !next) return { kind: 'applied' }
    }
    const [etag, metadata] = parseVersion(expected.version) ?? []
    const condition: Record<string, string> = expected.set && etag !== undefined ? { 'if-match': etag } : { 'if-none-match': '*' }
    const path = this.#path(expected)
    const answer = next
      ? await this.#http.call({ method: 'PUT', path, headers: condition, json: setBody(next, metadata) }, signal)
      : await this.#http.call({ method: 'DELETE', path, headers: condition }, signal)
    // 204: what was to be deleted is not there, so something else has happened to it.
    if (answer.status === 412 || isAbsent(answer) || (!next && answer.status === 204)) {
      return { kind: 'conflict', current: [await this.read(expected, { signal })] }
    }
    if (!isDone(answer)) throw this.#http.failure(answer, complaintOf(answer))
    if (next) this.#parsed(answer, next)
    else if (answer.text.trim() !== '' && parseJson(answer.text) === undefined) {
      throw this.#http.unusable(`${answer.status}, and not what the API answers to a change`)
    }
    return { kind: 'applied' }
  }

  #parsed(answer: CloudAnswer, { name, type }: RecordSetName): AzureSet {
    if (!isDone(answer)) throw this.#http.failure(answer, complaintOf(answer))
    const read = readSet(this.#http.json(answer), type)
    switch (read.kind) {
      case 'set':
        return read.set
      case 'alias': {
        const why = `${name} ${type} follows another resource of Azure, which decides what is answered`
        throw refused(this.#http, why)
      }
      case 'unreadable':
        throw this.#http.unusable('the answer has no set of records')
      default:
        return assertNever(read)
    }
  }

  #path({ name, type }: RecordSetName): string {
    const { subscription, resourceGroup, zone } = this.#options
    const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`
    const set = `${type}/${relativeName(name, zone)}`
    return `${group}/providers/Microsoft.Network/dnsZones/${zone}/${set}?api-version=${API_VERSION}`
  }
}

/** There is no such set; that there is no such zone or group has other codes. */
function isAbsent({ status, text }: CloudAnswer): boolean {
  return status === 404 && complaintOf({ text }).code === 'NotFound'
}

function complaintOf({ text }: Pick<CloudAnswer, 'text'>): CloudComplaint {
  const said = parseJson(text)
  // Azure DNS itself leaves the wrapping out.
  const error = at(said, 'error') ?? said
  return { code: textAt(error, 'code'), message: textAt(error, 'message') }
}

/** The ETag, and what people have written beside the set. */
function parseVersion(version: string | undefined): readonly [string, object | undefined] | undefined {
  const parts = parseJson(version ?? '')
  const [etag, metadata] = [textAt(parts, 0), at(parts, 1)]
  if (etag === undefined) return undefined
  return [etag, typeof metadata === 'object' && metadata !== null ? metadata : undefined]
}
