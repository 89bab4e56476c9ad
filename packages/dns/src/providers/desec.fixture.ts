import type { StandInAnswer, StandInRequest, Vendor } from '@hotspare/cloud/testing'
import { recordTypes } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { desecZone } from './desec.ts'
import { hasKeys, isTtl, jsonOf, KeptSets, standInFixture, type StandInFixture, ZONE } from './stand-in.fixture.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

const DESEC_TOKEN = 'desec-secret-token'

const DOMAIN = `/api/v1/domains/${ZONE}/`

export interface DesecStandInOptions {
  /** Of the domain. Default: what deSEC gives, an hour */
  readonly minimumTtlSeconds?: number
  /** How long a limit lasts. Default: 7 */
  readonly retryAfterSeconds?: number
}

/** RRsets, after the published API: https://desec.readthedocs.io/en/latest/dns/rrsets.html. */
export async function desecFixture({
  minimumTtlSeconds = 3_600,
  retryAfterSeconds = 7,
}: DesecStandInOptions = {}): Promise<StandInFixture> {
  const sets = new KeptSets()
  let accepted = DESEC_TOKEN

  /** All of them or none. */
  function patch(request: StandInRequest): StandInAnswer | undefined {
    const body = jsonOf(request)
    if (!Array.isArray(body) || body.length === 0) return undefined
    const draft = sets.copy()
    const problems: object[] = []
    for (const part of body as unknown[]) {
      if (!hasKeys(part, ['subname', 'type', 'records'], ['ttl'])) return undefined
      const { subname, type, records: texts, ttl } = part
      const known = recordTypes.find((each) => each === type)
      // Here the zone's own name is an empty one.
      if (typeof subname !== 'string' || subname === '@' || !known || known === 'ALIAS') return undefined
      if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) return undefined
      const name = subname === '' ? ZONE : `${subname}.${ZONE}`
      problems.push({})
      if (texts.length === 0) draft.remove({ name, type: known })
      else if (!isTtl(ttl, minimumTtlSeconds, 604_800)) {
        problems[problems.length - 1] = { ttl: [`Ensure this value is greater than or equal to ${minimumTtlSeconds}.`] }
      } else if (!texts.every((text) => isPresented(known, text))) {
        problems[problems.length - 1] = { records: ['Record content malformed.'] }
      } else draft.seed(recordSet({ name, type: known, ttlSeconds: ttl, values: texts.map((text) => fromZoneText(known, text)) }))
      if (texts.length > 0 && draft.clashes({ name, type: known })) problems[problems.length - 1] = { non_field_errors: ['CNAME conflict'] }
    }
    if (problems.some((each) => Object.keys(each).length > 0)) return { status: 400, body: problems }
    sets.take(draft)
    return { status: 200, body: [] }
  }

  const vendor: Vendor = {
    limited: {
      status: 429,
      body: { detail: `Request was throttled. Expected available in ${retryAfterSeconds} seconds.` },
      headers: { 'retry-after': String(retryAfterSeconds) },
    },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers.authorization === `Token ${accepted}`
        ? undefined
        : { status: 401, body: { detail: `Invalid token: ${headers.authorization}` } },
    answer(request) {
      const { method, path, query } = request
      if (query.size > 0) return undefined
      if (method === 'GET' && path === DOMAIN) return { status: 200, body: { name: ZONE, minimum_ttl: minimumTtlSeconds, keys: [] } }
      if (method === 'PATCH' && path === `${DOMAIN}rrsets/`) return patch(request)
      const [, subname, type] =
        /^rrsets\/(@|[a-z0-9_.*-]+)\/([A-Z]+)\/$/.exec(path.startsWith(DOMAIN) ? path.slice(DOMAIN.length) : '') ?? []
      if (method !== 'GET' || subname === undefined || type === undefined) return undefined
      const set = sets.peek({ name: subname === '@' ? ZONE : `${subname}.${ZONE}`, type })
      if (!set) return { status: 404, body: { detail: 'No RRset matches the given query.' } }
      const records = set.values.map((value) => zoneText(set.type, value))
      return {
        status: 200,
        body: { domain: ZONE, subname: subname === '@' ? '' : subname, name: `${set.name}.`, type, ttl: set.ttlSeconds, records },
      }
    },
  }

  return standInFixture({
    vendor,
    kept: sets,
    open: (url, clock) => desecZone({ zone: ZONE, token: DESEC_TOKEN, endpoint: `${url}/api/v1`, clock }),
    refuseCredentials: () => (accepted = 'another'),
    secrets: [DESEC_TOKEN],
  })
}

function isPresented(type: string, text: string): boolean {
  if (type === 'TXT') return text.startsWith('"')
  return type === 'CNAME' || type === 'SRV' ? text.endsWith('.') : true
}
