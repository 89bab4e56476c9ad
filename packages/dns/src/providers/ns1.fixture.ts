import type { StandInAnswer, StandInRequest, Vendor } from '@hotspare/cloud/testing'
import { recordTypes } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { ns1Zone } from './ns1.ts'
import { hasKeys, isTexts, isTtl, jsonOf, KeptSets, standInFixture, type StandInFixture, ZONE } from './stand-in.fixture.ts'

const NS1_KEY = 'ns1-secret-api-key'

export interface Ns1Fixture extends StandInFixture {
  /** Fields that further describe every record that is there. */
  readonly extra: Record<string, unknown>
}

/** Records, after the published API: https://developer.ibm.com/apis/catalog/ns1--ibm-ns1-connect-api/. */
export async function ns1Fixture(): Promise<Ns1Fixture> {
  const sets = new KeptSets()
  const extra: Record<string, unknown> = {}
  let accepted = NS1_KEY

  function put(request: StandInRequest, name: string, type: string): StandInAnswer | undefined {
    const body = jsonOf(request)
    const known = recordTypes.find((each) => each === type)
    if (!hasKeys(body, ['zone', 'domain', 'type', 'ttl', 'answers']) || !known || known === 'HTTPS') return undefined
    const { zone, domain, ttl, answers } = body
    if (zone !== ZONE || domain !== name || body['type'] !== type || !isTtl(ttl, 0, 2_147_483_647) || !Array.isArray(answers))
      return undefined
    const isThere = sets.peek({ name, type }) !== undefined
    if (request.method === 'PUT' && isThere) return { status: 400, body: { message: 'record already exists' } }
    if (request.method === 'POST' && !isThere) return { status: 404, body: { message: 'record not found' } }
    const values = answers.map((each) => {
      if (!hasKeys(each, ['answer'], ['id', 'meta', 'region']) || !isTexts(each['answer'])) return undefined
      // One text for each part of a value.
      return each['answer'].length === (known === 'SRV' ? 4 : 1) ? each['answer'].join(' ') : undefined
    })
    if (!values.every((value) => value !== undefined)) return undefined
    sets.seed(recordSet({ name, type: known, ttlSeconds: ttl, values }))
    return shown(name, type)
  }

  function shown(name: string, type: string): StandInAnswer {
    const set = sets.peek({ name, type })
    if (!set) return { status: 404, body: { message: 'record not found' } }
    const answers = set.values.map((value, index) => ({ id: `a${index}`, answer: type === 'SRV' ? value.split(' ') : [value] }))
    return {
      status: 200,
      body: { id: 'r1', zone: ZONE, domain: name, type, ttl: set.ttlSeconds, filters: [], meta: {}, regions: {}, answers, ...extra },
    }
  }

  const vendor: Vendor = {
    limited: {
      status: 429,
      body: { message: 'rate limit exceeded' },
      headers: { 'retry-after': '7', 'x-ratelimit-limit': '20', 'x-ratelimit-period': '2', 'x-ratelimit-remaining': '0' },
    },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers['x-nsone-key'] === accepted
        ? undefined
        : { status: 401, body: { message: `Unauthorized: ${String(headers['x-nsone-key'])}` } },
    answer(request) {
      const { method, path, query } = request
      const [, name, type] = new RegExp(`^/v1/zones/${ZONE}/([a-z0-9_.*-]+)/([A-Z]+)$`).exec(path) ?? []
      if (query.size > 0 || name === undefined || type === undefined || !`.${name}`.endsWith(`.${ZONE}`)) return undefined
      if (method === 'GET') return shown(name, type)
      if (method === 'PUT' || method === 'POST') return put(request, name, type)
      if (method !== 'DELETE') return undefined
      const set = sets.peek({ name, type })
      if (!set) return { status: 404, body: { message: 'record not found' } }
      sets.remove(set)
      return { status: 200, body: {} }
    },
  }

  const fixture = await standInFixture({
    vendor,
    kept: sets,
    open: (url, clock) => ns1Zone({ zone: ZONE, apiKey: NS1_KEY, endpoint: `${url}/v1`, clock }),
    refuseCredentials: () => (accepted = 'another'),
    secrets: [NS1_KEY],
  })
  return Object.assign(fixture, { extra })
}
