import { AzureTokens, type StandInAnswer, type StandInRequest, type Vendor } from '@hotspare/cloud/testing'
import type { RecordSet, RecordType } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { azureZone, type AzureZoneOptions } from './azure.ts'
import { asksFor, hasKeys, isTtl, jsonOf, standInFixture, type StandInFixture, ZONE } from './stand-in.fixture.ts'

const AZURE_CLIENT = { tenant: 'contoso.example', id: 'hotspare', secret: 'secret-of-the-client' }
export const AZURE_GROUP = { subscription: '00000000-0000-4000-8000-000000000001', resourceGroup: 'shop' }

interface KeptSet {
  readonly etag: string
  /** As they were put. */
  readonly properties: Record<string, unknown>
}

export interface AzureFixture extends StandInFixture {
  readonly tokens: AzureTokens
  /** By type and name: `A/www`. */
  readonly sets: Map<string, KeptSet>
}

/** The property that has the records of a type, and what each of them is made of. */
const SHAPES: Readonly<Record<string, { readonly key: string; readonly parts: readonly string[] }>> = {
  A: { key: 'ARecords', parts: ['ipv4Address'] },
  AAAA: { key: 'AAAARecords', parts: ['ipv6Address'] },
  CNAME: { key: 'CNAMERecord', parts: ['cname'] },
  TXT: { key: 'TXTRecords', parts: ['value'] },
  SRV: { key: 'SRVRecords', parts: ['priority', 'weight', 'port', 'target'] },
}

/** Azure DNS after the published REST reference: https://learn.microsoft.com/rest/api/dns/record-sets. */
export async function azureFixture(options: Partial<AzureZoneOptions> & { readonly byMetadata?: boolean } = {}): Promise<AzureFixture> {
  const { byMetadata = false, ...rest } = options
  const sets = new Map<string, KeptSet>()
  const tokens = new AzureTokens(AZURE_CLIENT)
  const group = `/subscriptions/${AZURE_GROUP.subscription}/resourceGroups/${AZURE_GROUP.resourceGroup}`
  const base = `${group}/providers/Microsoft.Network/dnsZones/${ZONE}`
  let versions = 0

  const write = (key: string, properties: Record<string, unknown>): KeptSet => {
    const written = { etag: `00000000-0000-0000-0000-${String(++versions).padStart(12, '0')}`, properties }
    sets.set(key, written)
    return written
  }
  const shown = (key: string, { etag, properties }: KeptSet) => {
    const [type = '', name = ''] = key.split('/')
    const fqdn = name === '@' ? `${ZONE}.` : `${name}.${ZONE}.`
    return {
      id: `${base}/${key}`,
      name,
      type: `Microsoft.Network/dnszones/${type}`,
      etag,
      properties: { fqdn, provisioningState: 'Succeeded', targetResource: {}, metadata: {}, ...properties },
    }
  }

  function put(request: StandInRequest, key: string): StandInAnswer | undefined {
    const body = jsonOf(request)
    const type = key.split('/')[0] ?? ''
    const shape = SHAPES[type]
    if (!shape || !hasKeys(body, ['properties']) || !hasKeys(body['properties'], ['TTL', shape.key], ['metadata'])) return undefined
    const { properties } = body
    const list = type === 'CNAME' ? [properties[shape.key]] : properties[shape.key]
    if (!isTtl(properties['TTL'], 1, 2_147_483_647) || !Array.isArray(list) || list.length === 0)
      return no(400, 'BadRequest', 'TTL, records')
    if (!list.every((each) => hasKeys(each, shape.parts))) return undefined
    if (type === 'TXT' && !list.every((each) => hasKeys(each, ['value']) && isStrings(each['value']))) return undefined
    if (list.length > 20) return no(400, 'BadRequest', 'a set may have 20 records')
    const name = key.split('/')[1]
    const clashes = [...sets.keys()].some(
      (other) => other !== key && other.endsWith(`/${name}`) && (type === 'CNAME' || other.startsWith('CNAME/')),
    )
    if (clashes) return no(400, 'BadRequest', 'The CNAME record set cannot be with other record sets of the same name')
    const isNew = !sets.has(key)
    return { status: isNew ? 201 : 200, body: shown(key, write(key, properties)) }
  }

  const vendor: Vendor = {
    limited: { ...no(429, 'TooManyRequests', 'slow down'), headers: { 'retry-after': '7' } },
    beside: (request) => tokens.answer(request),
    changes: ({ method }) => method !== 'GET',
    credentials: (request) =>
      tokens.areShown(request)
        ? undefined
        : { status: 401, body: { error: { code: 'ExpiredAuthenticationToken', message: `${request.headers.authorization}` } } },
    answer(request) {
      const { method, path, headers } = request
      if (!asksFor(request, ['api-version']) || request.query.get('api-version') !== '2018-05-01') return undefined
      const key = path.startsWith(`${base}/`) ? path.slice(base.length + 1) : ''
      if (!/^(?:A|AAAA|CNAME|TXT|SRV)\/(?:@|[a-z0-9_.*-]+)$/.test(key)) return undefined
      const there = sets.get(key)
      if (method === 'GET')
        return there ? { status: 200, body: shown(key, there) } : no(404, 'NotFound', `The resource record '${key}' does not exist.`)
      const [match, noneMatch] = [headers['if-match'], headers['if-none-match']]
      // A change without a condition overwrites: it would be answered, and is not what may be asked.
      if ((match === undefined) === (noneMatch === undefined) || (noneMatch !== undefined && noneMatch !== '*')) return undefined
      const unfit = match === undefined ? there !== undefined : there !== undefined && there.etag !== match
      if (unfit || (match !== undefined && !there && method === 'PUT'))
        return no(412, 'PreconditionFailed', 'The condition has not been met.')
      if (method === 'PUT') return put(request, key)
      if (method !== 'DELETE') return undefined
      return { status: sets.delete(key) ? 200 : 204, body: '' }
    },
  }

  const keyOf = ({ name, type }: { readonly name: string; readonly type: RecordType }) =>
    `${type}/${name === ZONE ? '@' : name.slice(0, -(ZONE.length + 1))}`
  const fixture = await standInFixture({
    vendor,
    kept: {
      seed: (set) => void write(keyOf(set), { TTL: set.ttlSeconds, ...kept(set) }),
      remove: (name) => void sets.delete(keyOf(name)),
      peek({ name, type }) {
        const properties = sets.get(keyOf({ name, type }))?.properties
        return properties && recordSet({ name, type, ttlSeconds: Number(properties['TTL']), values: valuesOf(properties, type) })
      },
    },
    open(url, clock) {
      const who = byMetadata ? { metadataEndpoint: url } : { client: AZURE_CLIENT, loginEndpoint: url }
      return azureZone({ zone: ZONE, ...AZURE_GROUP, endpoint: url, clock, ...who, ...rest })
    },
    refuseCredentials: () => tokens.refuse(),
    secrets: [AZURE_CLIENT.secret, 'eyJ-secret'],
  })
  return Object.assign(fixture, { tokens, sets })
}

function kept({ type, values }: RecordSet): Record<string, unknown> {
  const { key = '', parts = [] } = SHAPES[type] ?? {}
  const list = values.map((value) => {
    if (type === 'TXT') return { value: value.match(/[^]{1,255}/g) ?? [''] }
    const words = value.split(' ')
    return Object.fromEntries(parts.map((part, index) => [part, type === 'SRV' && index < 3 ? Number(words[index]) : words[index]]))
  })
  return { [key]: type === 'CNAME' ? list[0] : list }
}

function valuesOf(properties: Record<string, unknown>, type: RecordType): readonly string[] {
  const { key = '', parts = [] } = SHAPES[type] ?? {}
  const list = [properties[key]].flat() as Record<string, unknown>[]
  return list.map((each) => (type === 'TXT' ? (each['value'] as string[]).join('') : parts.map((part) => String(each[part])).join(' ')))
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string' && Buffer.byteLength(text) <= 255)
}

function no(status: number, code: string, message: string): StandInAnswer {
  return { status, body: { code, message } }
}
