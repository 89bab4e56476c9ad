import { OvhClock, ovhError, type StandInAnswer, type StandInRequest, type Vendor } from '@hotspare/cloud/testing'
import { recordTypes } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { ovhZone } from './ovh.ts'
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

const OVH_KEYS = { applicationKey: 'app-key', applicationSecret: 'secret-of-the-application', consumerKey: 'secret-of-the-consumer' }

export interface OvhFixture extends StandInFixture {
  readonly ovhClock: OvhClock
  /** What has been changed, live or not. */
  readonly records: KeptRecords
  /** What name servers answer. */
  live(): readonly ListedRecord[]
  /** The next call that makes changes live fails. */
  failRefresh(): void
  /** The TTL that is shown of all records. */
  readonly shown: { ttl: number | undefined }
}

/** `/domain/zone` after the published API, with a clock of its own: nothing is live before it is refreshed. https://eu.api.ovh.com/console/ */
export async function ovhFixture(): Promise<OvhFixture> {
  const records = new KeptRecords()
  const clock = new OvhClock(OVH_KEYS, () => fixture.server.url)
  const shown: { ttl: number | undefined } = { ttl: undefined }
  const base = `/1.0/domain/zone/${ZONE}`
  let live: readonly ListedRecord[] = []
  let failing = 0

  const describeRecord = ({ id, name, type, ttlSeconds, value }: ListedRecord) => {
    // It gives quotation marks to a TXT as it was sent, and names as they were sent.
    const target = zoneText(type, value)
    return { id: Number(id), zone: ZONE, subDomain: relativeTo(name), fieldType: type, target, ttl: shown.ttl ?? ttlSeconds }
  }

  function readRecord(request: StandInRequest, old?: ListedRecord): ListedRecord | undefined {
    const body = jsonOf(request)
    if (!hasKeys(body, old ? ['subDomain', 'target', 'ttl'] : ['fieldType', 'subDomain', 'target', 'ttl'])) return undefined
    const { subDomain, target, ttl } = body
    const type = old?.type ?? recordTypes.find((each) => each === body['fieldType'])
    if (!type || typeof subDomain !== 'string' || typeof target !== 'string' || !isTtl(ttl, 60, 2_147_483_647)) return undefined
    const name = subDomain === '' ? ZONE : `${subDomain}.${ZONE}`
    const [value = ''] = recordSet({ name, type, ttlSeconds: ttl, values: [fromZoneText(type, target, ZONE)] }).values
    return { id: old?.id ?? records.nextId(), name, type, ttlSeconds: ttl, value }
  }

  function ofRecord(request: StandInRequest, id: string): StandInAnswer | undefined {
    const old = records.list.find((record) => record.id === id)
    if (!old) return ovhError(404, '', `The requested object (id = ${id}) does not exist`)
    if (request.method === 'GET') return { status: 200, body: describeRecord(old) }
    if (request.method === 'DELETE') records.list = records.list.filter((record) => record !== old)
    else if (request.method === 'PUT') {
      const next = readRecord(request, old)
      if (!next) return undefined
      records.list = records.list.map((each) => (each === old ? next : each))
    } else return undefined
    return { status: 200, body: 'null' }
  }

  const vendor: Vendor = {
    limited: { status: 429, body: { message: 'Too many requests' }, headers: { 'retry-after': '7' } },
    beside: (request) => clock.answer(request),
    changes: ({ method }) => method !== 'GET',
    credentials: (request) => clock.refusal(request),
    answer(request) {
      const { method, path, query } = request
      if (method === 'POST' && path === `${base}/refresh` && request.body === '') {
        if (failing > 0) {
          failing -= 1
          return ovhError(500, 'INTERNAL_ERROR')
        }
        live = records.list
        return { status: 204, body: '' }
      }
      if (method === 'GET' && path === `${base}/record`) {
        if (!asksFor(request, ['fieldType', 'subDomain'])) return undefined
        const found = records.list.filter(
          ({ name, type }) => type === query.get('fieldType') && relativeTo(name) === query.get('subDomain'),
        )
        return { status: 200, body: found.map(({ id }) => Number(id)) }
      }
      if (method === 'POST' && path === `${base}/record`) {
        const record = readRecord(request)
        if (!record) return undefined
        records.list = [...records.list, record]
        return { status: 200, body: describeRecord(record) }
      }
      const [, id] = /^\/record\/(\d+)$/.exec(path.startsWith(base) ? path.slice(base.length) : '') ?? []
      return id === undefined || query.size > 0 ? undefined : ofRecord(request, id)
    },
  }

  const publish = () => (live = records.list)
  const fixture = await standInFixture({
    vendor,
    kept: {
      seed(set) {
        records.seed(set)
        publish()
      },
      remove(name) {
        records.remove(name)
        publish()
      },
      // What people get is what counts.
      peek({ name, type }) {
        const own = live.filter((record) => record.name === name && record.type === type)
        if (own.length === 0) return undefined
        return recordSet({ name, type, ttlSeconds: Math.max(...own.map((each) => each.ttlSeconds)), values: own.map(({ value }) => value) })
      },
    },
    open: (url, own) => ovhZone({ zone: ZONE, ...OVH_KEYS, endpoint: `${url}/1.0`, clock: own }),
    refuseCredentials: () => clock.refuse(),
    secrets: [OVH_KEYS.applicationSecret, OVH_KEYS.consumerKey],
  })
  return Object.assign(fixture, { ovhClock: clock, records, live: () => live, failRefresh: () => void (failing += 1), shown })
}

function relativeTo(name: string): string {
  return name === ZONE ? '' : name.slice(0, -(ZONE.length + 1))
}
