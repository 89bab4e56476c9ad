import type { StandInAnswer, StandInRequest, Vendor } from '@hotspare/cloud/testing'
import { type RecordType, recordTypes } from '../record-set.ts'
import { canonicalValue } from '../value.ts'
import { digitalOceanZone } from './digitalocean.ts'
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

const DIGITALOCEAN_TOKEN = 'dop_v1_secret-of-the-account'

export interface DigitalOceanFixture extends StandInFixture {
  readonly records: KeptRecords
  /** Fields of the answer to a question for records. */
  readonly extra: Record<string, unknown>
}

/** Domain records, after the published API: https://docs.digitalocean.com/reference/api/reference/domain-records/. */
export async function digitalOceanFixture(): Promise<DigitalOceanFixture> {
  const records = new KeptRecords()
  const extra: Record<string, unknown> = {}
  const base = `/v2/domains/${ZONE}/records`
  let accepted = DIGITALOCEAN_TOKEN

  const shown = ({ id, name, type, ttlSeconds, value }: ListedRecord) => {
    const [priority, weight, port, target] = type === 'SRV' ? value.split(' ') : [null, null, null, value]
    // Names are answered without the dot, and that of the zone itself as "@".
    const data = (type === 'SRV' || type === 'CNAME') && target === ZONE ? '@' : target
    const numbers = { priority: numberOf(priority), port: numberOf(port), weight: numberOf(weight) }
    return { id: Number(id), type, name: relativeTo(name), data, ...numbers, ttl: ttlSeconds, flags: null, tag: null }
  }

  function readRecord(id: string, request: StandInRequest): ListedRecord | StandInAnswer | undefined {
    const body = jsonOf(request)
    const isSrv = hasKeys(body, ['type', 'name', 'data', 'ttl', 'priority', 'port', 'weight'])
    if (!isSrv && !hasKeys(body, ['type', 'name', 'data', 'ttl'])) return undefined
    const { type: asked, name, data, ttl, priority, weight, port } = body
    const type: RecordType | undefined = recordTypes.find((each) => each === asked)
    if (!type || isSrv !== (type === 'SRV') || typeof name !== 'string' || typeof data !== 'string') return undefined
    if (!isTtl(ttl, 30, 2_147_483_647)) return no(422, 'unprocessable_entity', 'Ttl must be greater than or equal to 30')
    if ((type === 'CNAME' || isSrv) && !data.endsWith('.')) return no(422, 'unprocessable_entity', 'Data needs to end with a dot (.)')
    const value = canonicalValue(type, isSrv ? [priority, weight, port, data].map(String).join(' ') : data)
    return { id, name: name === '@' ? ZONE : `${name}.${ZONE}`, type, ttlSeconds: ttl, value }
  }

  function ofRecord(request: StandInRequest, id: string): StandInAnswer | undefined {
    const old = records.list.find((record) => record.id === id)
    if (!old) return no(404, 'not_found', 'The resource you requested could not be found.')
    if (request.method === 'DELETE') {
      records.list = records.list.filter((record) => record !== old)
      return { status: 204, body: '' }
    }
    if (request.method !== 'PUT') return undefined
    const next = readRecord(id, request)
    if (!next || 'status' in next) return next
    if (next.name !== old.name || next.type !== old.type) return undefined
    records.list = records.list.map((each) => (each === old ? next : each))
    return { status: 200, body: { domain_record: shown(next) } }
  }

  const vendor: Vendor = {
    limited: {
      ...no(429, 'too_many_requests', 'API Rate limit exceeded.'),
      headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': '7' },
    },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers.authorization === `Bearer ${accepted}`
        ? undefined
        : no(401, 'Unauthorized', `Unable to authenticate you: ${headers.authorization}`),
    answer(request) {
      const { method, path, query } = request
      if (method === 'GET' && path === base) {
        if (!asksFor(request, ['name', 'type', 'per_page']) || query.get('per_page') !== '200') return undefined
        const list = records.list.filter(({ name, type }) => name === query.get('name') && type === query.get('type'))
        return { status: 200, body: { domain_records: list.map(shown), links: {}, meta: { total: list.length }, ...extra } }
      }
      if (query.size > 0) return undefined
      if (method === 'POST' && path === base) {
        const record = readRecord(records.nextId(), request)
        if (!record || 'status' in record) return record
        records.list = [...records.list, record]
        return { status: 201, body: { domain_record: shown(record) } }
      }
      const [, id] = /^\/(\d+)$/.exec(path.startsWith(base) ? path.slice(base.length) : '') ?? []
      return id === undefined ? undefined : ofRecord(request, id)
    },
  }

  const fixture = await standInFixture({
    vendor,
    kept: records,
    open: (url, clock) => digitalOceanZone({ zone: ZONE, token: DIGITALOCEAN_TOKEN, endpoint: `${url}/v2`, clock }),
    refuseCredentials: () => (accepted = 'another'),
    secrets: [DIGITALOCEAN_TOKEN],
  })
  return Object.assign(fixture, { records, extra })
}

function numberOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text)
}

function relativeTo(name: string): string {
  return name === ZONE ? '@' : name.slice(0, -(ZONE.length + 1))
}

function no(status: number, id: string, message: string): StandInAnswer {
  return { status, body: { id, message, request_id: '1' } }
}
