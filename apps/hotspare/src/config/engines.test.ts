import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'
import { formatSummary, summarize } from './summary.ts'

const POOL = 'pools: { shop: { targets: [http://10.0.0.1:8080, http://10.0.0.2:8080] } }\n'
const HAPROXY = '{ type: haproxy, pool: shop, socket: /run/haproxy/admin.sock, backend: web }'
const NGINX = '{ type: nginx, pool: shop, file: /etc/nginx/hotspare/web.conf, upstream: web }'

async function read(engines: string, pool = POOL) {
  const options = { file: 'f', env: { EVIL: 'a;b' }, hostname: 'h', readFile: () => Promise.reject(new Error('no files')) }
  return parseConfig(`${pool}engines:\n${engines}`, options)
}

async function problems(engines: string, pool = POOL): Promise<readonly string[]> {
  try {
    const { warnings } = await read(engines, pool)
    return warnings.map(({ path, message, hint }) => `${path}: ${message}; ${hint}`)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n')
  }
}

describe('an engine is refused, with what to do about it, when it', () => {
  it.each([
    [
      'follows a pool that is not there',
      '  - { type: haproxy, pool: shp, socket: /s, backend: web }',
      'f:3:28: engines[0].pool: there is no pool "shp"; did you mean "shop"?',
    ],
    ['is of no kind', '  - { type: envoy, pool: shop }', 'f:3:13: engines[0].type: expected one of haproxy, nginx, got the text "envoy"'],
    [
      'has neither socket nor address',
      '  - { type: haproxy, pool: shop, backend: web }',
      'f:3:5: engines[0]: write either "socket" or "address"',
    ],
    [
      'has both',
      '  - { type: haproxy, pool: shop, backend: web, socket: /s, address: "127.0.0.1:9" }',
      'f:3:5: engines[0]: write either "socket" or "address"',
    ],
    [
      'would end a command',
      '  - { type: haproxy, pool: shop, backend: "web; shutdown", socket: /s }',
      'f:3:43: engines[0].backend: expected a name like web, got the text "web; shutdown"; up to 63',
    ],
    [
      'would end a line',
      '  - { type: nginx, pool: shop, file: /f, upstream: web, method: "least_conn; }" }',
      'f:3:65: engines[0].method: expected a balancing method like least_conn, got the text "least_conn; }"; a balancing method',
    ],
    [
      'brings more than a word',
      '  - { type: haproxy, pool: shop, backend: web, socket: /s, parameters: ["maxconn 5"] }',
      'engines[0].parameters[0]: expected a word of a server line like maxconn',
    ],
    ['has a relative file', '  - { type: nginx, pool: shop, file: web.conf, upstream: web }', 'an absolute path: it begins with "/"'],
    [
      'signals nobody',
      '  - { type: nginx, pool: shop, file: /f, upstream: web, reload: signal }',
      'engines[0].reload: a signal needs to know the process: write "pidFile" as well',
    ],
    [
      'has a program and its arguments in one text',
      '  - { type: nginx, pool: shop, file: /f, upstream: web, reload: "nginx -s reload" }',
      'engines[0].reload: expected signal (or a program and its arguments as a list), got the text "nginx -s reload"',
    ],
    [
      'has a key of the other kind',
      '  - { type: nginx, pool: shop, file: /f, upstream: web, backend: web }',
      'unknown key "backend"; it belongs to "type: haproxy"',
    ],
    [
      'keeps what another one keeps',
      `  - ${NGINX}\n  - { type: nginx, name: again, pool: shop, file: /etc/nginx/hotspare/web.conf, upstream: two }`,
      'engines[1]: engines[0] keeps the same file; one of them would undo what the other does',
    ],
    [
      'has the name of another one',
      `  - ${HAPROXY}\n  - ${NGINX}`,
      'engines[1]: engines[0] has the same name; give one of them a "name" of its own; without one, it is that of the backend or upstream',
    ],
  ])('%s', async (_, engines, expected) => {
    const told = await problems(engines)
    expect(told).toHaveLength(1)
    expect(told[0]).toContain(expected)
  })

  it('is to add a server by a name', async () => {
    const named = 'pools: { shop: { targets: [http://origin.internal, http://10.0.0.2] } }\n'
    expect((await problems('  - { type: haproxy, pool: shop, socket: /s, backend: web, servers: managed }', named))[0]).toContain(
      'engines[0].servers: pool shop has targets with host names (1)',
    )
    expect(await problems(`  - ${HAPROXY}`, named)).toEqual([])
  })

  it('does not repeat what came from outside', async () => {
    expect((await problems('  - { type: haproxy, pool: shop, socket: /s, backend: "${env:EVIL}" }'))[0]).toContain(
      'got the value of ${env:EVIL}',
    )
  })
})

it('fills in what a file need not say, from the packages', async () => {
  const { config } = await read(
    `  - ${HAPROXY}\n  - { type: nginx, pool: shop, name: edge, file: /f, upstream: web, reload: signal, pidFile: /run/nginx.pid, failTimeout: 1500ms }`,
  )
  expect(config.engines).toEqual([
    {
      type: 'haproxy',
      name: 'web',
      pool: 'shop',
      intervalMs: 2_000,
      options: { socket: '/run/haproxy/admin.sock', backend: 'web', servers: 'existing', serverParameters: [], commandTimeoutMs: 2_000 },
    },
    {
      type: 'nginx',
      name: 'edge',
      pool: 'shop',
      intervalMs: 2_000,
      options: {
        file: '/f',
        upstream: 'web',
        test: ['nginx', '-t'],
        reload: 'signal',
        pidFile: '/run/nginx.pid',
        keepalive: 32,
        maxFails: 1,
        failTimeoutSeconds: 2,
        minReloadIntervalMs: 1_000,
      },
    },
  ])
  expect(config.proxies).toEqual([])
})

it('says what an engine does not follow, and does not call its pool unused', async () => {
  const told = await problems(
    `  - ${HAPROXY}`,
    'pools: { shop: { slowStart: 10s, queue: { size: 10, timeout: 1s }, targets: [{ url: http://10.0.0.1, limit: 5 }, http://10.0.0.2] } }\n',
  )
  expect(told).toEqual([
    'engines[0].pool: haproxy does not follow "queue", "slowStart" of pool shop; set up in haproxy what you need of it',
  ])
})

it('is in the summary of the file', async () => {
  const { config } = await read(
    `  - ${HAPROXY}\n  - { type: haproxy, pool: shop, address: "127.0.0.1:9999", backend: api }\n  - { type: nginx, pool: shop, name: edge, file: /f, upstream: web }`,
  )
  const summary = formatSummary(summarize(config, () => ({ down: { maximumMs: 1, typicalMs: 1 }, up: 1 }) as never))
  expect(summary).toContain('3 engines')
  expect(summary).toContain('engine web: haproxy backend web at /run/haproxy/admin.sock <- shop')
  expect(summary).toContain('engine api: haproxy backend api at 127.0.0.1:9999 <- shop')
  expect(summary).toContain('engine edge: nginx upstream web in /f <- shop')
})
