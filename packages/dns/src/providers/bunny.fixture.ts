import type { StandInAnswer, StandInRequest, Vendor } from '@hotspare/cloud/testing'
import type { RecordType } from '../record-set.ts'
import { canonicalValue } from '../value.ts'
import { bunnyZone } from './bunny.ts'
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

const BUNNY_KEY = 'bunny-secret-access-key'
const BUNNY_ZONE_ID = '4711'

const NUMBERS: readonly (readonly [RecordType, number])[] = [
  ['A', 0],
  ['AAAA', 1],
  ['CNAME', 2],
  ['TXT', 3],
  ['SRV', 8],
]

export interface BunnyFixture extends StandInFixture {
  readonly records: KeptRecords
  /** Fields that further describe every record that is there. */
  readonly extra: Record<string, unknown>
}

/** DNS zones and records, after the published API: https://docs.bunny.net/reference/dnszonepublic_index. */
export async function bunnyFixture(): Promise<BunnyFixture> {
  const records = new KeptRecords()
  const extra: Record<string, unknown> = {}
  let accepted = BUNNY_KEY

  const shown = (record: ListedRecord) => {
    const [priority, weight, port, target] = record.type === 'SRV' ? record.value.split(' ') : ['0', '100', '0', record.value]
    return {
      Id: Number(record.id),
      Type: NUMBERS.find(([type]) => type === record.type)?.[1],
      Ttl: record.ttlSeconds,
      Value: target,
      Name: relativeTo(record.name),
      Weight: Number(weight),
      Priority: Number(priority),
      Port: Number(port),
      Flags: 0,
      Tag: '',
      Accelerated: false,
      MonitorType: 0,
      SmartRoutingType: 0,
      Disabled: false,
      ...extra,
    }
  }

  function readRecord(id: string, request: StandInRequest): ListedRecord | undefined {
    const body = jsonOf(request)
    if (!hasKeys(body, ['Type', 'Ttl', 'Value', 'Name'], ['Priority', 'Weight', 'Port'])) return undefined
    const type = NUMBERS.find(([, number]) => number === body['Type'])?.[0]
    const { Ttl: ttlSeconds, Value: text, Name: name, Priority: priority, Weight: weight, Port: port } = body
    if (!type || typeof text !== 'string' || typeof name !== 'string' || !isTtl(ttlSeconds, 15, 2_147_483_647)) return undefined
    if (type === 'SRV' && ![priority, weight, port].every((part) => typeof part === 'number')) return undefined
    const value = canonicalValue(type, type === 'SRV' ? [priority, weight, port, text].map(String).join(' ') : text)
    return { id, name: name === '' ? ZONE : `${name}.${ZONE}`, type, ttlSeconds, value }
  }

  function ofRecord(request: StandInRequest, id: string): StandInAnswer | undefined {
    const old = records.list.find((record) => record.id === id)
    if (!old) return no(404, 'dnszone.record.not_found', 'The requested record was not found')
    if (request.method === 'DELETE') records.list = records.list.filter((record) => record !== old)
    else if (request.method === 'POST') {
      const record = readRecord(id, request)
      if (!record) return undefined
      records.list = records.list.map((each) => (each === old ? record : each))
    } else return undefined
    return { status: 204, body: '' }
  }

  const vendor: Vendor = {
    limited: { ...no(429, 'too_many_requests', 'Slow down'), headers: { 'retry-after': '7' } },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers['accesskey'] === accepted ? undefined : no(401, 'unauthorized', `Unauthorized: ${String(headers['accesskey'])}`),
    answer(request) {
      const { method, path, query } = request
      if (method === 'GET' && path === '/dnszone') {
        if (!asksFor(request, ['search', 'page', 'perPage'])) return undefined
        // What it looks for may stand anywhere in the name.
        const zones = [
          { Id: 1, Domain: `other-${ZONE}` },
          { Id: Number(BUNNY_ZONE_ID), Domain: ZONE },
        ]
        const Items = zones.filter(({ Domain }) => Domain.includes(query.get('search') ?? ''))
        return { status: 200, body: { Items, CurrentPage: 1, TotalItems: Items.length, HasMoreItems: false } }
      }
      if (query.size > 0) return undefined
      if (method === 'GET' && path === `/dnszone/${BUNNY_ZONE_ID}`) {
        return { status: 200, body: { Id: Number(BUNNY_ZONE_ID), Domain: ZONE, Records: records.list.map(shown) } }
      }
      const base = `/dnszone/${BUNNY_ZONE_ID}/records`
      if (method === 'PUT' && path === base) {
        const record = readRecord(records.nextId(), request)
        if (!record) return undefined
        records.list = [...records.list, record]
        return { status: 201, body: shown(record) }
      }
      const [, id] = /^\/(\d+)$/.exec(path.startsWith(base) ? path.slice(base.length) : '') ?? []
      return id === undefined ? undefined : ofRecord(request, id)
    },
  }

  const fixture = await standInFixture({
    vendor,
    kept: records,
    open: (url, clock) => bunnyZone({ zone: ZONE, accessKey: BUNNY_KEY, endpoint: url, clock }),
    refuseCredentials: () => (accepted = 'another'),
    secrets: [BUNNY_KEY],
  })
  return Object.assign(fixture, { records, extra })
}

function relativeTo(name: string): string {
  return name === ZONE ? '' : name.slice(0, -(ZONE.length + 1))
}

function no(status: number, key: string, message: string): StandInAnswer {
  return { status, body: { ErrorKey: key, Field: '', Message: message } }
}
