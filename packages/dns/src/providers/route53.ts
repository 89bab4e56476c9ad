import { type CloudAnswer, type CloudHttp, idPart } from '@hotspare/cloud'
import { awsCredentials, type AwsKeys, awsKeyParts } from '@hotspare/cloud/aws'
import { assertNever, sleep, withDeadline } from '@hotspare/core'
import { z } from 'zod'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { CallOptions, ChangeOutcome, DnsCapabilities, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import { httpZone, readingOf, understood } from './http-zone.ts'
import { Known } from './known.ts'
import { type ListedSet, parseVersion, versionOf } from './listed-set.ts'
import { asListed, type BatchPart, changeBatch } from './route53/batch.ts'
import { isMismatch, readChange, readComplaint, readHostedZones, readListed } from './route53/messages.ts'
import { fromRoute53Text } from './route53/txt.ts'
import { isDone, refused } from './statuses.ts'

export interface Route53ZoneOptions extends ZoneProviderOptions {
  /** Default: those of the instance's role, from its metadata service (IMDSv2) */
  readonly keys?: AwsKeys | undefined
  /** `Z1PA6795UKMFR9`. Default: asked for by the zone's name, which needs the right to list hosted zones */
  readonly hostedZoneId?: string | undefined
  /** What requests are signed for: of the partition, not of a server. Default: `us-east-1` */
  readonly region?: string | undefined
  /** Default: `http://169.254.169.254` */
  readonly metadataEndpoint?: string | undefined
}

interface Resolved extends ResolvedZoneProviderOptions {
  readonly keys: AwsKeys | undefined
  readonly hostedZoneId?: string | undefined
  readonly region: string
  readonly metadataEndpoint: string
}

export const route53ZoneOptionsSchema: z.ZodType<Resolved, Route53ZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://route53.amazonaws.com'),
  ...awsKeyParts,
  hostedZoneId: idPart('Z1PA6795UKMFR9')
    .regex(/^[A-Z0-9]{1,32}$/, 'expected the id of a hosted zone, like Z1PA6795UKMFR9')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'expected a region, like us-east-1')
    .default('us-east-1'),
})

/** A zone at Route 53, which can also tell how far its last change has come. */
export interface Route53Zone extends DnsProvider {
  /**
   * Whether all name servers of Route 53 have the last change that was made here (GetChange); true where there was none.
   *
   * @throws CloudError
   */
  isInSync(options: CallOptions): Promise<boolean>
}

const capabilities: DnsCapabilities = {
  compareAndSwap: 'exact',
  atomicBatch: true,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'HTTPS'],
  mostValues: 400,
  minimumTtlSeconds: 0,
  typicalPropagationMs: 60_000,
  // Ten a second and 50 at once for the whole account: a third of it for each of three nodes.
  rate: {
    perSecond: 3,
    burst: 15,
    source: 'https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests',
  },
  proven: 'contract',
  source: 'https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html',
}

const STALE: ReadonlySet<string | undefined> = new Set(['ExpiredToken', 'ExpiredTokenException', 'InvalidClientTokenId', 'RequestExpired'])
const VERSION = '/2013-04-01'
/** Another change of the zone is still being taken in: it is over within a second as a rule. */
const PRIOR_WAITS_MS: readonly number[] = [250, 500, 1_000]

/**
 * A zone at Route 53: a change names what it replaces with its TTL and all of its values, several sets at once, all or none. Sets with
 * a routing policy and aliases are refused: they are more than values.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function route53Zone(options: Route53ZoneOptions): Route53Zone {
  const resolved = parseOptions('route53', route53ZoneOptionsSchema, options)
  const { zone } = resolved
  const id = `route53 zone ${zone}`
  let driver: Route53Driver | undefined
  const provider = httpZone({
    id,
    capabilities,
    options: resolved,
    credentials: (ways) => awsCredentials({ ...resolved, who: id, service: 'route53', ways }),
    areStale: (answer) => !isDone(answer) && STALE.has(readComplaint(answer).code),
    drive(http) {
      driver = new Route53Driver(http, resolved)
      return driver
    },
  })
  const { clock, callMs } = resolved
  return Object.assign(provider, {
    isInSync: ({ signal }: CallOptions) =>
      withDeadline(id, callMs, async (own) => (await driver?.isInSync({ signal: own })) ?? true, { signal, clock }),
  })
}

class Route53Driver {
  readonly #http: CloudHttp
  readonly #options: Resolved
  readonly #zoneId: Known<string>
  #lastChange: string | undefined

  constructor(http: CloudHttp, options: Resolved) {
    this.#http = http
    this.#options = options
    this.#zoneId = new Known(options.hostedZoneId, (signal) => this.#findZone(signal))
  }

  async read(question: RecordSetName, { signal }: CallOptions): Promise<Reading> {
    const there = await this.#look(question, signal)
    return this.#reading(question, there)
  }

  async change(replacements: readonly Replacement[], { signal }: CallOptions): Promise<ChangeOutcome> {
    const parts = replacements.map(({ expected, next }): BatchPart => {
      return { question: expected, there: expected.set && (parseVersion(expected.version) ?? asListed(expected.set)), next }
    })
    // What is to stay away is in no batch: nothing is there to be named.
    const absent = parts.filter(({ there, next }) => !there && !next)
    for (const { question } of absent) if (await this.#look(question, signal)) return this.#conflict(parts, signal)
    if (absent.length === parts.length) return { kind: 'applied' }
    const answer = await this.#send(changeBatch(parts), signal)
    if (!isDone(answer)) {
      const complaint = readComplaint(answer)
      if (isMismatch(complaint)) return this.#conflict(parts, signal)
      throw this.#http.failure(answer, complaint)
    }
    const change = readChange(answer.text)
    if (!change) throw this.#http.unusable(`${answer.status}, and the answer names no change`)
    this.#lastChange = change.isInSync ? undefined : change.id
    return { kind: 'applied' }
  }

  async isInSync({ signal }: CallOptions): Promise<boolean> {
    const id = this.#lastChange
    if (id === undefined) return true
    const change = readChange((await this.#ask(`/change/${encodeURIComponent(id)}`, signal)).text)
    if (!change) throw this.#http.unusable('the answer tells of no change')
    if (change.isInSync && this.#lastChange === id) this.#lastChange = undefined
    return change.isInSync
  }

  async #conflict(parts: readonly BatchPart[], signal: AbortSignal): Promise<ChangeOutcome> {
    const current: Reading[] = []
    for (const { question } of parts) current.push(this.#reading(question, await this.#look(question, signal)))
    return { kind: 'conflict', current }
  }

  /** While an earlier change of the zone is being taken in, another is refused, and nothing of it is done. */
  async #send(body: string, signal: AbortSignal): Promise<CloudAnswer> {
    const path = `${VERSION}/hostedzone/${await this.#zoneId.get(signal)}/rrset/`
    const headers = { 'content-type': 'application/xml' }
    for (const waitMs of PRIOR_WAITS_MS) {
      const answer = await this.#http.call({ method: 'POST', path, headers, body }, signal)
      if (isDone(answer) || readComplaint(answer).code !== 'PriorRequestNotComplete') return answer
      await sleep(waitMs, { signal, clock: this.#options.clock })
    }
    return this.#http.call({ method: 'POST', path, headers, body }, signal)
  }

  async #look({ name, type }: RecordSetName, signal: AbortSignal): Promise<ListedSet | undefined> {
    const query = new URLSearchParams({ name: `${name}.`, type, maxitems: '1' })
    const path = `/hostedzone/${await this.#zoneId.get(signal)}/rrset?${query.toString()}`
    const listed = readListed((await this.#ask(path, signal)).text, { name, type })
    switch (listed.kind) {
      case 'set':
        return listed.set
      case 'absent':
        return undefined
      case 'steered':
        throw refused(this.#http, `${name} ${type} is an alias, or has a routing policy, which decides what is answered`)
      case 'unreadable':
        throw this.#http.unusable('the answer has no list of sets')
      default:
        return assertNever(listed)
    }
  }

  async #findZone(signal: AbortSignal): Promise<string> {
    const { zone } = this.#options
    const query = new URLSearchParams({ dnsname: `${zone}.`, maxitems: '10' })
    const zones = readHostedZones((await this.#ask(`/hostedzonesbyname?${query.toString()}`, signal)).text, zone)
    if (!zones) throw this.#http.unusable('the answer has no list of hosted zones')
    const [found, ...others] = zones.filter(({ isPrivate }) => !isPrivate)
    if (!found) throw refused(this.#http, 'the account has no public hosted zone of that name')
    if (others.length > 0) throw refused(this.#http, 'the account has several hosted zones of that name: set hostedZoneId')
    return found.id
  }

  async #ask(path: string, signal: AbortSignal): Promise<CloudAnswer> {
    const answer = await this.#http.call({ method: 'GET', path: `${VERSION}${path}` }, signal)
    if (isDone(answer)) return answer
    throw this.#http.failure(answer, readComplaint(answer))
  }

  #reading(question: RecordSetName, there: ListedSet | undefined): Reading {
    const { type } = question
    const found = there && { ...there, values: understood(this.#http, () => there.values.map((text) => fromRoute53Text(type, text))) }
    return { ...readingOf(this.#http, question, found), version: there && versionOf(there) }
  }
}
