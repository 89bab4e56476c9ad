import { seededRandom, silentLogger, systemClock } from '@hotspare/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { WorkerPool } from '../worker-pool.ts'
import type { Config } from './config.ts'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

// What `check` accepts, `run` must be able to build: each pool as the worker makes it.

const text = (length: number) => fc.string({ maxLength: length })
/** A good value mostly, so that whole sections are accepted; else a strange one, or nothing. */
const mostly = (good: readonly unknown[], strange: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: strange },
    { weight: 2, arbitrary: fc.constant(undefined) },
  )
const durations = ['10ms', '50ms', '500ms', '1s', '1m', '1h', '24d']

const number = fc.oneof(fc.integer({ min: -5, max: 10_000 }), fc.double(), fc.constant('5'))
const algorithms = [
  'round-robin',
  'least-request',
  'peak-ewma',
  'edf',
  'random',
  'first-available',
  'ring-hash',
  'maglev',
  'rendezvous',
  'jump',
]
const keys = fc.record({
  from: mostly(['source', 'header', 'cookie', 'uri'], text(4)),
  name: mostly(['x-user', 'session'], text(4)),
  depth: mostly([1, 5], number),
  length: mostly([1, 50], number),
  whole: mostly([true], text(2)),
})
/** Each option belongs to some of the algorithms alone. */
const ways = fc.oneof(
  fc.constantFrom(...algorithms),
  fc.record({ algorithm: fc.constant('least-request'), choices: mostly([2, 10], number), activeRequestBias: mostly([0, 10], number) }),
  fc.record({ algorithm: fc.constant('peak-ewma'), decay: mostly(durations, text(4)), penalty: mostly(durations, text(4)) }),
  fc.record({
    algorithm: fc.constant('ring-hash'),
    function: mostly(['xxhash', 'ketama'], text(4)),
    minimumRingSize: mostly([1, 1_024], number),
    maximumRingSize: mostly([1_024, 131_072], number),
    boundedLoad: mostly([100, 125, 1_000_000], number),
  }),
  fc.record({ algorithm: fc.constant('maglev'), size: mostly([2, 5_003], number), key: mostly([{ from: 'source' }], keys) }),
  fc.record({ algorithm: fc.constantFrom('rendezvous', 'jump'), key: keys, boundedLoad: mostly([150], number) }),
)
const spread = fc.record({
  balance: ways,
  panic: mostly([true, true, false], text(2)),
  panicThreshold: mostly([0, 50, 100], number),
  overprovisioningFactor: mostly([1, 1.4, 1_000], number),
  zones: mostly([{ fra: 1 }, { fra: 1_000, ams: 1 }], fc.dictionary(text(3), number, { maxKeys: 2 })),
  slowStart: mostly(
    ['30s', '1ms', '24d', { window: '1m' }],
    fc.record({ window: fc.constantFrom(...durations), aggression: number, minimumRatio: number }),
  ),
  queue: mostly([{ size: 1, timeout: '1ms' }], fc.record({ size: number, timeout: fc.constantFrom(...durations) })),
  sticky: mostly(
    [{ secrets: ['x'.repeat(32)] }],
    fc.record({
      secrets: fc.array(fc.constantFrom('x'.repeat(32), 'ü'.repeat(16), 'short'), { maxLength: 9 }),
      cookie: fc.oneof(fc.constantFrom('at', '__Host-at'), text(4)),
      maxAge: fc.constantFrom('1s', '24d', '500ms'),
      path: fc.oneof(fc.constantFrom('/', '/shop'), text(4)),
    }),
  ),
})
const placed = fc.record({
  url: fc.constantFrom('http://a', 'http://b', 'http://c'),
  zone: mostly(['fra', 'fra', 'ams'], text(3)),
  limit: mostly([1, 1_000_000], number),
})

async function accepted(file: object): Promise<Config | undefined> {
  try {
    // What is undefined stands for what is left out.
    const written = stringify(JSON.parse(JSON.stringify(file)))
    return (await parseConfig(written, { file: 'f', env: {}, hostname: 'h', readFile: () => Promise.reject(new Error('no files')) })).config
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

it('what the configuration accepts of a pool, the packages accept', async () => {
  const targets = fc.uniqueArray(placed, { minLength: 1, maxLength: 3, selector: ({ url }) => url })
  let built = 0
  const property = fc.asyncProperty(targets, spread, async (each, how) => {
    const config = await accepted({ pools: { shop: { targets: each, ...how } } })
    const [pool] = config?.pools ?? []
    if (!pool) return
    await new WorkerPool(pool, { clock: systemClock, random: seededRandom(1), logger: silentLogger, told: () => {} }).stop()
    built += 1
  })
  await fc.assert(property, { numRuns: 1_000 })
  expect(built).toBeGreaterThan(20)
})
