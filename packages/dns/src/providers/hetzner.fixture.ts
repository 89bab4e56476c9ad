import { Operations, type StandInAnswer, type StandInRequest, type Vendor } from '@hotspare/cloud/testing'
import { type RecordType, recordTypes } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { hetznerZone } from './hetzner.ts'
import { hasKeys, isTtl, jsonOf, standInFixture, type StandInFixture, ZONE } from './stand-in.fixture.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

const HETZNER_TOKEN = 'hcloud-secret-of-the-project'

/** A set, word for word. */
export interface HetznerSet {
  readonly ttl: number | null
  readonly texts: readonly string[]
}

export interface HetznerFixture extends StandInFixture {
  /** By name and type: `www/A`. */
  readonly sets: Map<string, HetznerSet>
  readonly operations: Operations
  /** After how many looks an action has ended. */
  readonly state: { looks: number }
}

/** Zones and RRSets of Hetzner's Cloud API, after the published reference: https://docs.hetzner.cloud/reference/cloud#zone-rrsets. */
export async function hetznerFixture(): Promise<HetznerFixture> {
  const sets = new Map<string, HetznerSet>()
  const operations = new Operations()
  const state = { looks: 1 }
  const base = `/v1/zones/${ZONE}`
  let accepted = HETZNER_TOKEN

  const begun = (apply: () => void, more: object = {}): StandInAnswer => {
    // The answer is sent before it has taken effect.
    const action = {
      id: Number(operations.begin(apply, state.looks)),
      command: 'set_rrset_records',
      status: 'running',
      progress: 0,
      error: null,
    }
    return { status: 201, body: { ...more, action } }
  }
  const shown = (key: string, { ttl, texts }: HetznerSet) => {
    const [name, type] = key.split('/')
    const records = texts.map((value) => ({ value, comment: '' }))
    return { id: key, name, type, ttl, labels: {}, protection: { change: false }, records, zone: 42 }
  }

  function create(request: StandInRequest): StandInAnswer | undefined {
    const body = jsonOf(request)
    if (!hasKeys(body, ['name', 'type', 'ttl', 'records'])) return undefined
    const { name, type, ttl, records } = body
    const texts = readRecords(records, type)
    if (typeof name !== 'string' || !/^(?:@|[a-z0-9_.*-]+)$/.test(name) || !isTtl(ttl, 60, 2_147_483_647) || !texts) return undefined
    const key = `${name}/${String(type)}`
    if (sets.has(key)) return error(409, 'uniqueness_error', 'RRSet with the same name and type already exists')
    const set = { ttl, texts }
    sets.set(key, set)
    return begun(() => {}, { rrset: shown(key, set) })
  }

  function ofSet(request: StandInRequest, key: string, action: string | undefined): StandInAnswer | undefined {
    const there = sets.get(key)
    if (!there) return error(404, 'not_found', 'rrset not found')
    const { method } = request
    if (method === 'GET' && action === undefined) return { status: 200, body: { rrset: shown(key, there) } }
    if (method === 'DELETE' && action === undefined) return begun(() => sets.delete(key))
    const body = jsonOf(request)
    if (method === 'POST' && action === 'change_ttl') {
      const ttl = hasKeys(body, ['ttl']) ? body['ttl'] : undefined
      if (!isTtl(ttl, 60, 2_147_483_647)) return undefined
      return begun(() => sets.set(key, { ttl, texts: sets.get(key)?.texts ?? [] }))
    }
    if (method !== 'POST' || action !== 'set_records') return undefined
    const texts = hasKeys(body, ['records']) ? readRecords(body['records'], key.split('/')[1]) : undefined
    return texts && begun(() => sets.set(key, { ttl: sets.get(key)?.ttl ?? null, texts }))
  }

  const vendor: Vendor = {
    limited: {
      ...error(429, 'rate_limit_exceeded', 'limit of 3600 requests per hour reached'),
      headers: { 'ratelimit-limit': '3600', 'ratelimit-remaining': '0', 'ratelimit-reset': '3600' },
    },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers.authorization === `Bearer ${accepted}`
        ? undefined
        : error(401, 'unauthorized', `unable to authenticate ${headers.authorization}`),
    answer(request) {
      const { method, path, query } = request
      if (query.size > 0) return undefined
      if (method === 'GET' && path === base)
        return { status: 200, body: { zone: { id: 42, name: ZONE, ttl: 3_600, mode: 'primary', status: 'ok' } } }
      const [, id] = /^\/v1\/actions\/(\d+)$/.exec(path) ?? []
      if (method === 'GET' && id !== undefined) {
        const found = operations.look(id)
        if (found === undefined) return error(404, 'not_found', 'action not found')
        const failed = { code: 'action_failed', message: `Action failed for ${HETZNER_TOKEN}` }
        const status = { running: 'running', done: 'success', failed: 'error' }[found]
        return { status: 200, body: { action: { id: Number(id), status, error: found === 'failed' ? failed : null } } }
      }
      if (method === 'POST' && path === `${base}/rrsets`) return create(request)
      const [, name, type, action] =
        /^\/rrsets\/([^/]+)\/([A-Z]+)(?:\/actions\/([a-z_]+))?$/.exec(path.startsWith(base) ? path.slice(base.length) : '') ?? []
      return name === undefined ? undefined : ofSet(request, `${decodeURIComponent(name)}/${type}`, action)
    },
  }

  const keyOf = ({ name, type }: { readonly name: string; readonly type: RecordType }) =>
    `${name === ZONE ? '@' : name.slice(0, -(ZONE.length + 1))}/${type}`
  const fixture = await standInFixture({
    vendor,
    kept: {
      seed: (set) => void sets.set(keyOf(set), { ttl: set.ttlSeconds, texts: set.values.map((value) => zoneText(set.type, value)) }),
      remove: (name) => void sets.delete(keyOf(name)),
      peek({ name, type }) {
        const found = sets.get(keyOf({ name, type }))
        const values = found?.texts.map((text) => fromZoneText(type, text, ZONE))
        return found && values && recordSet({ name, type, ttlSeconds: found.ttl ?? 3_600, values })
      },
    },
    open: (url, clock) => hetznerZone({ zone: ZONE, token: HETZNER_TOKEN, endpoint: `${url}/v1`, clock }),
    refuseCredentials: () => (accepted = 'another'),
    secrets: [HETZNER_TOKEN],
  })
  return Object.assign(fixture, { sets, operations, state })
}

/** Each with its value; TXT in quotation marks, names absolute. */
function readRecords(value: unknown, type: unknown): readonly string[] | undefined {
  if (!recordTypes.some((each) => each === type) || !Array.isArray(value) || value.length === 0) return undefined
  const texts = value.map((record: unknown) => (hasKeys(record, ['value'], ['comment']) ? record['value'] : undefined))
  const isText = (text: unknown): text is string =>
    typeof text === 'string' && (type !== 'TXT' || text.startsWith('"')) && (type !== 'CNAME' || text.endsWith('.'))
  return texts.every((text) => isText(text)) ? texts : undefined
}

function error(status: number, code: string, message: string): StandInAnswer {
  return { status, body: { error: { code, message, details: null } } }
}
