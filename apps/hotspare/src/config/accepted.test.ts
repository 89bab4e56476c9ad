import fc from 'fast-check'
import { systemClock, seededRandom } from '@hotspare/core'
import { createHealthMonitor, healthRulesSchema } from '@hotspare/health'
import { proxySettingsSchema } from '@hotspare/proxy'
import { createPool } from '@hotspare/balance'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { algorithmFor, channelFor, probeFor } from '../drivers.ts'
import type { Config } from './config.ts'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

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

describe('what the configuration accepts, its package accepts', () => {
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

function healthRulesOf({ intervalMs, rise, fall, trafficFailures }: Config['pools'][number]['health']): object {
  return { intervalMs, rise, fall, trafficFailures }
}

/** The keys of an HTTP check are unknown to a TCP check. */
function tcpOnly(section: object): object {
  if (Reflect.get(section, 'type') !== 'tcp') return section
  const own = new Set(['type', 'interval', 'timeout', 'rise', 'fall', 'trafficFailures'])
  return Object.fromEntries(Object.entries(section).filter(([key]) => own.has(key)))
}
