import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { CloudError } from '@hotspare/cloud'
import type { Clock } from '@hotspare/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DnsProvider } from '../provider.ts'
import { recordSet, sameSet } from '../value.ts'
import { bunnyZone } from './bunny.ts'
import { cloudflareZone } from './cloudflare.ts'
import { desecZone } from './desec.ts'
import { dnsimpleZone } from './dnsimple.ts'
import { gandiZone } from './gandi.ts'
import { ns1Zone } from './ns1.ts'
import { powerDnsZone } from './powerdns.ts'
import { hastyClock } from './stand-in.fixture.ts'

const RUNS = 60

const [zone, secret] = ['example.com', 'secret-of-the-test']
const ID = '0123456789abcdef0123456789abcdef'

interface Case {
  readonly open: (endpoint: string, clock: Clock) => DnsProvider
  /** An answer as the API gives it, to a question for www.example.com A or to a change of it. */
  readonly answers: readonly object[]
}

const cases: Readonly<Record<string, Case>> = {
  cloudflare: {
    open: (endpoint, clock) => cloudflareZone({ zone, token: secret, zoneId: ID, endpoint, clock }),
    answers: [
      {
        success: true,
        errors: [{ code: 81_044, message: 'no' }],
        result: [{ id: '1', name: 'www.example.com', type: 'A', content: '192.0.2.1', ttl: 60, proxied: false }],
        result_info: { total_pages: 1 },
      },
    ],
  },
  gandi: {
    open: (endpoint, clock) => gandiZone({ zone, token: secret, endpoint, clock }),
    answers: [{ rrset_ttl: 300, rrset_values: ['192.0.2.1'], message: 'done', code: 404, cause: 'none', errors: [{ description: 'no' }] }],
  },
  desec: {
    open: (endpoint, clock) => desecZone({ zone, token: secret, minimumTtlSeconds: 60, endpoint, clock }),
    answers: [{ ttl: 3_600, records: ['192.0.2.1'], detail: 'none' }, []],
  },
  dnsimple: {
    open: (endpoint, clock) => dnsimpleZone({ zone, token: secret, account: '1010', endpoint, clock }),
    answers: [
      {
        data: [{ id: 1, name: 'www', type: 'A', content: '192.0.2.1', ttl: 60, priority: null, regions: ['global'] }],
        pagination: { total_pages: 1 },
        message: 'Record `1` not found',
      },
    ],
  },
  ns1: {
    open: (endpoint, clock) => ns1Zone({ zone, apiKey: secret, endpoint, clock }),
    answers: [{ ttl: 60, answers: [{ answer: ['192.0.2.1'] }], filters: [], message: 'record not found' }],
  },
  bunny: {
    open: (endpoint, clock) => bunnyZone({ zone, accessKey: secret, zoneId: '1', endpoint, clock }),
    answers: [
      {
        Id: 1,
        ErrorKey: 'x',
        Records: [{ Id: 1, Type: 0, Name: 'www', Value: '192.0.2.1', Ttl: 60, SmartRoutingType: 0, Disabled: false }],
      },
    ],
  },
  powerdns: {
    open: (endpoint, clock) => powerDnsZone({ zone, apiKey: secret, whenSerialStands: 'accept', endpoint, clock }),
    answers: [
      {
        kind: 'Native',
        soa_edit_api: 'DEFAULT',
        error: 'no',
        rrsets: [{ name: 'www.example.com.', type: 'A', ttl: 60, records: [{ content: '192.0.2.1', disabled: false }] }],
      },
    ],
  },
}

/** Every place in it. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))]
}

function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return by
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...Object(value) }
  Reflect.set(copy, key, replaced(Reflect.get(Object(value), key), rest, by))
  return copy
}

/** Values that are nearly right, and any others. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('', '"', '\\', '192.0.2.1', '192.0.2.256', 'www.example.com', 'A', 'TXT', '1 2', -1, 1.5, 2 ** 53, 1e300, null, true),
)

/** Any JSON, and answers in which one or two things are others. */
function answersLike(valid: readonly object[]): fc.Arbitrary<unknown> {
  const near = fc.constantFrom(...valid).chain((answer) => {
    const place = fc.constantFrom(...pathsOf(answer))
    return fc.array(fc.tuple(place, anything), { minLength: 0, maxLength: 2 }).map((changes) => {
      return changes.reduce<unknown>((changed, [path, by]) => replaced(changed, path, by), answer)
    })
  })
  return fc.oneof({ weight: 1, arbitrary: fc.jsonValue() }, { weight: 4, arbitrary: near })
}

const statuses = fc.constantFrom(200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 404, 409, 412, 422, 429, 500, 503)

/** A failure is one of those that callers know, and keeps the secret. */
function expectKnown(error: unknown): void {
  if (!(error instanceof CloudError)) throw error
  expect(error.message).not.toContain(secret)
}

describe.each(Object.entries(cases))('whatever answers in the name of %s', (_, { open, answers }) => {
  let server: Server
  let provider: DnsProvider
  let said = { status: 200, text: '' }

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume()
      response.writeHead(said.status).end(said.status === 204 ? undefined : said.text)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    provider = open(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, hastyClock())
  })

  afterAll(async () => {
    await provider.close()
    server.closeAllConnections()
    server.close()
  })

  const { signal } = new AbortController()
  const www = { name: 'www.example.com', type: 'A' } as const

  it('is a set, or no set, or a failure that says why', async () => {
    const asked = fc.asyncProperty(answersLike(answers), statuses, async (answer, status) => {
      said = { status, text: JSON.stringify(answer) }
      try {
        const { set, name, type } = await provider.read(www, { signal })
        expect({ name, type }).toEqual(www)
        expect(sameSet(set, set && recordSet(set))).toBe(true)
      } catch (error) {
        expectKnown(error)
      }
    })
    await fc.assert(asked, { numRuns: RUNS })
  })

  it('is no reason for a change to fail in any other way', async () => {
    const ttlSeconds = Math.max(60, provider.capabilities.minimumTtlSeconds)
    const set = recordSet({ ...www, ttlSeconds, values: ['192.0.2.1'] })
    const next = recordSet({ ...www, ttlSeconds, values: ['192.0.2.2'] })
    const changed = fc.asyncProperty(answersLike(answers), statuses, fc.boolean(), async (answer, status, isThere) => {
      said = { status, text: JSON.stringify(answer) }
      try {
        const outcome = await provider.change([{ expected: { ...www, set: isThere ? set : undefined }, next }], { signal })
        expect(['applied', 'conflict']).toContain(outcome.kind)
      } catch (error) {
        expectKnown(error)
      }
    })
    await fc.assert(changed, { numRuns: RUNS })
  })
})
