import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

const POOLS = `pools:
  db: { targets: ["tcp://10.0.0.1:5432", "tcp://[::1]:5432"] }
  site: { targets: [http://10.0.0.3] }
`

async function read(text: string) {
  return parseConfig(text, { file: 'f', env: {}, hostname: 'h', readFile: () => Promise.reject(new Error('no files')) })
}

async function errors(text: string): Promise<readonly string[]> {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown)
  if (!(error instanceof ConfigError)) throw new Error(`expected a ConfigError, got ${JSON.stringify(error)}`)
  return error.message.split('\n').map((line) => line.replace('f:', ''))
}

const proxy = (keys: string, pools = POOLS) => `${pools}proxies:\n  - { listen: ":7000", ${keys} }\n`

describe('a proxy of TCP is refused, with what to do about it, when it', () => {
  it.each<readonly [string, string, ...string[]]>([
    ['has a mode that nobody knows', proxy('pool: db, mode: udp'), '5:40: proxies[0].mode: expected one of http, tcp, got the text "udp"'],
    ['leads nowhere', proxy('mode: tcp'), '5:5: proxies[0]: the proxy leads nowhere; write the key "pool", or "serverNames"'],
    [
      'has routes',
      proxy('pool: db, mode: tcp, routes: []'),
      '5:45: proxies[0].routes: "mode: tcp" has no such key; it belongs to proxies of HTTP: take it out',
    ],
    [
      'has times of HTTP',
      proxy('pool: db, mode: tcp, timeouts: { firstByte: 1s }'),
      '5:57: proxies[0].timeouts.firstByte: "mode: tcp" has no such key; it belongs to proxies of HTTP: take it out',
    ],
    [
      'has limits of HTTP',
      proxy('pool: db, mode: tcp, limits: { body: 1MiB, connections: 5 }'),
      '5:55: proxies[0].limits.body: "mode: tcp" has no such key; it belongs to proxies of HTTP: take it out',
    ],
    [
      'waits for a hello that it does not read',
      proxy('pool: db, mode: tcp, timeouts: { hello: 1s }'),
      '5:57: proxies[0].timeouts.hello: no hello is read; it belongs to "serverNames"',
    ],
    [
      'names an address',
      proxy('mode: tcp, serverNames: [{ name: 10.0.0.1, pool: db }]'),
      '5:57: proxies[0].serverNames[0].name: expected a server name like db.example.org, got the text "10.0.0.1"; TLS asks for names alone, without a port; an address has none',
    ],
    [
      'has a star in the middle',
      proxy('mode: tcp, serverNames: [{ name: a.*.org, pool: db }]'),
      '5:57: proxies[0].serverNames[0].name: expected a server name like db.example.org, got the text "a.*.org"; a "*" stands for the first labels alone, as in *.example.org',
    ],
    [
      'has a name twice, and a pool that is not there',
      proxy('mode: tcp, serverNames: [{ name: a.org, pool: db }, { name: A.org, pool: dv }]'),
      '5:84: proxies[0].serverNames[1].name: serverNames[0] is for the same name; take one of them out',
      '5:97: proxies[0].serverNames[1].pool: there is no pool "dv"; did you mean "db"?',
    ],
    [
      'is no proxy of TCP',
      proxy('pool: site, proxyProtocol: v2, closeOnDown: true'),
      '5:36: proxies[0].proxyProtocol: "mode: http" has no such key; it belongs to "mode: tcp"',
      '5:55: proxies[0].closeOnDown: "mode: http" has no such key; it belongs to "mode: tcp"',
    ],
    [
      'would have to look into requests',
      proxy(
        'pool: db, mode: tcp',
        'pools:\n  db: { targets: ["tcp://10.0.0.1:5432"], balance: { algorithm: maglev, key: { from: uri } } }\n\n\n',
      ),
      '2:52: pools.db.balance: proxies[0] has "mode: tcp" and sees no requests; write "key: { from: source }", or an algorithm without a key',
    ],
    [
      'stands in front of itself',
      proxy('pool: db, mode: tcp', 'pools:\n  db: { targets: ["tcp://127.0.0.1:7000"] }\n\n\n'),
      '2:19: pools.db.targets[0]: this is where proxies[0] listens; the proxy would send its requests to itself',
    ],
  ])('%s', async (_what, text, ...lines) => {
    expect(await errors(text)).toEqual(lines)
  })
})

describe('a target of TCP is refused', () => {
  it.each<readonly [string, string, string]>([
    ['without a port', 'tcp://10.0.0.1', 'write the port too, like tcp://10.0.0.11:5432'],
    ['with port 0', 'tcp://10.0.0.1:0', 'the port is a number from 1 to 65535'],
    ['with a path', 'tcp://10.0.0.1:1/x', 'a target takes no path; each request brings its own, and the health check has `path`'],
    ['with a user', 'tcp://me@10.0.0.1:1', 'a target takes no user and password; the client sends its own'],
  ])('%s', async (_what, target, hint) => {
    expect(await errors(`pools:\n  db: { targets: ["${target}"] }\n`)).toEqual([expect.stringContaining(hint)])
  })

  it('behind a proxy of HTTP, and by probes that speak HTTP', async () => {
    expect(await errors(proxy('pool: db'))).toEqual([
      '2:19: pools.db.targets[0]: proxies[0] speaks HTTP, and this is a target of TCP; write http:// or https://, or "mode: tcp" for the proxy',
      '2:42: pools.db.targets[1]: proxies[0] speaks HTTP, and this is a target of TCP; write http:// or https://, or "mode: tcp" for the proxy',
    ])
    expect(await errors('pools:\n  db: { targets: ["tcp://a:1"], health: { type: http } }\n')).toEqual([
      '2:41: pools.db.health: a health check of type http, and targets[0] is a target of TCP; write http:// or https:// for the targets, or another type',
    ])
  })
})

it('a proxy of TCP has what the file says, and what it need not say', async () => {
  const { config, warnings } = await read(
    `${POOLS}proxies:
  - listen: 127.0.0.1:5432
    mode: tcp
    pool: db
  - listen: 127.0.0.1:443
    name: tls
    mode: tcp
    attempts: 2
    proxyProtocol: v2
    closeOnDown: true
    timeouts: { connect: 1s, idle: 5m, hello: 2s, halfClose: 3s }
    serverNames:
      - { name: DB.example.org, pool: db }
      - { name: "*.example.org", pool: site }
`,
  )
  expect(warnings).toEqual([])
  expect(config.pools[0]?.targets).toMatchObject([
    { id: 'db/10.0.0.1:5432', url: 'tcp://10.0.0.1:5432', protocol: 'tcp', host: '10.0.0.1', port: 5432 },
    { id: 'db/[::1]:5432', url: 'tcp://[::1]:5432', protocol: 'tcp', host: '::1', port: 5432 },
  ])
  expect(config.proxies).toMatchObject([
    {
      name: '127.0.0.1:5432',
      pool: 'db',
      timeouts: { connectMs: 2_000, idleMs: 3_600_000 },
      tcp: { helloMs: 5_000, halfCloseMs: 60_000, proxyProtocol: undefined, serverNames: [], closeOnDown: false },
    },
    {
      name: 'tls',
      attempts: 2,
      timeouts: { connectMs: 1_000, idleMs: 300_000 },
      tcp: {
        helloMs: 2_000,
        halfCloseMs: 3_000,
        proxyProtocol: 'v2',
        serverNames: [
          { name: 'db.example.org', pool: 'db' },
          { name: '*.example.org', pool: 'site' },
        ],
        closeOnDown: true,
      },
    },
  ])
})

it('a target of TCP may have the port of HTTP', async () => {
  const { config } = await read('pools:\n  db: { targets: ["TCP://10.0.0.1:80", "tcp://db.Example.org:080"] }\n')
  expect(config.pools[0]?.targets.map(({ url }) => url)).toEqual(['tcp://10.0.0.1:80', 'tcp://db.example.org:80'])
})
