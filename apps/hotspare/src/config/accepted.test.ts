import fc from 'fast-check'
import { assertNever, systemClock, seededRandom } from '@hotspare/core'
import { createHealthMonitor, healthRulesSchema } from '@hotspare/health'
import { proxySettingsSchema } from '@hotspare/proxy'
import { createPool } from '@hotspare/balance'
import { heartbeatSettingsSchema } from '@hotspare/heartbeat'
import { createLease, type LeaseRegister } from '@hotspare/lease'
import { consulRegister } from '@hotspare/lease/consul'
import { etcdRegister } from '@hotspare/lease/etcd'
import { kubernetesRegister } from '@hotspare/lease/kubernetes'
import { memoryRegister } from '@hotspare/lease/memory'
import { postgresRegister } from '@hotspare/lease/postgres'
import { s3Register } from '@hotspare/lease/s3'
import { witnessRegister } from '@hotspare/lease/witness'
import { createWitness } from '@hotspare/lease/witness-server'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { algorithmFor, channelFor, checkProbe, probeFor } from '../drivers.ts'
import { consulOptions, kubernetesOptions, s3Options } from './arbiter-options.ts'
import { isOnInterface } from './config-cluster.ts'
import type { ArbiterConfig, Config } from './config.ts'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'
import { vipOptionsSchema } from '@hotspare/vip'
import { heartbeatSettings } from './heartbeat-settings.ts'

// What `check` accepts, `run` must be able to build: each package's factory, called as the composition calls it.

const text = (length: number) => fc.oneof(fc.string({ maxLength: length }), fc.string({ unit: 'grapheme', maxLength: length }))
/** A good value mostly, so that whole sections are accepted; else a strange one, or nothing. */
const mostly = (good: readonly unknown[], strange: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: strange },
    { weight: 2, arbitrary: fc.constant(undefined) },
  )

const escapes = fc.constantFrom('%', '%zz', '%ff', '%25', '%00', '@', ':', '/', '?x=1', '#y', '[', '[::1]', ' ', '\n', 'é', '\u{1F525}')
const glued = (pieces: readonly string[]) =>
  fc.array(fc.oneof(fc.constantFrom(...pieces), escapes, text(4)), { maxLength: 8 }).map((parts) => parts.join(''))
const url = glued([
  'http://',
  'https://',
  'smtp://',
  'smtps://',
  'ops',
  'hunter22',
  'mail',
  '.example.com',
  ':25',
  ':0',
  ':99999',
  '127.0.0.1',
])
const mailbox = glued(['ops', '@', 'example.com', 'Ops <', '>', '.', '-', 'xn--', 'b\u00FCcher.example'])
const secret = fc.oneof(
  fc.uint8Array({ maxLength: 80 }).map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => `whsec_${Buffer.from(bytes).toString('base64url')}`),
  glued(['whsec_', 'AAAA', '=']),
)
const names = ['x-key', 'authorization', 'host', 'webhook-id', 'content-type', 'connection', 'expect', 'a b', 'accept', 'keep-alive', 'te']
const headers = fc.dictionary(
  fc.oneof(fc.constantFrom(...names), text(5)),
  fc.oneof(fc.constantFrom('abcd', 'a\nb', 'é', '\u20AC'), text(5)),
  {
    maxKeys: 2,
  },
)
const durations = ['10ms', '50ms', '500ms', '1s', '1m', '1h', '24d']

const channel = fc.oneof(
  fc.record({
    type: fc.constant('webhook'),
    url: mostly(['https://chat.example.com/hooks/1', 'http://ops:hunter22@a'], url),
    secret: mostly(['whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz'], secret),
    headers: mostly([{ 'x-team': 'blue' }], headers),
  }),
  fc.record({
    type: fc.constant('smtp'),
    url: mostly(['smtp://mail:25', 'smtps://ops:hunter22@mail.example.com'], url),
    from: mostly(['Hotspare <hs@example.com>'], mailbox),
    to: mostly([['ops@example.com']], fc.array(mailbox, { maxLength: 3 })),
  }),
)
const count = fc.oneof(fc.integer({ min: -1, max: 1_100 }), fc.double())
const health = fc.record({
  type: fc.constantFrom('http', 'http', 'tcp'),
  path: mostly(['/', '/up?x={"y"}', `/${'"'.repeat(2_047)}`, `/${'x'.repeat(9_000)}`], glued(['/', '//', 'up', '..', '\\'])),
  host: mostly(['shop.example.com'], text(6)),
  headers: mostly([{ accept: 'text/plain' }], headers),
  status: mostly(['200-399', '200,204', 200], fc.oneof(glued(['200', '-', ',', '599', '600', '099']), count)),
  body: mostly(['ok'], text(6)),
  interval: mostly(durations, text(4)),
  timeout: mostly(durations, text(4)),
  rise: mostly([1, 100], count),
  fall: mostly([1, 100], count),
  trafficFailures: mostly([0, 1_000], count),
  method: mostly(['GET', 'HEAD', 'OPTIONS'], text(4)),
})
const target = fc.record({
  url: mostly(
    ['http://10.0.0.11:8080', 'https://[::1]', `http://${'a'.repeat(253)}`, `http://${'a'.repeat(300)}`],
    fc.oneof(url, fc.webUrl()),
  ),
  weight: mostly([1, 1_000], count),
  tier: mostly([0, 100], count),
})
const proxy = fc.record({
  listen: fc.constant(':8080'),
  pool: fc.constant('shop'),
  attempts: mostly([1, 10], count),
  timeouts: fc.record({
    connect: mostly(durations, text(4)),
    firstByte: mostly(durations, text(4)),
    idle: mostly(durations, text(4)),
    drain: mostly(['0s', ...durations], text(4)),
  }),
  forwarded: mostly(['replace', 'append'], text(4)),
})

/** Nearly always good: one bad value of many would have the whole cluster refused. */
const nearly = (good: fc.Arbitrary<unknown>, strange: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 20, arbitrary: good }, { weight: 1, arbitrary: strange })
const peer = nearly(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 65_535 })).map(([ip, port]) => `${ip}:${port}`),
  glued(['10.0.0.1', '[fd00::1]', ':7401', '.', '1']),
)
const node = fc.record({ peer, paths: nearly(fc.array(peer, { maxLength: 3 }), fc.array(peer, { minLength: 7, maxLength: 9 })) })
const ttl = nearly(fc.constantFrom('250ms', '2s', '1h', '1.234s'), fc.constantFrom('1ms', '2h', 'x'))
const nodeNames = ['a', 'web-2', 'n.3', '1', 'x_y', `w${'x'.repeat(62)}`]
const sharedSecret = mostly(['0123456789abcdef', 'x'.repeat(1_024)], text(20))
const secrets = mostly(
  [[{ id: 1, secret: '0123456789abcdef' }]],
  fc.array(fc.record({ id: count, secret: sharedSecret }), { maxLength: 3 }),
)
const arbiter = fc.oneof(
  fc.record({
    type: fc.constant('etcd'),
    endpoints: mostly([['http://10.0.0.5:2379', 'https://[fd00::5]:2379/']], fc.array(url, { maxLength: 3 })),
    prefix: mostly(['ops/'], text(6)),
    user: mostly(['ops'], text(6)),
    password: mostly(['hunter22'], text(6)),
    ttl,
  }),
  fc.record({
    type: fc.constant('postgres'),
    connection: mostly(
      ['postgres://u:hunter22@h:5432/d', ['postgresql://u@[fd00::6]/d?sslmode=require', 'postgres://u@h']],
      glued(['postgres://', 'u', ':hunter22', '@', 'h', ':5432', '/d', '?sslmode=', 'require']),
    ),
    table: mostly(['leases', 'ops.leases'], text(6)),
    ttl,
  }),
  fc.record({
    type: fc.constant('consul'),
    endpoints: mostly([['http://127.0.0.1:8500', 'https://[fd00::5]:8501/']], fc.array(url, { maxLength: 3 })),
    datacenter: nearly(fc.constantFrom('fra', 'eu_1'), text(6)),
    prefix: mostly(['ops/'], glued(['ops', '/', '.', '..'])),
    token: mostly(['01234567-89ab'], text(20)),
    ca: nearly(fc.constant(undefined), text(20)),
    ttl,
  }),
  fc.record({
    type: fc.constant('kubernetes'),
    namespace: nearly(fc.constantFrom('ha', 'a-1'), text(6)),
    server: mostly(['https://10.0.0.1:6443'], url),
    token: mostly(['01234567-89ab'], text(20)),
    tokenFile: nearly(fc.constant(undefined), text(6)),
    caFile: mostly(['/etc/ca.pem'], text(6)),
    prefix: mostly(['ha-', 'x.'], glued(['ha', '-', '.'])),
    ttl,
  }),
  fc.record({
    type: fc.constant('s3'),
    bucket: nearly(fc.constantFrom('leases', 'ha.example.com'), glued(['ha', '-', '.', '..'])),
    region: nearly(fc.constantFrom('eu-central-1', 'auto'), text(6)),
    endpoint: mostly(['https://minio:9000'], url),
    pathStyle: mostly([true, false], text(3)),
    credentials: nearly(
      fc.constantFrom({ type: 'instance' }, { type: 'static', accessKeyId: 'AKIA', secretAccessKey: 'hunter22' }),
      fc.record({ type: fc.constant('container'), url: fc.oneof(url, fc.webUrl()) }),
    ),
    prefix: mostly(['ops/'], glued(['ops', '/', '.', '..'])),
    ttl,
  }),
  fc.record({
    type: fc.constant('witness'),
    url: mostly(['http://10.0.0.9:7402', 'https://w/'], url),
    secret: fc.record({ id: fc.integer({ min: 0, max: 256 }), secret: sharedSecret }),
    ttl,
  }),
)
const serviceCheck = fc.oneof(
  fc.record({
    type: fc.constant('http'),
    url: mostly(['http://127.0.0.1:8080/healthz?x=1', 'https://[::1]/'], fc.oneof(url, fc.webUrl())),
    host: mostly(['shop.example.com'], text(6)),
    headers: mostly([{ accept: 'text/plain' }], headers),
    status: mostly(['200-399', 200], count),
    body: mostly(['ok'], text(6)),
    interval: mostly(durations, text(4)),
    timeout: mostly(durations, text(4)),
  }),
  fc.record({
    type: fc.constant('tcp'),
    address: mostly(['127.0.0.1:5432', '[::1]:1', 'localhost:25'], glued(['a', ':', '1', '[', ']', '::'])),
    rise: mostly([1, 100], count),
    fall: mostly([1, 100], count),
  }),
)

const virtualAddress = mostly(
  ['10.0.0.100/24', 'fd00::100', 'fe80::1/64'],
  fc.oneof(
    fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 129 })).map(([ip, prefix]) => `${ip}/${prefix}`),
    glued(['10.0.0.100', '/', '24', '::', 'fd00']),
  ),
)
const interfaceName = mostly(['eth0', 'eth0.100', 'veth1@if2', 'br-lan'], glued(['eth', '0', '.', '-', '+', '@', '/', ' ']))

/** A file with one service; parts of it are replaced. */
const serviceFile = (parts: object): object => ({
  node: 'a',
  cluster: {
    nodes: { a: { peer: '10.0.0.1:7401' }, b: { peer: '10.0.0.2:7401' } },
    secret: '0123456789abcdef',
    arbiter: { type: 'none', acceptSplitBrain: true },
  },
  services: {
    shop: {
      members: ['a'],
      onControlLoss: 'keep',
      check: { type: 'tcp', address: '127.0.0.1:25' },
      resources: [{ type: 'vip', address: '10.0.0.100', interface: 'eth0' }],
      ...parts,
    },
  },
})

async function accepted(file: object): Promise<Config | undefined> {
  const options = { file: 'f', env: {}, hostname: 'h', readFile: () => Promise.reject(new Error('no files')) }
  try {
    return (await parseConfig(stringify(file), options)).config
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

/** Runs `build` for every file that is accepted, and fails where it throws. @returns how many were accepted */
async function buildable(files: fc.Arbitrary<object>, build: (config: Config) => unknown): Promise<number> {
  let built = 0
  const property = fc.asyncProperty(files, async (file) => {
    const config = await accepted(file)
    if (!config) return
    await build(config)
    built += 1
  })
  await fc.assert(property, { numRuns: 1_000 })
  return built
}

const POOLS = { shop: { targets: ['http://a'] } }
const without = (section: object): object => Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined))

describe('what the configuration accepts, its package accepts', { timeout: 120_000 }, () => {
  it('as a channel', async () => {
    const built = await buildable(
      channel.map((section) => ({ pools: POOLS, alerts: { channels: { ops: without(section) } } })),
      async ({ alerts }) => {
        for (const each of alerts.channels) await channelFor(each, { clock: systemClock, writeLine: () => {} }).close?.()
      },
    )
    expect(built).toBeGreaterThan(20)
  })

  it('as a target with its health check', async () => {
    const built = await buildable(
      fc.record({ target, health }).map((each) => ({
        pools: { shop: { targets: [without(each.target)], health: tcpOnly(without(each.health)) } },
      })),
      ({ pools }) => {
        for (const { targets, health: rules, balance } of pools) {
          createPool({ targets, algorithm: algorithmFor(balance, seededRandom(1)) })
          const monitor = createHealthMonitor()
          for (const each of targets) {
            const { intervalMs, rise, fall, trafficFailures } = healthRulesSchema.parse(healthRulesOf(rules))
            monitor.add({ id: each.id, probe: probeFor(each, rules, systemClock), intervalMs, rise, fall, trafficFailures })
          }
        }
      },
    )
    expect(built).toBeGreaterThan(20)
  })

  it('as a cluster, its heartbeats and its leases', async () => {
    const nodes = fc.uniqueArray(fc.tuple(fc.constantFrom(...nodeNames), node), { minLength: 1, maxLength: 4, selector: ([name]) => name })
    const heartbeat = fc.record({
      interval: nearly(fc.constantFrom('10ms', '100ms', '1m', undefined), text(4)),
      timeout: nearly(fc.constantFrom('3m', '1h', undefined), text(4)),
    })
    const files = fc.record({ nodes, secrets, heartbeat, arbiter }).map((each) => ({
      node: each.nodes[0]?.[0],
      pools: POOLS,
      cluster: {
        nodes: Object.fromEntries(each.nodes.map(([name, one]) => [name, without(one)])),
        secrets: each.secrets ?? [{ id: 1, secret: 'fedcba9876543210' }],
        heartbeat: without(each.heartbeat),
        arbiter: without(each.arbiter),
      },
    }))
    const built = await buildable(files, async ({ cluster }) => {
      if (!cluster || cluster.arbiter.type === 'none') throw new Error('expected a cluster with an arbiter')
      for (const { name } of cluster.nodes) {
        heartbeatSettingsSchema.parse(heartbeatSettings(cluster, name))
        createLease({ register: memoryRegister(), name: `hotspare/${name}`, holder: name, ttlMs: cluster.arbiter.ttlMs })
      }
      await registerOf(cluster.arbiter).close()
    })
    expect(built).toBeGreaterThan(20)
  })

  it('as an address that moves', async () => {
    const files = fc
      .record({ address: virtualAddress, on: interfaceName })
      .map(({ address, on }) => serviceFile({ resources: [{ type: 'vip', address, interface: on }] }))
    const built = await buildable(files, ({ services }) => {
      for (const { resources } of services)
        for (const each of resources) {
          if (!isOnInterface(each)) continue
          for (const name of Object.values(each.interfaces))
            vipOptionsSchema.parse({ address: each.address, interface: name, lifetimeMs: 250 })
        }
    })
    expect(built).toBeGreaterThan(20)
  })

  it('as the check of a service', async () => {
    const files = serviceCheck.map((each) => serviceFile({ check: without(each) }))
    const built = await buildable(files, ({ services }) => {
      for (const { check } of services) {
        const { intervalMs, rise, fall } = check
        healthRulesSchema.parse({ intervalMs, rise, fall })
        checkProbe(check, systemClock)
      }
    })
    expect(built).toBeGreaterThan(20)
  })

  it('as a witness', async () => {
    const listen = mostly([':7402', '10.0.0.9:7402', '[::1]:0'], glued(['10.0.0.9', ':', '7402', '[::]']))
    const witnessFile = mostly(['/var/lib/w.json', '/w'], glued(['/', 'w', '.json']))
    const files = fc.record({ listen, file: witnessFile, secrets }).map((each) => ({ witness: without(each) }))
    const built = await buildable(files, ({ witness }) => void (witness && createWitness(witness)))
    expect(built).toBeGreaterThan(20)
  })

  it('as a proxy', async () => {
    const built = await buildable(
      proxy.map((section) => ({ pools: POOLS, proxies: [{ ...without(section), timeouts: without(section.timeouts) }] })),
      ({ proxies }) => {
        for (const { listen, attempts, timeouts, forwarded } of proxies) {
          const { connectMs, firstByteMs, idleMs, drainMs } = timeouts
          const times = { connectTimeoutMs: connectMs, firstByteTimeoutMs: firstByteMs, idleTimeoutMs: idleMs, drainTimeoutMs: drainMs }
          proxySettingsSchema.parse({ ...listen, attempts, ...times, forwarded })
        }
      },
    )
    expect(built).toBeGreaterThan(20)
  })
})

/** The options that the file gives, as they are. */
function registerOf(each: Exclude<ArbiterConfig, { readonly type: 'none' }>): LeaseRegister {
  switch (each.type) {
    case 'etcd': {
      const { endpoints, prefix, user, password } = each
      return etcdRegister({ endpoints, prefix, user, password })
    }
    case 'postgres':
      return postgresRegister({ connection: each.connection, table: each.table })
    case 'consul':
      return consulRegister(consulOptions(each))
    case 'kubernetes':
      return kubernetesRegister(kubernetesOptions(each))
    case 's3':
      return s3Register(s3Options(each))
    case 'witness':
      return witnessRegister({ url: each.url, secret: each.secret })
    default:
      return assertNever(each)
  }
}

function healthRulesOf({ intervalMs, rise, fall, trafficFailures }: Config['pools'][number]['health']): object {
  return { intervalMs, rise, fall, trafficFailures }
}

/** The keys of an HTTP check are unknown to a TCP check. */
function tcpOnly(section: object): object {
  if (Reflect.get(section, 'type') !== 'tcp') return section
  const own = new Set(['type', 'interval', 'timeout', 'rise', 'fall', 'trafficFailures'])
  return Object.fromEntries(Object.entries(section).filter(([key]) => own.has(key)))
}
