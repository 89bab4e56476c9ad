import type { StandInAnswer, StandInRequest, Vendor } from '@hotspare/cloud/testing'
import { recordTypes } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { gandiZone } from './gandi.ts'
import { hasKeys, isTexts, isTtl, jsonOf, KeptSets, standInFixture, type StandInFixture, ZONE } from './stand-in.fixture.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

const GANDI_TOKEN = 'gandi-personal-access-token'

/** LiveDNS, after the published API: https://api.gandi.net/docs/livedns/. */
export async function gandiFixture(): Promise<StandInFixture> {
  const sets = new KeptSets()
  let accepted = GANDI_TOKEN

  function put(request: StandInRequest, name: string, type: string): StandInAnswer | undefined {
    const body = jsonOf(request)
    const known = recordTypes.find((each) => each === type)
    if (!hasKeys(body, ['rrset_values', 'rrset_ttl']) || !known) return undefined
    const { rrset_values: texts, rrset_ttl: ttl } = body
    if (!isTtl(ttl, 300, 2_592_000)) return no(400, 'Bad Request', 'rrset_ttl: must be between 300 and 2592000')
    // TXT without quotation marks would be cut at its blanks.
    if (!isTexts(texts) || (known === 'TXT' && !texts.every((text) => text.startsWith('"')))) return undefined
    if (sets.clashes({ name, type: known })) return no(409, 'Conflict', 'A CNAME cannot stand beside other records')
    sets.seed(recordSet({ name, type: known, ttlSeconds: ttl, values: texts.map((text) => fromZoneText(known, text, ZONE)) }))
    return { status: 201, body: { message: 'DNS Record Created' } }
  }

  const vendor: Vendor = {
    limited: { ...no(429, 'Too Many Requests', 'slow down'), headers: { 'retry-after': '7' } },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers.authorization === `Bearer ${accepted}` ? undefined : no(401, 'Unauthorized', `not authorized: ${headers.authorization}`),
    answer(request) {
      const [, version, service, domains, zone, list, relative = '', type = '', ...rest] = request.path.split('/')
      if ([version, service, domains, zone, list].join('/') !== `v5/livedns/domains/${ZONE}/records` || rest.length > 0) return undefined
      if (request.query.size > 0 || !/^(?:@|[a-z0-9_.*-]+)$/.test(relative)) return undefined
      const name = relative === '@' ? ZONE : `${relative}.${ZONE}`
      if (request.method === 'PUT') return put(request, name, type)
      const set = sets.peek({ name, type })
      if (!set) return no(404, 'Not Found', `Can't find the DNS record ${relative}/${type} for ${ZONE}`)
      if (request.method === 'DELETE') {
        sets.remove(set)
        return { status: 204, body: '' }
      }
      if (request.method !== 'GET') return undefined
      // Targets in the zone are shown relative to it.
      const values = set.values.map((value) => zoneText(set.type, value).replace(new RegExp(`\\.${ZONE.replace('.', '\\.')}\\.$`), ''))
      return {
        status: 200,
        body: { rrset_name: relative, rrset_type: type, rrset_ttl: set.ttlSeconds, rrset_values: values, rrset_href: '' },
      }
    },
  }

  return standInFixture({
    vendor,
    kept: sets,
    open: (url, clock) => gandiZone({ zone: ZONE, token: GANDI_TOKEN, endpoint: `${url}/v5/livedns`, clock }),
    refuseCredentials: () => (accepted = 'another'),
    secrets: [GANDI_TOKEN],
  })
}

function no(code: number, cause: string, message: string): StandInAnswer {
  return { status: code, body: { code, cause, message, object: 'HTTPError' } }
}
