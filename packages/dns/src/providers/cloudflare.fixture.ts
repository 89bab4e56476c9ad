import type { StandInAnswer, StandInRequest, Vendor } from '@hotspare/cloud/testing'
import type { RecordType } from '../record-set.ts'
import { canonicalValue } from '../value.ts'
import { cloudflareZone } from './cloudflare.ts'
import {
  asksFor,
  hasKeys,
  isTtl,
  jsonOf,
  KeptRecords,
  type ListedRecord,
  standInFixture,
  type StandInFixture,
  ZONE,
} from './stand-in.fixture.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

export const CLOUDFLARE_TOKEN = 'cf-secret-of-the-user'
export const ZONE_ID = '023e105f4ecef8ad9ca31a8372d0c353'

const BASE = '/client/v4'
const TYPES: readonly string[] = ['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'HTTPS'] satisfies RecordType[]

export interface CloudflareFixture extends StandInFixture {
  readonly records: KeptRecords
  /** Ids of records that are behind Cloudflare's proxy, or have the TTL "Auto". */
  readonly proxied: Set<string>
  readonly auto: Set<string>
}

/** Zones and DNS records, after the published API: https://developers.cloudflare.com/api/resources/dns/. */
export async function cloudflareFixture(options: { readonly zoneId?: string | undefined } = {}): Promise<CloudflareFixture> {
  const records = new KeptRecords()
  const proxied = new Set<string>()
  const auto = new Set<string>()
  let accepted = CLOUDFLARE_TOKEN

  const shown = (record: ListedRecord) => ({
    id: record.id.padStart(32, '0'),
    name: record.name,
    type: record.type,
    ...partsOf(record),
    proxiable: ['A', 'AAAA', 'CNAME'].includes(record.type),
    proxied: proxied.has(record.id),
    ttl: auto.has(record.id) || proxied.has(record.id) ? 1 : record.ttlSeconds,
    comment: null,
    tags: [],
  })

  function list(request: StandInRequest): StandInAnswer | undefined {
    const { query } = request
    if (!asksFor(request, ['type', 'name.exact', 'per_page'])) return undefined
    const [type = '', name = '', perPage = ''] = ['type', 'name.exact', 'per_page'].map((key) => query.get(key) ?? '')
    if (!TYPES.includes(type) || !(Number(perPage) >= 5)) return undefined
    const own = records.list.filter((record) => record.type === type && record.name === name)
    const page = own.slice(0, Number(perPage))
    const total = { page: 1, per_page: Number(perPage), count: page.length, total_count: own.length }
    return ok(page.map(shown), { ...total, total_pages: Math.ceil(own.length / Number(perPage)) })
  }

  /** One transaction: deletes, patches, puts, posts. */
  function batch(request: StandInRequest): StandInAnswer | undefined {
    const body = jsonOf(request)
    if (!hasKeys(body, [], ['deletes', 'patches', 'posts'])) return undefined
    const [deletes, patches, posts] = [body['deletes'] ?? [], body['patches'] ?? [], body['posts'] ?? []]
    if (![deletes, patches, posts].every(Array.isArray)) return undefined
    let next = records.list
    for (const each of deletes as unknown[]) {
      if (!hasKeys(each, ['id'])) return undefined
      const id = shortId(each['id'])
      if (!next.some((record) => record.id === id)) return no(404, 81_044, 'Record does not exist.')
      next = next.filter((record) => record.id !== id)
    }
    for (const each of patches as unknown[]) {
      if (!hasKeys(each, ['id', 'name', 'type', 'ttl'], ['content', 'data'])) return undefined
      const id = shortId(each['id'])
      if (!next.some((record) => record.id === id)) return no(404, 81_044, 'Record does not exist.')
      const record = readRecord(id, each)
      if (!record) return no(400, 9_005, 'Content for record is invalid.')
      next = next.map((old) => (old.id === id ? record : old))
    }
    for (const each of posts as unknown[]) {
      if (!hasKeys(each, ['name', 'type', 'ttl', 'proxied'], ['content', 'data'])) return undefined
      const record = readRecord(records.nextId(), each)
      if (!record) return no(400, 9_005, 'Content for record is invalid.')
      next = [...next, record]
    }
    if (hasTwins(next)) return no(400, 81_058, 'An identical record already exists.')
    if (hasClash(next)) return no(400, 81_053, 'An A, AAAA, or CNAME record with that host already exists.')
    records.list = next
    return ok({ deletes: [], patches: [], posts: [] })
  }

  const vendor: Vendor = {
    limited: { ...no(429, 971, 'Please wait and consider throttling your request speed'), headers: { 'retry-after': '7' } },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers.authorization === `Bearer ${accepted}` ? undefined : no(403, 10_000, `Authentication error of ${headers.authorization}`),
    answer(request) {
      const { method, path } = request
      if (method === 'GET' && path === `${BASE}/zones`) {
        if (!asksFor(request, ['name'])) return undefined
        return ok(request.query.get('name') === ZONE ? [{ id: ZONE_ID, name: ZONE, status: 'active' }] : [])
      }
      if (method === 'GET' && path === `${BASE}/zones/${ZONE_ID}/dns_records`) return list(request)
      if (method === 'POST' && path === `${BASE}/zones/${ZONE_ID}/dns_records/batch`) return batch(request)
      return undefined
    },
  }

  const fixture = await standInFixture({
    vendor,
    kept: records,
    open: (url, clock) => cloudflareZone({ zone: ZONE, token: CLOUDFLARE_TOKEN, endpoint: `${url}${BASE}`, clock, ...options }),
    refuseCredentials: () => (accepted = 'another'),
    secrets: [CLOUDFLARE_TOKEN],
  })
  return Object.assign(fixture, { records, proxied, auto })
}

function partsOf({ type, value }: ListedRecord): object {
  const [first, second, third, fourth] = value.split(' ')
  // The priority stands apart from the content.
  if (type === 'SRV') {
    const data = { priority: Number(first), weight: Number(second), port: Number(third), target: fourth }
    return { content: `${second} ${third} ${fourth}`, priority: Number(first), data }
  }
  if (type === 'HTTPS')
    return { content: value, data: { priority: Number(first), target: second, value: value.split(' ').slice(2).join(' ') } }
  return { content: type === 'TXT' ? zoneText(type, value) : value }
}

function readRecord(id: string, { name, type, ttl, content, data }: Record<string, unknown>): ListedRecord | undefined {
  if (typeof name !== 'string' || typeof type !== 'string' || !isTtl(ttl, 60, 86_400)) return undefined
  if (type === 'SRV') {
    if (!hasKeys(data, ['priority', 'weight', 'port', 'target']) || content !== undefined) return undefined
    return made(id, name, type, ttl, ['priority', 'weight', 'port', 'target'].map((key) => String(data[key])).join(' '))
  }
  if (type === 'HTTPS') {
    if (!hasKeys(data, ['priority', 'target', 'value']) || content !== undefined) return undefined
    return made(id, name, type, ttl, ['priority', 'target', 'value'].map((key) => String(data[key])).join(' '))
  }
  if (typeof content !== 'string' || data !== undefined) return undefined
  // It stores TXT without quotation marks as well, and warns of them.
  if (type === 'TXT') return content.startsWith('"') ? made(id, name, type, ttl, fromZoneText(type, content)) : undefined
  return type === 'A' || type === 'AAAA' || type === 'CNAME' ? made(id, name, type, ttl, content) : undefined
}

function made(id: string, name: string, type: RecordType, ttlSeconds: number, text: string): ListedRecord | undefined {
  try {
    return { id, name, type, ttlSeconds, value: canonicalValue(type, text) }
  } catch {
    return undefined
  }
}

function shortId(id: unknown): string {
  return typeof id === 'string' && /^\d{32}$/.test(id) ? id.replace(/^0+/, '') : ''
}

function hasTwins(list: readonly ListedRecord[]): boolean {
  return new Set(list.map(({ name, type, value }) => `${name} ${type} ${value}`)).size < list.length
}

function hasClash(list: readonly ListedRecord[]): boolean {
  return list.some((one) => one.type === 'CNAME' && list.some((other) => other !== one && other.name === one.name))
}

function ok(result: unknown, resultInfo?: object): StandInAnswer {
  return { status: 200, body: { success: true, errors: [], messages: [], result, ...(resultInfo ? { result_info: resultInfo } : {}) } }
}

function no(status: number, code: number, message: string): StandInAnswer {
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } }
}
