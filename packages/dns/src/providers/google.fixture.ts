import {
  googleKeyFile,
  googleTestAccount,
  GoogleTokens,
  type StandInAnswer,
  type StandInRequest,
  type Vendor,
} from '@hotspare/cloud/testing'
import { recordSet } from '../value.ts'
import { googleZone, type GoogleZoneOptions } from './google.ts'
import { asksFor, hasKeys, isTexts, isTtl, jsonOf, standInFixture, type StandInFixture, ZONE } from './stand-in.fixture.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

const GOOGLE_PROJECT = 'my-project'
export const MANAGED_ZONE = 'my-zone'

/** A set, word for word. */
export interface GoogleSet {
  readonly name: string
  readonly type: string
  readonly ttl: number
  readonly rrdatas: readonly string[]
  readonly routingPolicy?: object
}

export interface GoogleFixture extends StandInFixture {
  readonly tokens: GoogleTokens
  readonly sets: Map<string, GoogleSet>
  /** Further managed zones. */
  readonly zones: object[]
  /** Of changes. */
  readonly bodies: string[]
}

/**
 * Cloud DNS after the published API reference. Strict where emulators are not: a deletion has to name TTL and all data as they are.
 *
 * https://cloud.google.com/dns/docs/reference/rest/v1/changes/create
 */
export async function googleFixture(options: Partial<GoogleZoneOptions> & { readonly byMetadata?: boolean } = {}): Promise<GoogleFixture> {
  const { byMetadata = false, ...rest } = options
  const sets = new Map<string, GoogleSet>()
  const zones: object[] = []
  const bodies: string[] = []
  const tokens = new GoogleTokens('https://www.googleapis.com/auth/ndev.clouddns.readwrite', () => fixture.server.url)

  function change(request: StandInRequest): StandInAnswer | undefined {
    const body = jsonOf(request)
    if (!hasKeys(body, ['additions', 'deletions'])) return undefined
    const { additions, deletions } = body
    if (!Array.isArray(additions) || !Array.isArray(deletions) || additions.length + deletions.length === 0) return undefined
    bodies.push(request.body)
    const after = new Map(sets)
    for (const [index, each] of deletions.entries()) {
      if (!isSet(each)) return error(400, 'invalid', `Invalid value for 'entity.change.deletions[${index}]'`)
      const there = after.get(keyOf(each))
      const what = `entity.change.deletions[${index}]`
      if (!there) return error(404, 'notFound', `The '${what}' resource named '${each.name} (${each.type})' does not exist.`)
      const isSame = there.ttl === each.ttl && [...there.rrdatas].toSorted().join('\n') === [...each.rrdatas].toSorted().join('\n')
      if (!isSame) return error(412, 'conditionNotMet', `Precondition not met for '${what}'`)
      after.delete(keyOf(each))
    }
    for (const [index, each] of additions.entries()) {
      const what = `entity.change.additions[${index}]`
      if (!isSet(each)) return error(400, 'invalid', `Invalid value for '${what}'`)
      if (after.has(keyOf(each)))
        return error(409, 'alreadyExists', `The resource '${what}' named '${each.name} (${each.type})' already exists`)
      const clashes = [...after.values()].some(({ name, type }) => name === each.name && (type === 'CNAME' || each.type === 'CNAME'))
      if (clashes) return error(400, 'cnameResourceRecordSetConflict', `The resource record set '${what}' is invalid because of a CNAME`)
      after.set(keyOf(each), each)
    }
    sets.clear()
    for (const [key, set] of after) sets.set(key, set)
    return { status: 200, body: { kind: 'dns#change', id: `${bodies.length}`, status: 'pending', additions, deletions } }
  }

  const vendor: Vendor = {
    limited: error(403, 'rateLimitExceeded', 'Rate Limit Exceeded'),
    beside: (request) => tokens.answer(request),
    changes: ({ method }) => method !== 'GET',
    credentials: (request) => (tokens.areShown(request) ? undefined : error(401, 'authError', `Invalid: ${request.headers.authorization}`)),
    answer(request) {
      const { method, path, query } = request
      const project = `/dns/v1/projects/${GOOGLE_PROJECT}/managedZones`
      if (method === 'GET' && path === project) {
        if (!asksFor(request, ['dnsName']) || query.get('dnsName') !== `${ZONE}.`) return undefined
        const own = { name: MANAGED_ZONE, dnsName: `${ZONE}.`, visibility: 'public' }
        const managedZones = [{ name: 'inside', dnsName: `${ZONE}.`, visibility: 'private' }, own, ...zones]
        return { status: 200, body: { kind: 'dns#managedZonesListResponse', managedZones } }
      }
      if (method === 'GET' && path === `${project}/${MANAGED_ZONE}/rrsets` && asksFor(request, ['name', 'type'])) {
        const found = sets.get(`${query.get('name')} ${query.get('type')}`)
        const rrsets = found ? [{ kind: 'dns#resourceRecordSet', ...found, signatureRrdatas: [] }] : []
        return { status: 200, body: { kind: 'dns#resourceRecordSetsListResponse', rrsets } }
      }
      if (method === 'POST' && path === `${project}/${MANAGED_ZONE}/changes` && query.size === 0) return change(request)
      return undefined
    },
  }

  const fixture = await standInFixture({
    vendor,
    kept: {
      seed({ name, type, ttlSeconds, values }) {
        const rrdatas = values.map((value) => zoneText(type, value))
        sets.set(`${name}. ${type}`, { name: `${name}.`, type, ttl: ttlSeconds, rrdatas })
      },
      remove: ({ name, type }) => void sets.delete(`${name}. ${type}`),
      peek({ name, type }) {
        const found = sets.get(`${name}. ${type}`)
        return found && recordSet({ name, type, ttlSeconds: found.ttl, values: found.rrdatas.map((text) => fromZoneText(type, text)) })
      },
    },
    open(url, clock) {
      const who = byMetadata ? { metadataEndpoint: url } : { key: googleKeyFile(url) }
      return googleZone({ zone: ZONE, project: GOOGLE_PROJECT, endpoint: `${url}/dns/v1`, clock, ...who, ...rest })
    },
    refuseCredentials: () => tokens.refuse(),
    secrets: ['ya29-secret', googleTestAccount().privateKey.split('\n')[3] ?? ''],
  })
  return Object.assign(fixture, { tokens, sets, zones, bodies })
}

function isSet(value: unknown): value is GoogleSet {
  if (!hasKeys(value, ['name', 'type', 'ttl', 'rrdatas'])) return false
  const { name, type, ttl, rrdatas } = value
  if (typeof name !== 'string' || typeof type !== 'string' || !isTtl(ttl, 0, 2_147_483_647) || !isTexts(rrdatas)) return false
  if (name !== `${ZONE}.` && !name.endsWith(`.${ZONE}.`)) return false
  if (type === 'A') return rrdatas.every((text) => /^\d+(?:\.\d+){3}$/.test(text))
  if (type === 'TXT') return rrdatas.every((text) => /^"(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*$/.test(text))
  // Names are absolute.
  return !['CNAME', 'SRV'].includes(type) || rrdatas.every((text) => text.endsWith('.'))
}

function keyOf({ name, type }: GoogleSet): string {
  return `${name} ${type}`
}

function error(status: number, reason: string, message: string): StandInAnswer {
  return { status, body: { error: { code: status, message, errors: [{ message, domain: 'global', reason }] } } }
}
