import { awsSignedHeaders } from '@hotspare/cloud/aws'
import { InstanceMetadata, signatureProblem, type StandInAnswer, type StandInRequest, type Vendor } from '@hotspare/cloud/testing'
import type { Clock } from '@hotspare/core'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { type Route53Zone, route53Zone, type Route53ZoneOptions } from './route53.ts'
import { fromRoute53Text, route53Text } from './route53/txt.ts'
import { asksFor, standInFixture, type StandInFixture, ZONE } from './stand-in.fixture.ts'

export const ROUTE53_KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-the-user' }
export const HOSTED_ZONE = 'Z1PA6795UKMFR9'

/** A set, word for word. */
export interface Route53Set {
  readonly name: string
  readonly type: string
  readonly ttl: number
  readonly values: readonly string[]
  /** What makes it more than values: an alias, a routing policy. */
  readonly extra?: string
}

export interface Route53Fixture extends StandInFixture {
  /** As `open`, with what Route 53 has besides. */
  connect(clock: Clock): Route53Zone
  readonly metadata: InstanceMetadata
  readonly sets: Map<string, Route53Set>
  put(set: Route53Set): void
  /** As XML, of further hosted zones. */
  readonly zones: string[]
  /** How many of the next changes come while an earlier one is being taken in; and whether all name servers have the last one. */
  readonly state: { busy: number; isInSync: boolean }
  /** Of changes. */
  readonly bodies: string[]
}

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/'
const LISTS = new Set(['Change', 'ResourceRecord'])

/**
 * Route 53 after the published API reference. Strict where emulators are not: a DELETE has to name TTL and all values as they are.
 *
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export async function route53Fixture(options: Partial<Route53ZoneOptions> = {}): Promise<Route53Fixture> {
  const sets = new Map<string, Route53Set>()
  const metadata = new InstanceMetadata()
  const bodies: string[] = []
  const zones: string[] = []
  const state = { busy: 0, isInSync: false }
  let ownSecret: string | undefined = ROUTE53_KEYS.secretAccessKey
  let changes = 0

  /** A set or what comes after where it would be: by the labels from the right, then by the type. */
  const listFrom = (name: string, type: string) => {
    const keyOf = (each: { readonly name: string; readonly type: string }) =>
      `${each.name.split('.').toReversed().join('\u0001')}\u0000${each.type}`
    const sorted = [...sets.values()].toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
    return sorted.filter((each) => keyOf(each) >= keyOf({ name, type }))
  }

  function list(request: StandInRequest): StandInAnswer | undefined {
    const { query } = request
    const [name, type] = [query.get('name') ?? '', query.get('type') ?? '']
    if (!asksFor(request, ['name', 'type', 'maxitems']) || query.get('maxitems') !== '1' || !name.endsWith('.')) return undefined
    const [first, second] = listFrom(name.toLowerCase().replace(/\.$/, ''), type)
    const next = second ? `<NextRecordName>${second.name}.</NextRecordName><NextRecordType>${second.type}</NextRecordType>` : ''
    const inner = `<ResourceRecordSets>${first ? shown(first) : ''}</ResourceRecordSets><IsTruncated>${second !== undefined}</IsTruncated>${next}<MaxItems>1</MaxItems>`
    return xml(200, `<ListResourceRecordSetsResponse xmlns="${NAMESPACE}">${inner}</ListResourceRecordSetsResponse>`)
  }

  function change({ body, headers }: StandInRequest): StandInAnswer | undefined {
    if (!headers['content-type']?.includes('xml') || XMLValidator.validate(body) !== true || !body.includes(`xmlns="${NAMESPACE}"`))
      return undefined
    const parser = new XMLParser({ parseTagValue: false, trimValues: false, htmlEntities: true, isArray: (tag) => LISTS.has(tag) })
    const parsed = parser.parse(body) as { ChangeResourceRecordSetsRequest?: { ChangeBatch?: { Changes?: { Change?: WireChange[] } } } }
    const asked = parsed.ChangeResourceRecordSetsRequest?.ChangeBatch?.Changes?.Change ?? []
    if (asked.length === 0) return undefined
    if (state.busy > 0) {
      state.busy -= 1
      return error(400, 'PriorRequestNotComplete', 'The request was rejected because Route 53 was still processing a prior request.')
    }
    bodies.push(body)
    const problems: string[] = []
    const after = new Map(sets)
    for (const each of asked) {
      const problem = carryOut(after, each)
      if (problem !== undefined) problems.push(problem)
    }
    if (problems.length > 0) return error(400, 'InvalidChangeBatch', `[${problems.join(', ')}]`)
    sets.clear()
    for (const [key, set] of after) sets.set(key, set)
    state.isInSync = false
    return changeInfo('ChangeResourceRecordSetsResponse', `C${++changes}`, 'PENDING')
  }

  // Loads what signs: the first time takes a while that clocks of tests do not see.
  await awsSignedHeaders(
    { method: 'GET', url: 'http://127.0.0.1/' },
    { keys: ROUTE53_KEYS, region: 'us-east-1', service: 'route53', at: new Date(0) },
  )

  const vendor: Vendor = {
    limited: error(400, 'Throttling', 'Rate exceeded'),
    beside: (request) => metadata.answer(request),
    changes: ({ method }) => method !== 'GET',
    credentials(request) {
      const session = request.headers['x-amz-security-token']?.toString()
      const secret = session === undefined ? ownSecret : metadata.secretOf(session)
      if (secret === undefined && session !== undefined && metadata.isBelieved)
        return error(403, 'ExpiredToken', 'The security token is expired')
      const problem = signatureProblem(request, { region: 'us-east-1', service: 'route53', secretOf: () => secret })
      if (problem === undefined) return undefined
      const code = problem === 'InvalidAccessKeyId' ? 'InvalidClientTokenId' : 'SignatureDoesNotMatch'
      return error(403, code, `The request signature ${request.headers.authorization} does not match`)
    },
    answer(request) {
      const { method, path } = request
      const base = `/2013-04-01/hostedzone/${HOSTED_ZONE}/rrset`
      if (method === 'GET' && path === '/2013-04-01/hostedzonesbyname') {
        if (!asksFor(request, ['dnsname', 'maxitems']) || request.query.get('dnsname') !== `${ZONE}.`) return undefined
        const own = hostedZone(HOSTED_ZONE, `${ZONE}.`, false)
        const inner = `<HostedZones>${own}${hostedZone('Z9PRIVATE', `${ZONE}.`, true)}${zones.join('')}${hostedZone('Z8', 'example.net.', false)}</HostedZones>`
        return xml(
          200,
          `<ListHostedZonesByNameResponse xmlns="${NAMESPACE}">${inner}<IsTruncated>false</IsTruncated><MaxItems>10</MaxItems></ListHostedZonesByNameResponse>`,
        )
      }
      if (method === 'GET' && path === base) return list(request)
      if (method === 'POST' && path === `${base}/` && request.query.size === 0) return change(request)
      if (method === 'GET' && path === `/2013-04-01/change/C${changes}`) {
        return changeInfo('GetChangeResponse', `C${changes}`, state.isInSync ? 'INSYNC' : 'PENDING')
      }
      return undefined
    },
  }

  const connectTo = (endpoint: string, clock: Clock) =>
    route53Zone({ zone: ZONE, keys: ROUTE53_KEYS, endpoint, metadataEndpoint: endpoint, clock, ...options })
  const put = (set: Route53Set) => sets.set(`${set.name} ${set.type}`, set)
  const fixture = await standInFixture({
    vendor,
    kept: {
      seed: (set: RecordSet) => void put({ ...set, ttl: set.ttlSeconds, values: set.values.map((value) => route53Text(set.type, value)) }),
      remove: ({ name, type }: RecordSetName) => void sets.delete(`${name} ${type}`),
      peek({ name, type }: RecordSetName) {
        const found = sets.get(`${name} ${type}`)
        return found && recordSet({ name, type, ttlSeconds: found.ttl, values: found.values.map((text) => fromRoute53Text(type, text)) })
      },
    },
    open: connectTo,
    refuseCredentials() {
      ownSecret = undefined
      metadata.refuse()
    },
    secrets: [ROUTE53_KEYS.secretAccessKey],
  })
  const connect = (clock: Clock) => connectTo(fixture.server.url, clock)
  return Object.assign(fixture, { connect, metadata, sets, zones, bodies, state, put: (set: Route53Set) => void put(set) })
}

interface WireChange {
  readonly Action?: string
  readonly ResourceRecordSet?: {
    readonly Name?: string
    readonly Type?: string
    readonly TTL?: string
    readonly ResourceRecords?: { readonly ResourceRecord?: readonly { readonly Value?: string }[] }
  }
}

/** @returns why not */
function carryOut(sets: Map<string, Route53Set>, { Action: action, ResourceRecordSet: wire = {} }: WireChange): string | undefined {
  const [name, type, ttl] = [(wire.Name ?? '').toLowerCase().replace(/\.$/, ''), wire.Type ?? '', wire.TTL ?? '']
  const values = (wire.ResourceRecords?.ResourceRecord ?? []).map(({ Value }) => Value ?? '')
  const what = `resource record set [name='${name}.', type='${type}']`
  const there = sets.get(`${name} ${type}`)
  if (!/^\d{1,10}$/.test(ttl) || values.length === 0 || new Set(values).size < values.length) return `Invalid ${what}`
  if (name !== ZONE && !name.endsWith(`.${ZONE}`)) return `RRSet with DNS name ${name}. is not permitted in zone ${ZONE}.`
  if (action === 'DELETE') {
    if (!there) return `Tried to delete ${what} but it was not found`
    const isSame =
      there.ttl === Number(ttl) && there.extra === undefined && [...there.values].toSorted().join('\n') === values.toSorted().join('\n')
    if (!isSame) return `Tried to delete ${what} but the values provided do not match the current values`
    sets.delete(`${name} ${type}`)
    return undefined
  }
  if (action !== 'CREATE') return `Invalid action ${action}`
  if (there) return `Tried to create ${what} but it already exists`
  const clashes = [...sets.values()].some((set) => set.name === name && (set.type === 'CNAME' || type === 'CNAME'))
  if (clashes)
    return `RRSet of type ${type} with DNS name ${name}. is not permitted as it conflicts with other records with the same DNS name in zone ${ZONE}.`
  const bad = values.find((value) => !isValue(type, value))
  if (bad !== undefined) return `Invalid Resource Record: '${bad}'`
  sets.set(`${name} ${type}`, { name, type, ttl: Number(ttl), values })
  return undefined
}

function isValue(type: string, value: string): boolean {
  if (type === 'A') return /^\d+(?:\.\d+){3}$/.test(value)
  if (type === 'AAAA') return value.includes(':')
  // Strings of up to 255 octets in quotation marks; what is not printable as three octal digits.
  if (type === 'TXT')
    return /^"(?:[ !#-[\]-~]|\\["\\]|\\[0-3][0-7]{2}){0,255}"(?: "(?:[ !#-[\]-~]|\\["\\]|\\[0-3][0-7]{2}){0,255}")*$/.test(value)
  return /^[a-z0-9 ._="-]+$/i.test(value)
}

function shown({ name, type, ttl, values, extra }: Route53Set): string {
  const records = values.map(
    (value) => `<ResourceRecord><Value>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</Value></ResourceRecord>`,
  )
  const listed = name.replace('*', String.raw`\052`)
  const body = extra ?? `<TTL>${ttl}</TTL><ResourceRecords>${records.join('')}</ResourceRecords>`
  return `<ResourceRecordSet><Name>${listed}.</Name><Type>${type}</Type>${body}</ResourceRecordSet>`
}

/** A hosted zone as it is listed. */
export function hostedZone(id: string, name: string, isPrivate: boolean): string {
  return `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}</Name><Config><PrivateZone>${isPrivate}</PrivateZone></Config></HostedZone>`
}

function changeInfo(tag: string, id: string, status: string): StandInAnswer {
  const info = `<ChangeInfo><Id>/change/${id}</Id><Status>${status}</Status><SubmittedAt>2026-11-22T10:00:00Z</SubmittedAt></ChangeInfo>`
  return xml(200, `<${tag} xmlns="${NAMESPACE}">${info}</${tag}>`)
}

function error(status: number, code: string, message: string): StandInAnswer {
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const inner = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${text}</Message></Error><RequestId>1</RequestId>`
  return xml(status, `<ErrorResponse xmlns="${NAMESPACE}">${inner}</ErrorResponse>`)
}

function xml(status: number, text: string): StandInAnswer {
  return { status, body: `<?xml version="1.0"?>\n${text}`, headers: { 'content-type': 'text/xml' } }
}
