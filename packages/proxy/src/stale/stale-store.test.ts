import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PickRequest } from '../index.ts'
import { createStaleStore, type StaleStoreOptions } from '../stale.ts'

type Headers = Readonly<Record<string, string>>

const asked = (path = '/', headers: Headers = {}, more: Partial<PickRequest> = {}): PickRequest => {
  return {
    method: 'GET',
    url: path,
    path,
    host: 'shop.example',
    headers: { host: 'shop.example', ...headers },
    remoteAddress: '192.0.2.1',
    ...more,
  }
}

function storeOf(options: Partial<StaleStoreOptions> = {}) {
  const clock = new TestClock()
  const store = createStaleStore({ forMs: 3_600_000, clock, ...options })
  /** @returns whether it was kept */
  const put = (request: PickRequest, headers: Headers = {}, body = 'hello', status = 200): boolean => {
    const keeper = store.offer(request, { status, headers })
    keeper?.keep(Buffer.from(body))
    return keeper !== undefined
  }
  const get = (request: PickRequest): string | undefined => {
    const found = store.find(request)
    return found && Buffer.from(found.body as Uint8Array).toString()
  }
  return { clock, store, put, get }
}

it.each([
  [{ forMs: 0 }, 'forMs'],
  [{ forMs: 1, maxEntries: 0 }, 'maxEntries'],
  [{ forMs: 1, maxBytes: 1 }, 'maxBytes'],
  [{ forMs: 1, colour: 'red' }, 'colour'],
])('options like %j are refused by name', (options, name) => {
  expect(() => createStaleStore(options as StaleStoreOptions)).toThrow(
    expect.objectContaining({ code: 'HOTSPARE_PROXY_OPTIONS', message: expect.stringContaining(name) }),
  )
})

describe('an answer is not kept', () => {
  it.each<[string, Headers, Headers]>([
    ['that says no-store', {}, { 'cache-control': 'no-store' }],
    ['that says it in capitals', {}, { 'cache-control': 'max-age=60, NO-STORE' }],
    ['that says no-cache', {}, { 'cache-control': 'no-cache' }],
    ['that says no-cache of some fields', {}, { 'cache-control': 'no-cache="set-cookie, public", max-age=60' }],
    ['that says it as of old', {}, { pragma: 'No-Cache' }],
    ['for one person', {}, { 'cache-control': 'private, max-age=60' }],
    ['for one person, by another spelling', {}, { 'cache-control': 'Private' }],
    ['that calls itself public and private', {}, { 'cache-control': 'public, private' }],
    ['that sets a cookie', {}, { 'set-cookie': 'a=b', 'cache-control': 'public, max-age=60' }],
    ['that depends on everything', {}, { vary: 'accept, *' }],
    ['to a request with a cookie', { cookie: 'a=b' }, { 'cache-control': 'max-age=60' }],
    ['to a request with credentials', { authorization: 'Basic x' }, { 'cache-control': 'max-age=60' }],
    ['to a request with the key of an API', { 'x-api-key': 'k' }, { 'cache-control': 'max-age=60' }],
    ['to a request with a token of any name', { 'private-token': 't' }, {}],
    ['to a request with the name of a user', { 'x-forwarded-user': 'u' }, {}],
    ['to a request with credentials, only for caches of such', { authorization: 'Basic x' }, { 'cache-control': 's-maxage=60' }],
    [
      'to a request with credentials, where public stands in quotes',
      { cookie: 'a=b' },
      { 'cache-control': 'max-age=60, x="a, public, b"' },
    ],
    ['to a request that forbids it', { 'cache-control': 'no-store' }, {}],
    ['that may not be used when stale, and is', {}, { 'cache-control': 'must-revalidate, max-age=0' }],
    ['that proxies may not use when stale, and is', {}, { 'cache-control': 'proxy-revalidate' }],
  ])('%s', (_what, request, answer) => {
    const { put, get, store } = storeOf()
    expect(put(asked('/', request), answer)).toBe(false)
    expect([get(asked('/', request)), get(asked()), store.entries, store.bytes]).toEqual([undefined, undefined, 0, 0])
  })

  it.each([201, 203, 204, 206, 301, 404, 410, 429])('with %d', (status) => {
    const { put, get } = storeOf()
    expect(put(asked(), { 'cache-control': 'public, max-age=60' }, 'x', status)).toBe(false)
    expect(get(asked())).toBeUndefined()
  })

  it.each(['HEAD', 'POST', 'OPTIONS', 'QUERY'])('to %s', (method) => {
    const { put } = storeOf()
    expect(put(asked('/', {}, { method }), { 'cache-control': 'public, max-age=60' })).toBe(false)
  })
})

describe('a kept answer is not served', () => {
  it.each<[string, Partial<PickRequest> & { readonly headers?: Headers }]>([
    ['at another host', { host: 'other.example' }],
    ['at another port', { host: 'shop.example:8443' }],
    ['at another path', { path: '/x' }],
    ['with another query', { path: '/?a' }],
    ['to a request with a cookie', { headers: { cookie: 'a=b' } }],
    ['to a request with credentials', { headers: { authorization: 'Basic x' } }],
    ['to a request with the key of an API', { headers: { 'x-rapidapi-key': 'k' } }],
    ['to a request for a part', { headers: { range: 'bytes=0-1' } }],
    ['to a request that wants one certain version', { headers: { 'if-match': '"x"' } }],
    ['to a request that wants it new', { headers: { 'cache-control': 'No-Cache' } }],
    ['to a request that wants nothing kept', { headers: { 'cache-control': 'no-store' } }],
    ['to a request that wants nothing stale', { headers: { 'cache-control': 'stale-if-error=0' } }],
    ['at a host with escapes', { host: 'shop%2eexample' }],
  ])('%s', (_what, { headers = {}, ...more }) => {
    const { put, get } = storeOf()
    expect(put(asked())).toBe(true)
    expect(get(asked('/', headers, more))).toBeUndefined()
    expect(get(asked())).toBe('hello')
  })

  it('when it is too old, by the clock that no step of the wall clock moves', async () => {
    const { clock, put, get } = storeOf({ forMs: 10_000 })
    put(asked(), { 'cache-control': 'max-age=3600' })
    await clock.advance(10_000)
    expect(get(asked())).toBe('hello')
    await clock.advance(1)
    expect(get(asked())).toBeUndefined()
  })

  it.each([
    ['max-age=5, must-revalidate', 5_000],
    ['Max-Age=5, MUST-REVALIDATE', 5_000],
    ['s-maxage=5', 5_000],
    ['max-age=5, stale-if-error=3', 8_000],
    ['max-age=5, stale-if-error="0"', 5_000],
  ])('for longer than its origin allows: %s', async (directives, ms) => {
    const { clock, put, get } = storeOf()
    put(asked(), { 'cache-control': directives })
    await clock.advance(ms - 1)
    expect(get(asked())).toBe('hello')
    await clock.advance(1)
    expect(get(asked())).toBeUndefined()
  })

  it('counting the age that it had when it came', async () => {
    const { clock, put, store } = storeOf()
    put(asked(), { 'cache-control': 'max-age=60, must-revalidate', age: '58' })
    await clock.advance(1_999)
    expect(store.find(asked())?.headers).toMatchObject({ age: '59' })
    await clock.advance(1)
    expect(store.find(asked())).toBeUndefined()
  })

  it.each([
    ['a redirect', 302, {}],
    ['a request for credentials', 401, {}],
    ['not found', 404, {}],
    ['gone', 410, {}],
    ['one for nobody to keep', 200, { 'cache-control': 'no-store' }],
    ['one for one person', 200, { 'cache-control': 'private' }],
  ] as const)('once everybody gets %s there', (_what, status, headers) => {
    const { put, get } = storeOf()
    put(asked())
    put(asked(), headers, 'x', status)
    expect(get(asked())).toBeUndefined()
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'MKCOL'])('after a %s that went well', (method) => {
    const { put, get } = storeOf()
    put(asked())
    put(asked('/', {}, { method }), {}, 'x', 409)
    expect(get(asked())).toBe('hello')
    put(asked('/', {}, { method }), {}, 'x', 204)
    expect(get(asked())).toBeUndefined()
  })
})

it.each([
  ['a wish of its own', { 'cache-control': 'no-store' }, 200, {}],
  ['a cookie, whose own page it gets', { cookie: 'a=b' }, 200, { 'cache-control': 'private' }],
  ['a cookie that leads elsewhere', { cookie: 'a=b' }, 302, {}],
  ['too many questions', {}, 429, {}],
  ['what is forbidden', {}, 403, {}],
  ['a part', { range: 'bytes=0-1' }, 206, {}],
  ['a first visit', {}, 200, { 'set-cookie': 'a=b' }],
  ['a question whether it is new', { 'if-none-match': '"x"' }, 304, {}],
] as const)('nobody can have it thrown away by %s', (_what, headers, status, answer) => {
  const { put, get } = storeOf()
  put(asked())
  put(asked('/', headers), answer, 'x', status)
  expect(get(asked())).toBe('hello')
})

describe('a kept answer', () => {
  it('has the headers of its origin, its age, and the word of a cache', async () => {
    const { clock, put, store } = storeOf()
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
    put(asked(), {
      'content-type': 'text/html',
      date,
      etag: '"x"',
      'cache-control': 'max-age=10',
      'cache-status': 'cdn; fwd=miss',
      'content-length': '9',
    })
    await clock.advance(12_500)
    expect(store.find(asked())).toEqual({
      status: 200,
      headers: {
        'content-type': 'text/html',
        date,
        etag: '"x"',
        'cache-control': 'max-age=10',
        age: '12',
        'cache-status': 'cdn; fwd=miss, hotspare; hit; ttl=-3; detail=stale-if-error',
      },
      body: Buffer.from('hello'),
    })
  })

  it('is kept anew once a second, and not for each request', async () => {
    const { clock, put, get } = storeOf()
    expect([put(asked(), {}, 'one'), put(asked(), {}, 'two'), get(asked())]).toEqual([true, false, 'one'])
    await clock.advance(999)
    expect(put(asked(), {}, 'three')).toBe(false)
    await clock.advance(1)
    expect([put(asked(), {}, 'four'), get(asked())]).toEqual([true, 'four'])
  })

  it('that is public is for everybody, credentials or not', () => {
    const { put, get } = storeOf()
    put(asked('/', { cookie: 'a=b' }), { 'cache-control': 'public' })
    expect([get(asked()), get(asked('/', { cookie: 'c=d' })), get(asked('/', { authorization: 'x' }))]).toEqual(['hello', 'hello', 'hello'])
  })

  it('serves a HEAD, a reload, and the same host in other letters', () => {
    const { put, get } = storeOf()
    put(asked())
    expect(get(asked('/', { 'cache-control': 'max-age=0' }, { method: 'HEAD', host: 'SHOP.example.' }))).toBe('hello')
  })

  it('is one of several where the origin chooses by headers, up to eight', () => {
    const { put, get } = storeOf()
    for (let count = 0; count < 10; count++) put(asked('/', { accept: `${count}` }), { vary: 'Accept , accept-encoding' }, `${count}`)
    expect(Array.from({ length: 10 }, (_none, count) => get(asked('/', { accept: `${count}` })))).toEqual([
      undefined,
      undefined,
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
    ])
    expect(get(asked('/', { accept: '9', 'accept-encoding': 'gzip' }))).toBeUndefined()
    put(asked('/'), { vary: 'cookie' }, 'other')
    expect([get(asked('/', { accept: '9' })), get(asked())]).toEqual(['other', 'other'])
  })

  it('goes when there are too many, or too much of them: the one that was used least recently', () => {
    const { put, get, store } = storeOf({ maxEntries: 2 })
    put(asked('/a'))
    put(asked('/b'))
    get(asked('/a'))
    put(asked('/c'))
    expect(['/a', '/b', '/c'].map((path) => get(asked(path)))).toEqual(['hello', undefined, 'hello'])
    const small = storeOf({ maxBytes: 10_000 })
    for (let count = 0; count < 50; count++) small.put(asked(`/${count}`), {}, 'x'.repeat(2_000))
    expect(small.store.bytes).toBeLessThanOrEqual(10_000)
    expect(small.store.entries).toBeGreaterThan(1)
    expect(small.put(asked('/huge'), {}, 'x'.repeat(20_000))).toBe(true)
    expect(small.get(asked('/huge'))).toBeUndefined()
    store.clear()
    expect(store.entries).toBe(0)
  })
})

it('never gives to one who shows credentials, or to anybody, what was given to another who did, unless it is public', () => {
  const credentials = fc.constantFrom<Headers>(
    {},
    { cookie: 'user=1' },
    { cookie: 'user=2' },
    { authorization: 'Basic 1' },
    { 'proxy-authorization': 'x' },
    { 'x-api-key': 'x' },
  )
  const directive = fc.constantFrom(
    'public',
    'private',
    'no-store',
    'no-cache',
    'max-age=60',
    's-maxage=60',
    'must-revalidate',
    'PUBLIC',
    'x="public"',
  )
  const answer = fc
    .array(directive, { maxLength: 3 })
    .map((parts): Headers => (parts.length === 0 ? {} : { 'cache-control': parts.join(', ') }))
  fc.assert(
    fc.property(fc.array(fc.tuple(credentials, answer), { maxLength: 6 }), credentials, (given, asks) => {
      const { put, get } = storeOf()
      for (const [index, [headers, answered]] of given.entries()) put(asked('/', headers), answered, String(index))
      const found = get(asked('/', asks))
      if (found === undefined) return
      const [headers, answered] = given[Number(found)]!
      const isPublic = (answered['cache-control'] ?? '').toLowerCase().split(', ').includes('public')
      expect(isPublic || (Object.keys(headers).length === 0 && Object.keys(asks).length === 0)).toBe(true)
      expect(answered['cache-control'] ?? '').not.toMatch(/private|no-store|no-cache/)
    }),
    { numRuns: 2_000 },
  )
})
