import type { StandInAnswer, StandInRequest, Vendor } from '@hotspare/cloud/testing'
import { recordTypes } from '../record-set.ts'
import { canonicalValue } from '../value.ts'
import { dnsimpleZone } from './dnsimple.ts'
import { hasKeys, isTtl, jsonOf, KeptRecords, type ListedRecord, standInFixture, type StandInFixture, ZONE } from './stand-in.fixture.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

const DNSIMPLE_TOKEN = 'dnsimple-secret-of-the-account'
export const ACCOUNT = '1010'

export interface DnsimpleFixture extends StandInFixture {
  readonly records: KeptRecords
  /** Records that stand beside those of tests, as the API shows them. */
  readonly others: object[]
  /** Whether the token is of a user, and of no account. */
  isOfUser: boolean
}

/** Zone records, after the published API: https://developer.dnsimple.com/v2/zones/records/. */
export async function dnsimpleFixture(options: { readonly account?: string | undefined } = {}): Promise<DnsimpleFixture> {
  const records = new KeptRecords()
  const others: object[] = []
  let accepted = DNSIMPLE_TOKEN
  const state = { records, others, isOfUser: false }

  const shown = (record: ListedRecord) => ({
    id: Number(record.id),
    zone_id: ZONE,
    parent_id: null,
    name: relativeTo(record.name),
    ttl: record.ttlSeconds,
    type: record.type,
    regions: ['global'],
    system_record: false,
    priority: record.type === 'SRV' ? Number(record.value.split(' ')[0]) : null,
    content: contentOf(record),
  })

  function list({ query }: StandInRequest): StandInAnswer | undefined {
    if ([...query.keys()].some((key) => !['name', 'type', 'per_page', 'page'].includes(key))) return undefined
    const [perPage, page] = [Number(query.get('per_page') ?? '30'), Number(query.get('page') ?? '1')]
    if (!(perPage >= 1 && perPage <= 100) || !(page >= 1)) return undefined
    const all = [...records.list.map(shown), ...others].filter((record) => {
      const [name, type] = [query.get('name'), query.get('type')]
      // An empty filter is none.
      return (!name || Reflect.get(record, 'name') === name) && (!type || Reflect.get(record, 'type') === type)
    })
    const data = all.slice((page - 1) * perPage, page * perPage)
    const pagination = {
      current_page: page,
      per_page: perPage,
      total_entries: all.length,
      total_pages: Math.max(1, Math.ceil(all.length / perPage)),
    }
    return { status: 200, body: { data, pagination } }
  }

  function create(request: StandInRequest): StandInAnswer | undefined {
    const body = jsonOf(request)
    if (!hasKeys(body, ['name', 'type', 'content', 'ttl'], ['priority'])) return undefined
    const record = readRecord(records.nextId(), body)
    if (typeof record === 'string') return invalid(record)
    if (records.list.some((each) => each.name === record.name && each.type === record.type && each.value === record.value)) {
      return invalid('record already exists')
    }
    records.list = [...records.list, record]
    return { status: 201, body: { data: shown(record) } }
  }

  function update(request: StandInRequest, old: ListedRecord): StandInAnswer | undefined {
    const body = jsonOf(request)
    if (!hasKeys(body, [], ['name', 'content', 'ttl', 'priority'])) return undefined
    const record = readRecord(old.id, { ...shown(old), ...body })
    if (typeof record === 'string') return invalid(record)
    records.list = records.list.map((each) => (each.id === old.id ? record : each))
    return { status: 200, body: { data: shown(record) } }
  }

  const vendor: Vendor = {
    limited: { status: 429, body: { message: 'Quota exceeded' }, headers: { 'retry-after': '7', 'x-ratelimit-remaining': '0' } },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers.authorization === `Bearer ${accepted}`
        ? undefined
        : { status: 401, body: { message: `Authentication failed: ${headers.authorization}` } },
    answer(request) {
      const { method, path } = request
      if (method === 'GET' && path === '/v2/whoami') {
        return {
          status: 200,
          body: { data: state.isOfUser ? { user: { id: 1 }, account: null } : { user: null, account: { id: Number(ACCOUNT) } } },
        }
      }
      const base = `/v2/${ACCOUNT}/zones/${ZONE}/records`
      if (path === base && method === 'GET') return list(request)
      if (path === base && method === 'POST') return create(request)
      const [, id] = /^\/(\d+)$/.exec(path.startsWith(base) ? path.slice(base.length) : '') ?? []
      if (id === undefined) return undefined
      const old = records.list.find((record) => record.id === id)
      if (!old) return { status: 404, body: { message: `Record \`${id}\` not found` } }
      if (method === 'PATCH') return update(request, old)
      if (method !== 'DELETE') return undefined
      records.list = records.list.filter((record) => record !== old)
      return { status: 204, body: '' }
    },
  }

  const fixture = await standInFixture({
    vendor,
    kept: records,
    open: (url, clock) => dnsimpleZone({ zone: ZONE, token: DNSIMPLE_TOKEN, endpoint: `${url}/v2`, clock, ...options }),
    refuseCredentials: () => (accepted = 'another'),
    secrets: [DNSIMPLE_TOKEN],
  })
  return Object.assign(state, fixture)
}

function relativeTo(name: string): string {
  return name === ZONE ? '' : name.slice(0, -(ZONE.length + 1))
}

function contentOf({ type, value }: ListedRecord): string {
  if (type === 'TXT') return zoneText(type, value)
  return type === 'SRV' ? value.split(' ').slice(1).join(' ') : value
}

function readRecord(id: string, { name, type, content, ttl, priority }: Record<string, unknown>): ListedRecord | string {
  const known = recordTypes.find((each) => each === type)
  if (typeof name !== 'string' || name.includes('@') || !known || known === 'HTTPS') return 'type or name cannot be'
  if (typeof content !== 'string' || !isTtl(ttl, 60, 2_147_483_647)) return 'content or ttl cannot be'
  if (known === 'SRV' && typeof priority !== 'number') return "priority can't be blank"
  const text = known === 'SRV' ? `${String(priority)} ${content}` : content
  try {
    const value = canonicalValue(known, known === 'TXT' ? fromZoneText(known, text) : text)
    return { id, name: name === '' ? ZONE : `${name}.${ZONE}`, type: known, ttlSeconds: ttl, value }
  } catch {
    return 'content is invalid'
  }
}

function invalid(why: string): StandInAnswer {
  return { status: 400, body: { message: 'Validation failed', errors: { base: [why] } } }
}
