import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

const PAGES: Readonly<Record<string, Uint8Array>> = {
  '/etc/hotspare/503.html': Buffer.from('<h1>ü</h1>'),
  '/pages/large.html': Buffer.alloc(65_537, 'x'),
  '/pages/odd.html': Buffer.from([0xff, 0x00, 0x80]),
}

async function read(text: string): Promise<{
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  readonly config?: Awaited<ReturnType<typeof parseConfig>>['config']
}> {
  const readFile = (path: string) => {
    const page = PAGES[path]
    return page ? Promise.resolve(page) : Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' }))
  }
  try {
    const { config, warnings } = await parseConfig(text, {
      file: '/etc/hotspare/hotspare.yaml',
      env: { WHERE: '//evil.example' },
      hostname: 'h',
      readFile,
    })
    return { errors: [], warnings: warnings.map(({ path, message }) => `${path}: ${message}`), config }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { errors: error.message.split('\n').map((line) => line.replace('/etc/hotspare/hotspare.yaml:', '')), warnings: [] }
  }
}

const POOLS = 'pools: { shop: { targets: [http://10.0.0.1] }, api: { targets: [http://10.0.0.2] } }\n'
const proxy = (keys: string) => `${POOLS}proxies:\n  - { listen: ":8080", ${keys} }\n`
const route = (keys: string) => proxy(`routes: [${keys}]`)
const pool = (keys: string) => `pools: { shop: { targets: [http://10.0.0.1], ${keys} } }\nproxies: [{ listen: ":8080", pool: shop }]\n`

describe('a file is refused, and says where and what to do, when', () => {
  it.each([
    ['a proxy leads nowhere', proxy('attempts: 2'), '3:5: proxies[0]: the proxy leads nowhere; write the key "pool", or "routes"'],
    [
      'a route names a pool that is not there',
      route('{ pool: shopp }'),
      '3:41: proxies[0].routes[0].pool: there is no pool "shopp"; did you mean "shop"?',
    ],
    [
      'a route leads nowhere',
      route('{ host: a.example }'),
      '3:33: proxies[0].routes[0]: a route leads to one of "pool", "redirect" and "answer"',
    ],
    [
      'a route leads to two places',
      route('{ pool: shop, redirect: { to: / } }'),
      '3:33: proxies[0].routes[0]: a route leads to one of "pool", "redirect" and "answer"',
    ],
    [
      'two routes are for the same',
      route('{ host: a.example, path: /x, pool: shop }, { host: A.example, path: /x/, pool: api }'),
      '3:101: proxies[0].routes[1].path: routes[0] is for the same requests; no order says which of them holds: give one of them another host, path or condition',
    ],
    [
      'a pool is unreachable',
      proxy('pool: shop, routes: [{ pool: api }]'),
      '3:30: proxies[0].pool: no request gets there: routes[0] is for all that no other route takes; take one of them out',
    ],
    [
      'a host has a port',
      route('{ host: "a.example:80", pool: shop }'),
      '3:41: proxies[0].routes[0].host: a host has no port here, and an IPv6 address stands in brackets',
    ],
    [
      'a path can be read in two ways',
      route('{ path: /a/../b, pool: shop }'),
      'proxies[0].routes[0].path: a path of a route has one reading',
    ],
    [
      'a redirect goes nowhere',
      route('{ redirect: { status: 301 } }'),
      'proxies[0].routes[0].redirect: a redirect has either "to" or "https: true"',
    ],
    [
      'a redirect goes to two places',
      route('{ redirect: { to: /a, https: true } }'),
      'proxies[0].routes[0].redirect: a redirect has either "to" or "https: true"',
    ],
    [
      'a redirect leads to another host by a trick',
      route('{ redirect: { to: //evil.example } }'),
      'proxies[0].routes[0].redirect.to: it begins with one slash',
    ],
    [
      'a redirect has a port of its own',
      route('{ redirect: { to: /a, port: 443 } }'),
      'proxies[0].routes[0].redirect.port: the port belongs to "https"',
    ],
    ['a redirect has another status', route('{ redirect: { to: /a, status: 200 } }'), 'proxies[0].routes[0].redirect.status: expected'],
    [
      'a redirect leads back to itself',
      proxy('tls: { certificates: [{ cert: /a.pem, key: /a.key }] }, routes: [{ host: a.example, redirect: { https: true } }]'),
      'proxies[0].routes[0].redirect: clients of this proxy speak HTTPS already',
    ],
    ['an answer has a status that ends nothing', route('{ answer: { status: 100 } }'), 'proxies[0].routes[0].answer.status: expected'],
    [
      'an answer has a body and cannot',
      route('{ answer: { status: 204, body: x } }'),
      'proxies[0].routes[0].answer.body: an answer with 204 has no body',
    ],
    [
      'what is no pool is in maintenance',
      route('{ redirect: { to: /a }, maintenance: true }'),
      'proxies[0].routes[0].maintenance: only a route to a pool',
    ],
    [
      'a page is not there',
      proxy('pool: shop, errorPages: { 503: gone.html }'),
      '3:55: proxies[0].errorPages.503: the page "gone.html" cannot be read: no such file',
    ],
    [
      'a page is too large',
      proxy('pool: shop, errorPages: { maintenance: /pages/large.html }'),
      'the page "/pages/large.html" is larger than 64 KiB',
    ],
    ['a page is no text', proxy('pool: shop, errorPages: { 503: /pages/odd.html }'), 'the page "/pages/odd.html" is not UTF-8 text'],
    ['a page is for what is no error', proxy('pool: shop, errorPages: { 200: 503.html }'), 'a status from 400 to 599, or "maintenance"'],
    ['a network is none', pool('maintenance: { allow: [10.0.0.0/33] }'), 'pools.shop.maintenance.allow[0]: expected a network'],
    ['a network is a name', pool('maintenance: { allow: [localhost] }'), 'pools.shop.maintenance.allow[0]: expected a network'],
    [
      'kept answers are only switched on',
      pool('staleIfError: true'),
      'staleIfError: expected a mapping like { for: 500ms }, got the value true',
    ],
    ['maintenance is switched on as YAML 1.1 did', pool('maintenance: on'), 'got the text "on"; did you mean true?'],
    ['an end of kept answers is missing', pool('staleIfError: { maxEntries: 5 }'), 'pools.shop.staleIfError.for: missing'],
    ['kept answers have no room', pool('staleIfError: { for: 1h, maxBytes: 1KiB }'), 'pools.shop.staleIfError.maxBytes: expected a size'],
    [
      'a proxy of a route would call itself',
      `pools: { self: { targets: ["http://127.0.0.1:8080"] } }\nproxies: [{ listen: ":8080", routes: [{ path: /a, pool: self }] }]`,
      'this is where proxies[0] listens',
    ],
  ])('%s', async (_what, text, message) => {
    const { errors } = await read(text)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(message)
  })

  it('an address from outside is wrong, and it is not repeated', async () => {
    const { errors } = await read(route('{ redirect: { to: "${env:WHERE}" } }'))
    expect(errors[0]).toContain('proxies[0].routes[0].redirect.to: it begins with one slash')
    expect(errors.join('')).not.toContain('evil')
  })
})

it.each([
  ['a path with a star', '{ path: "/api/*", pool: api }', 'proxies[0].routes[0].path: a "*" in a path stands for itself'],
  ['the variables of nginx', '{ redirect: { to: "https://$host$uri" } }', 'proxies[0].routes[0].redirect.to: there are no variables here'],
  ['those of Caddy', '{ redirect: { to: "https://shop.example{uri}" } }', 'proxies[0].routes[0].redirect.to: there are no variables here'],
])('%s is doubted, since other proxies read more into it', async (_what, keys, message) => {
  const { warnings } = await read(route(keys))
  expect(warnings.join('\n')).toContain(message)
})

it('a route that is understood reaches the worker as it is', async () => {
  const { config, warnings } = await read(
    proxy(
      'errorPages: { 503: 503.html }, routes: [{ host: shop.example, path: /api, methods: [GET], headers: { x-beta: "1" }, pool: api, maintenance: true }, { redirect: { https: true, port: 8443 } }, { path: /robots.txt, answer: { status: 200, body: "Disallow: /" } }, { path: /old, redirect: { to: "https://new.example", keepPath: true, status: 301 } }]',
    ),
  )
  expect(config?.proxies[0]).toMatchObject({
    errorPages: [{ for: 503, file: '503.html', html: '<h1>ü</h1>' }],
    routes: [
      {
        host: 'shop.example',
        path: '/api',
        methods: ['GET'],
        headers: { 'x-beta': '1' },
        to: { type: 'pool', pool: 'api', maintenance: true },
      },
      { to: { type: 'redirect', redirect: { https: { port: 8443 }, status: 308 } } },
      { to: { type: 'answer', status: 200, contentType: 'text/plain; charset=utf-8', body: 'Disallow: /' } },
      { to: { type: 'redirect', redirect: { to: 'https://new.example', keepPath: true, status: 301 } } },
    ],
  })
  // No proxy sends anything to the other one.
  expect(warnings).toEqual(['pools.shop: no proxy uses this pool'])
})

it.each([
  ['maintenance: true', { on: true, allow: [], retryAfterMs: 300_000 }],
  ['maintenance: false', { on: false, allow: [], retryAfterMs: 300_000 }],
  ['weightless: 0', undefined],
  [
    'maintenance: { allow: [10.0.0.0/8, 192.0.2.7, "fd00::/8"], retryAfter: 1h }',
    { on: false, allow: ['10.0.0.0/8', '192.0.2.7/32', 'fd00::/8'], retryAfterMs: 3_600_000 },
  ],
])('of a pool, %s is understood', async (keys, expected) => {
  const { config } = await read(pool(keys))
  expect(config?.pools[0]?.maintenance).toEqual(expected)
})

it('what is kept for an outage has its limits', async () => {
  const { config } = await read(pool('staleIfError: { for: 1h }'))
  expect(config?.pools[0]).toMatchObject({
    maintenance: { on: false },
    staleIfError: { forMs: 3_600_000, maxEntries: 1_000, maxBytes: 67_108_864 },
  })
})
