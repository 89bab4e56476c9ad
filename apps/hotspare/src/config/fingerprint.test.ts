import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { canonicalJson, configFingerprint } from './fingerprint.ts'
import { parseConfig } from './load.ts'

type Tree = { [key: string]: unknown }

const file = (): Tree => ({
  node: 'web-1',
  cluster: {
    nodes: { 'web-1': { peer: '10.0.0.1:7401', site: 'fra' }, 'web-2': { peer: '10.0.0.2:7401', paths: ['10.1.0.2:7401'] } },
    secret: '0123456789abcdef',
    heartbeat: { interval: '100ms', timeout: '1500ms' },
    arbiter: { type: 'etcd', endpoints: ['http://10.0.0.5:2379'], ttl: '2s', user: 'ops', password: 'hunter22' },
  },
  services: {
    shop: {
      members: ['web-1', 'web-2'],
      onControlLoss: 'keep',
      check: { type: 'http', url: 'http://127.0.0.1/', headers: { 'x-key': 'hunter22' } },
      resources: [
        { type: 'vip', address: '10.0.0.100', interface: { 'web-1': 'eth0', 'web-2': 'ens3' } },
        { type: 'vip', address: '10.0.0.101', interface: 'eth0' },
      ],
    },
    mail: {
      members: ['web-2'],
      onControlLoss: 'release',
      check: { type: 'tcp', address: '127.0.0.1:25' },
      resources: [{ type: 'vip', address: '10.0.0.102', interface: 'eth0' }],
    },
  },
})

async function fingerprintOf(tree: Tree): Promise<string> {
  const { config } = await parseConfig(stringify(tree), { file: 'f', env: {}, hostname: 'web-1' })
  return configFingerprint(config)
}

/** The file with another value at a path; undefined takes the key out. */
function changed(path: readonly string[], value: unknown): Tree {
  const tree = file()
  let inner: object = tree
  for (const key of path.slice(0, -1)) inner = Reflect.get(inner, key) as object
  const last = path.at(-1) ?? ''
  if (value === undefined) Reflect.deleteProperty(inner, last)
  else Reflect.set(inner, last, value)
  return tree
}

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, reversed(each)]),
  )
}

describe('the fingerprint of a configuration', () => {
  it.each<[string, string[], unknown]>([
    ['the order of members', ['services', 'shop', 'members'], ['web-2', 'web-1']],
    [
      'the order of resources',
      ['services', 'shop', 'resources'],
      (file()['services'] as { shop: { resources: unknown[] } }).shop.resources.toReversed(),
    ],
    ['the ttl', ['cluster', 'arbiter', 'ttl'], '3s'],
    ['the prefix of the keys', ['cluster', 'arbiter', 'prefix'], 'other/'],
    ['the arbiter', ['cluster', 'arbiter'], { type: 'postgres', connection: 'postgres://ops@h', ttl: '2s' }],
    ['the address of a node', ['cluster', 'nodes', 'web-2', 'peer'], '10.0.0.3:7401'],
    ['a path', ['cluster', 'nodes', 'web-2', 'paths'], []],
    ['a further node', ['cluster', 'nodes', 'web-3'], { peer: '10.0.0.3:7401' }],
    ['the interval of heartbeats', ['cluster', 'heartbeat', 'interval'], '50ms'],
    ['the timeout of heartbeats', ['cluster', 'heartbeat', 'timeout'], '1s'],
    ['what happens without control', ['services', 'shop', 'onControlLoss'], 'release'],
    ['a check', ['services', 'shop', 'check', 'url'], 'http://127.0.0.1/up'],
    ['what a check expects', ['services', 'shop', 'check', 'redirects'], 3],
    ['when a check is run', ['services', 'shop', 'check', 'downInterval'], '1m'],
    ['an interface', ['services', 'shop', 'resources', '1', 'interface'], 'eth1'],
    ['an address', ['services', 'shop', 'resources', '1', 'address'], '10.0.0.101/24'],
    ['the failback', ['services', 'shop', 'failback'], { after: '1m' }],
    ['the failovers an hour', ['services', 'shop', 'maxFailoversPerHour'], 7],
    ['a service that is not there', ['services', 'mail'], undefined],
    ['the name of a service', ['services'], { store: (file()['services'] as { shop: unknown }).shop }],
  ])('differs with %s', async (_, path, value) => {
    expect(await fingerprintOf(changed(path, value))).not.toBe(await fingerprintOf(file()))
  })

  it.each<[string, string[], unknown]>([
    ['the name of the node', ['node'], 'web-2'],
    ['the log', ['log'], { level: 'debug' }],
    ['the API', ['api'], { listen: '127.0.0.1:7500' }],
    ['pools', ['pools'], { a: { targets: ['http://a'] } }],
    ['alerts', ['alerts'], { channels: { terminal: { type: 'console' } } }],
    ['the timeline', ['timeline'], { keep: 5 }],
    ['the secret', ['cluster', 'secret'], 'fedcba9876543210'],
    ['the way to the arbiter', ['cluster', 'arbiter', 'endpoints'], ['http://127.0.0.1:2379']],
    ['a password', ['cluster', 'arbiter', 'password'], 'swordfish'],
    ['the value of a header', ['services', 'shop', 'check', 'headers', 'x-key'], 'swordfish'],
    ['the site of a node', ['cluster', 'nodes', 'web-1', 'site'], 'ams'],
    ['the folder of the state', ['cluster', 'state'], '/srv/hotspare'],
    ['a witness', ['witness'], { listen: ':7402', file: '/w', secrets: [{ id: 1, secret: '0123456789abcdef' }] }],
    ['a default that is written out', ['services', 'shop', 'failback'], 'manual'],
    ['a default of a check that is written out', ['services', 'shop', 'check', 'method'], 'GET'],
    ['another default of a check', ['services', 'shop', 'check', 'fastInterval'], '1s'],
    ['another spelling', ['cluster', 'arbiter', 'ttl'], '2000ms'],
  ])('is the same with another value for %s', async (_, path, value) => {
    expect(await fingerprintOf(changed(path, value))).toBe(await fingerprintOf(file()))
  })

  it.each([
    ['redis', { address: 'r', password: 'hunter22' }, { password: 'swordfish' }],
    ['grpc', { address: 'g:1', metadata: { 'x-key': 'hunter22' } }, { metadata: { 'x-key': 'swordfish' } }],
    ['exec', { file: '/bin/true', env: { KEY: 'hunter22' } }, { env: { KEY: 'swordfish' } }],
  ])('knows no secret of a %s check', async (type, options, secret) => {
    const path = ['services', 'shop', 'check']
    const one = await fingerprintOf(changed(path, { type, ...options }))
    expect(await fingerprintOf(changed(path, { type, ...options, ...secret }))).toBe(one)
    expect(await fingerprintOf(changed(path, { type, ...options, interval: '7s' }))).not.toBe(one)
  })

  it('does not depend on the order of keys', async () => {
    expect(await fingerprintOf(reversed(file()) as Tree)).toBe(await fingerprintOf(file()))
  })

  it('is 32 hex digits, and the same in every release that reads the file alike', async () => {
    expect(await fingerprintOf(file())).toBe('ac9069a4e0e3fbb1928b6df8021d88d4')
  })
})

describe('canonical JSON', () => {
  it('is the same for the same value, and reads as that value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(reversed(value))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
