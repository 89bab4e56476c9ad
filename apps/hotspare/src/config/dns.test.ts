import { describe, expect, it } from 'vitest'
import { ConfigError } from './problem.ts'
import { parseConfig } from './load.ts'
import { configFingerprint } from './fingerprint.ts'
import { summarize } from './summary.ts'

const POOL = `pools:
  shop:
    targets: [http://192.0.2.11:8080, { url: http://192.0.2.12:8080, tier: 1, weight: 3 }]
    health: { type: http, path: / }
`
const CLUSTER = `node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: 0123456789abcdef0123456789abcdef
  arbiter: { type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }
`
const MAIN = `dns:
  providers:
    main: { type: rfc2136, server: { address: 192.0.2.53 }, key: { name: hotspare., algorithm: hmac-sha256, secret: "c2VudGluZWwtb2YtdGhlLWtleQ==" } }
`
const service = (resource: string) => `services:
  entry:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:80" }
    resources:
      - ${resource}
`

const load = (text: string) => parseConfig(text, { file: 'h.yaml', env: {}, hostname: 'web-1' })
const problems = async (text: string) => {
  const error: unknown = await load(text).catch((thrown: unknown) => thrown)
  return error instanceof ConfigError
    ? error.problems.map(({ line, path, message, hint }) => `${line} ${path}: ${message}; ${hint}`)
    : [`accepted, or: ${String(error)}`]
}
const served = (standing: string) =>
  `${POOL}dns:\n  server: { listen: "127.0.0.1:5353", zones: { example.com: { nameServers: [ns.example.com], records: [${standing}] } } }\n  records:\n    - { provider: embedded, zone: example.com, name: www, answers: shop }\n`
const record = (more: string) => `${POOL}${MAIN}  records:\n    - { provider: main, zone: example.com, name: www, answers: shop${more} }\n`

describe('what is refused, at its place', () => {
  it.for([
    [
      'a provider that is not there',
      record('').replace('provider: main', 'provider: mian'),
      /records\[0\]\.provider.*no DNS provider "mian"/,
    ],
    ['a pool that is not there', record('').replace('answers: shop', 'answers: shpo'), /records\[0\]\.answers.*no pool "shpo"/],
    ['a type of provider that is not there', record('').replace('rfc2136', 'bind'), /dns\.providers\.main/],
    ['a key that the provider does not have', record('').replace('server:', 'sever:'), /sever/],
    ['a key whose secret is none', record('').replace('c2VudGluZWwtb2YtdGhlLWtleQ==', '%%%'), /key/],
    ['a name that is none', record('').replace('name: www', 'name: "ww w"'), /records\[0\]\.name/],
    ['a TTL of half a second', record(', ttl: 500ms'), /ttl/],
    ['a TTL of a second and a half', record(', ttl: 1500ms'), /ttl.*whole seconds/],
    ['IPv6 where targets have IPv4', record(', family: 6'), /no IPv6 address is known/],
    ['an address of a target that is not there', record(', addresses: { blue: 192.0.2.1 }'), /no such target/],
    ['a share of nobody', record(', atLeast: 0%'), /atLeast/],
    [
      'the same record twice',
      `${record('')}    - { provider: main, zone: example.com, name: www.example.com, answers: shop }\n`,
      /the same record/,
    ],
    [
      'the server of the file where there is none',
      record('').replace('provider: main', 'provider: embedded'),
      /no DNS provider "embedded"/,
    ],
    [
      'a zone that the server does not have',
      `${POOL}dns:\n  server: { listen: "127.0.0.1:5353", zones: { example.org: { nameServers: [ns.example.org] } } }\n  records:\n    - { provider: embedded, zone: example.com, name: www, answers: shop }\n`,
      /no such zone/,
    ],
    [
      'a record whose name is too long with its zone',
      record('').replace('name: www', `name: ${Array.from({ length: 4 }, () => 'a'.repeat(60)).join('.')}`),
      /records\[0\]\.name: too long/,
    ],
    [
      'a standing record whose value is none',
      served('{ name: a, type: A, values: [192.0.2.1] }, { name: mail, type: MX, values: [mail] }'),
      /records\[1\]: .*MX/,
    ],
    [
      'a standing record that is made of the options of its zone',
      served('{ name: "@", type: NS, values: [ns.example.com] }'),
      /records\[0\]: .*NS is not served/,
    ],
    [
      'a standing record in the place of one that answers',
      served('{ name: www, type: A, values: [192.0.2.1] }'),
      /dns\.server\.zones: .*www\.example\.com A is there twice/,
    ],
    [
      'a standing CNAME in the place of one that answers',
      served('{ name: www, type: CNAME, values: [example.org] }'),
      /dns\.server\.zones: .*www\.example\.com cannot have a CNAME/,
    ],
    [
      'every address of the machine',
      `dns:\n  server: { listen: "0.0.0.0:53", zones: { example.org: { nameServers: [ns.example.org] } } }\n`,
      /listen.*/,
    ],
    [
      'a member without a value',
      `${CLUSTER}${MAIN}${service('{ type: dns, provider: main, zone: example.com, name: shop, follows: { web-1: 192.0.2.1 } }')}`,
      /follows.*is missing/,
    ],
    [
      'a stranger with one',
      `${CLUSTER}${MAIN}${service('{ type: dns, provider: main, zone: example.com, name: shop, follows: { web-1: 192.0.2.1, web-2: 192.0.2.2, web-9: 192.0.2.9 } }')}`,
      /no member/,
    ],
    [
      'two families in one record',
      `${CLUSTER}${MAIN}${service('{ type: dns, provider: main, zone: example.com, name: shop, follows: { web-1: 192.0.2.1, web-2: "2001:db8::2" } }')}`,
      /one kind/,
    ],
    [
      'the server of one node for what nodes share',
      `${CLUSTER}${MAIN}${service('{ type: dns, provider: embedded, zone: example.com, name: shop, follows: { web-1: 192.0.2.1, web-2: 192.0.2.2 } }')}`,
      /no DNS provider "embedded"/,
    ],
  ] as const)('%s', async ([, text, expected]) => {
    const found = await problems(text)
    expect(found.join('\n')).toMatch(expected)
    expect(found.join('\n')).not.toContain('c2VudGluZWw')
  })
})

describe('what is understood', () => {
  it('a record that answers, with its targets and the defaults', async () => {
    const { config } = await load(record(''))
    expect(config.dns?.records).toMatchObject([
      {
        zone: 'example.com',
        name: 'www.example.com',
        type: 'A',
        ttlSeconds: 30,
        providers: ['main'],
        targets: [
          { id: 'shop/192.0.2.11:8080', address: '192.0.2.11', weight: 1, tier: 0 },
          { id: 'shop/192.0.2.12:8080', address: '192.0.2.12', weight: 3, tier: 1 },
        ],
        policy: { choose: 'all', atLeast: { targets: 1 }, whenTooFew: 'open', holdDownMs: 30_000 },
        verify: { type: 'all', withinMs: 60_000 },
      },
    ])
  })

  it('the zone itself, a share, and the server of this node', async () => {
    const { config } = await load(
      `${POOL}dns:\n  server: { listen: "127.0.0.1:5353", zones: { example.com: { nameServers: [ns.example.com], records: [{ name: "@", type: MX, values: ["10 mail.example.com"] }] } } }\n  records:\n    - { provider: embedded, zone: example.com, name: "@", answers: shop, atLeast: 50%, verify: false }\n`,
    )
    expect(config.dns?.records[0]).toMatchObject({ name: 'example.com', policy: { atLeast: { share: 0.5 } }, verify: { type: 'off' } })
    expect(config.dns?.server).toMatchObject({
      listen: [{ host: '127.0.0.1', port: 5353 }],
      zones: [
        { name: 'example.com', contact: 'hostmaster.example.com', records: [{ name: 'example.com', type: 'MX', ttlSeconds: 3_600 }] },
      ],
    })
  })

  it('a record that follows; its secret is in no summary, and in no fingerprint', async () => {
    const text = `${CLUSTER}${MAIN}${service('{ type: dns, provider: main, zone: example.com, name: shop, follows: { web-1: 192.0.2.1, web-2: 192.0.2.2 }, ttl: 10s }')}`
    const { config, redactor } = await load(text)
    expect(config.services[0]?.resources).toMatchObject([
      { type: 'dns', recordType: 'A', name: 'shop.example.com', ttlSeconds: 10, account: { name: 'main', type: 'rfc2136' } },
    ])
    expect(JSON.stringify(summarize(config, () => ({ down: { maximumMs: 1, typicalMs: 1 }, up: 1 }) as never))).not.toContain('c2VudGluZWw')
    expect(redactor.redact('c2VudGluZWwtb2YtdGhlLWtleQ==')).not.toContain('c2VudGluZWw')
    const other = await load(text.replace('c2VudGluZWwtb2YtdGhlLWtleQ==', 'YW5vdGhlciBzZWNyZXQgaGVyZQ=='))
    expect(configFingerprint(other.config)).toBe(configFingerprint(config))
    const moved = await load(text.replace('192.0.2.2 }', '192.0.2.3 }'))
    expect(configFingerprint(moved.config)).not.toBe(configFingerprint(config))
  })
})
