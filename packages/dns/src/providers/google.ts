import { type CloudHttp, idPart, textAt } from '@hotspare/cloud'
import { googleCredentials, type GoogleKey, googleKeyParts } from '@hotspare/cloud/google'
import { assertNever } from '@hotspare/core'
import { z } from 'zod'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { CallOptions, ChangeOutcome, DnsCapabilities, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import { asListed, isMismatch, readComplaint, readListed, readManagedZones, resourceSet } from './google/messages.ts'
import { httpZone, readingOf, understood } from './http-zone.ts'
import { Known } from './known.ts'
import { type ListedSet, parseVersion, versionOf } from './listed-set.ts'
import { answered, isDone, refused } from './statuses.ts'
import { fromZoneText } from './zone-text.ts'

export interface GoogleZoneOptions extends ZoneProviderOptions {
  /** The id of the project that the zone is in: `my-project`. */
  readonly project: string
  /** The text of a service account's key file. Default: the account of the instance, from its metadata server */
  readonly key?: string | undefined
  /** The name that the zone has in the project. Default: asked for by the zone's domain */
  readonly managedZone?: string | undefined
  /** Default: `http://metadata.google.internal` */
  readonly metadataEndpoint?: string | undefined
}

interface Resolved extends ResolvedZoneProviderOptions {
  readonly project: string
  readonly key: GoogleKey | undefined
  readonly managedZone?: string | undefined
  readonly metadataEndpoint: string
}

export const googleZoneOptionsSchema: z.ZodType<Resolved, GoogleZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://dns.googleapis.com/dns/v1'),
  ...googleKeyParts,
  project: idPart('my-project').regex(/^[a-z0-9.:-]+$/, 'expected the id of a project, like my-project'),
  managedZone: idPart('my-zone')
    .regex(/^[a-z0-9-]{1,63}$/, 'expected the name of a managed zone, like my-zone')
    .optional(),
})

const SCOPE = 'https://www.googleapis.com/auth/ndev.clouddns.readwrite'

const capabilities: DnsCapabilities = {
  compareAndSwap: 'exact',
  atomicBatch: true,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'HTTPS'],
  mostValues: 100,
  minimumTtlSeconds: 0,
  typicalPropagationMs: 60_000,
  // The quota is the project's own, and can be changed: this is far below any.
  rate: { perSecond: 1, burst: 20, source: 'https://cloud.google.com/dns/quotas leaves it to the project: ours' },
  proven: 'contract',
  source: 'https://cloud.google.com/dns/docs/reference/rest/v1/changes/create',
}

/**
 * A zone of Cloud DNS: a change names what it replaces with its TTL and all of its values, several sets at once, all or none. Sets with
 * a routing policy are refused: they are more than values.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function googleZone(options: GoogleZoneOptions): DnsProvider {
  const resolved = parseOptions('google', googleZoneOptionsSchema, options)
  const id = `google zone ${resolved.zone}`
  return httpZone({
    id,
    capabilities,
    options: resolved,
    credentials: (ways) => googleCredentials({ ...resolved, who: id, scope: SCOPE, ways }),
    drive: (http) => new GoogleDriver(http, resolved),
  })
}

class GoogleDriver {
  readonly #http: CloudHttp
  readonly #options: Resolved
  readonly #managedZone: Known<string>

  constructor(http: CloudHttp, options: Resolved) {
    this.#http = http
    this.#options = options
    this.#managedZone = new Known(options.managedZone, (signal) => this.#findZone(signal))
  }

  async read(question: RecordSetName, { signal }: CallOptions): Promise<Reading> {
    return this.#reading(question, await this.#look(question, signal))
  }

  async change(replacements: readonly Replacement[], { signal }: CallOptions): Promise<ChangeOutcome> {
    // What is to stay away is in no change: nothing is there to be named.
    const absent = replacements.filter(({ expected, next }) => !expected.set && !next)
    for (const { expected } of absent) if (await this.#look(expected, signal)) return this.#conflict(replacements, signal)
    if (absent.length === replacements.length) return { kind: 'applied' }
    const deletions = replacements.flatMap(({ expected }) => {
      const there = expected.set && (parseVersion(expected.version) ?? asListed(expected.set))
      return there ? [resourceSet(expected, there)] : []
    })
    const additions = replacements.flatMap(({ next }) => (next ? [resourceSet(next, asListed(next))] : []))
    const path = `${await this.#zonePath(signal)}/changes`
    const answer = await this.#http.call({ method: 'POST', path, json: { additions, deletions } }, signal)
    if (!isDone(answer)) {
      const complaint = readComplaint(answer)
      if (isMismatch(answer, complaint)) return this.#conflict(replacements, signal)
      throw this.#http.failure(answer, complaint)
    }
    if (textAt(this.#http.json(answer), 'status') === undefined)
      throw this.#http.unusable(`${answer.status}, and the answer names no change`)
    return { kind: 'applied' }
  }

  async #conflict(replacements: readonly Replacement[], signal: AbortSignal): Promise<ChangeOutcome> {
    const current: Reading[] = []
    for (const { expected } of replacements) current.push(this.#reading(expected, await this.#look(expected, signal)))
    return { kind: 'conflict', current }
  }

  async #look({ name, type }: RecordSetName, signal: AbortSignal): Promise<ListedSet | undefined> {
    const query = new URLSearchParams({ name: `${name}.`, type })
    const listed = readListed(await this.#ask(`${await this.#zonePath(signal)}/rrsets?${query.toString()}`, signal), { name, type })
    switch (listed.kind) {
      case 'set':
        return listed.set
      case 'absent':
        return undefined
      case 'steered':
        throw refused(this.#http, `${name} ${type} has a routing policy, which decides what is answered`)
      case 'unreadable':
        throw this.#http.unusable('the answer has no list of sets')
      default:
        return assertNever(listed)
    }
  }

  async #findZone(signal: AbortSignal): Promise<string> {
    const { project, zone } = this.#options
    const query = new URLSearchParams({ dnsName: `${zone}.` })
    const zones = readManagedZones(await this.#ask(`/projects/${project}/managedZones?${query.toString()}`, signal), zone)
    if (!zones) throw this.#http.unusable('the answer has no list of zones')
    const [found, ...others] = zones
    if (found === undefined) throw refused(this.#http, 'the project has no public zone for that domain')
    if (others.length > 0) throw refused(this.#http, 'the project has several zones for that domain: set managedZone')
    return found
  }

  async #zonePath(signal: AbortSignal): Promise<string> {
    return `/projects/${this.#options.project}/managedZones/${await this.#managedZone.get(signal)}`
  }

  async #ask(path: string, signal: AbortSignal): Promise<unknown> {
    return answered(this.#http, await this.#http.call({ method: 'GET', path }, signal), readComplaint)
  }

  #reading(question: RecordSetName, there: ListedSet | undefined): Reading {
    const { type } = question
    const found = there && { ...there, values: understood(this.#http, () => there.values.map((text) => fromZoneText(type, text))) }
    return { ...readingOf(this.#http, question, found), version: there && versionOf(there) }
  }
}
