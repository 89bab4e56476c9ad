import { keyedDefaults, poolDefaults } from '@hotspare/balance'
import { describe, expect, it } from 'vitest'
import { configJsonSchema } from './json-schema.ts'
import { parseConfig } from './load.ts'
import { valueAt } from './schema-guide.ts'
import { formatSummary, summarize } from './summary.ts'

const STICKY = 'a-secret-of-more-than-32-characters'
const OLDER = 'another-secret-that-is-long-enough-for-it'

async function read(text: string) {
  return parseConfig(text, { file: 'f', env: { STICKY, OLDER }, hostname: 'h', readFile: () => Promise.reject(new Error('no files')) })
}

async function balanceOf(written: string) {
  const { config } = await read(`pools: { shop: { targets: [http://a], balance: ${written} } }`)
  return config.pools[0]?.balance
}

const SOURCE = { key: { from: 'source' } }
const PEAK = {
  decayMs: poolDefaults.decayMs,
  initialLatencyMs: poolDefaults.initialLatencyMs,
  penaltyMs: poolDefaults.penaltyMs,
}
const RING = { function: 'xxhash', minimumRingSize: keyedDefaults.minimumRingSize, maximumRingSize: keyedDefaults.maximumRingSize }

describe('a way to balance', () => {
  it.each([
    ['least-request', { options: { choices: 2, activeRequestBias: 1 } }],
    ['peak-ewma', { options: PEAK }],
    ['round-robin', {}],
    ['edf', {}],
    ['random', {}],
    ['first-available', {}],
    ['ring-hash', { options: RING, ...SOURCE }],
    ['maglev', { options: { size: keyedDefaults.maglevSize }, ...SOURCE }],
    ['rendezvous', SOURCE],
    ['jump', SOURCE],
  ])('%s has the defaults of its package, by its name as in a mapping', async (algorithm, expected) => {
    expect(await balanceOf(algorithm)).toEqual({ algorithm, ...expected })
    expect(await balanceOf(`{ algorithm: ${algorithm} }`)).toEqual({ algorithm, ...expected })
  })

  it.each([
    ['{ algorithm: least-request, choices: 10, activeRequestBias: 0 }', { options: { choices: 10, activeRequestBias: 0 } }],
    ['{ algorithm: peak-ewma, decay: 1m, penalty: 2s }', { options: { ...PEAK, decayMs: 60_000, penaltyMs: 2_000 } }],
    [
      '{ algorithm: ring-hash, function: ketama, key: { from: header, name: X-User } }',
      { options: { ...RING, function: 'ketama' }, key: { from: 'header', name: 'X-User' } },
    ],
    [
      '{ algorithm: maglev, size: 5003, boundedLoad: 150, key: { from: cookie, name: session } }',
      { options: { size: 5_003 }, key: { from: 'cookie', name: 'session' }, boundedLoad: { factorPercent: 150 } },
    ],
    [
      '{ algorithm: jump, key: { from: uri, depth: 2, length: 40, whole: true } }',
      { key: { from: 'uri', depth: 2, length: 40, whole: true, pathOnly: false } },
    ],
  ])('takes what the file says: %s', async (written, expected) => {
    expect(await balanceOf(written)).toMatchObject(expected)
  })
})

const FULL = `
pools:
  shop:
    targets:
      - { url: "http://a", zone: fra, limit: 10 }
      - { url: "http://b", zone: ams }
      - { url: "http://c", zone: ams, tier: 1 }
    balance: { algorithm: ring-hash, key: { from: uri, depth: 1, length: 9, whole: true }, boundedLoad: 125 }
    panic: false
    overprovisioningFactor: 1.4
    zones: { fra: 2, ams: 1 }
    slowStart: { window: 30s, aggression: 2, minimumRatio: 0.2 }
    queue: { size: 100, timeout: 5s }
    sticky: { cookie: at, secrets: ["\${env:STICKY}", "\${env:OLDER}"], maxAge: 12h, secure: false, sameSite: strict, path: /shop }
  plain: { targets: ["http://a", { url: "http://b", limit: 1 }], panicThreshold: 50, slowStart: 1m, balance: { algorithm: maglev, key: { from: cookie, name: s } } }
  each: { targets: [{ url: "http://a", limit: 1 }], balance: rendezvous }
proxies: [{ listen: "127.0.0.1:8080", pool: shop }]
`

describe('a pool', () => {
  it('has nothing of it all where the file says nothing', async () => {
    const { config } = await read('pools: { shop: { targets: [http://a] } }')
    const { panic, panicThreshold, overprovisioningFactor, zones, slowStart, queue, sticky } = config.pools[0]!
    expect({ panic, panicThreshold }).toEqual({ panic: true, panicThreshold: 0 })
    expect([overprovisioningFactor, zones, slowStart, queue, sticky]).toEqual(Array(5).fill(undefined))
  })

  it('takes how its traffic divides, waits, stays and comes back', async () => {
    const { config, warnings } = await read(FULL)
    expect(config.pools[0]).toMatchObject({
      targets: [{ zone: 'fra', limit: 10 }, { zone: 'ams' }, { zone: 'ams', tier: 1 }],
      panic: false,
      panicThreshold: 0,
      overprovisioningFactor: 1.4,
      zones: { fra: 2, ams: 1 },
      slowStart: { windowMs: 30_000, aggression: 2, minimumRatio: 0.2 },
      queue: { size: 100, timeoutMs: 5_000 },
      sticky: { cookie: 'at', secrets: [STICKY, OLDER], maxAgeSeconds: 43_200, secure: false, sameSite: 'strict', path: '/shop' },
    })
    expect(config.pools[1]).toMatchObject({ panic: true, panicThreshold: 50, slowStart: { windowMs: 60_000 } })
    expect(warnings.map(({ path }) => path)).toEqual(['pools.plain', 'pools.plain.slowStart', 'pools.each'])
  })

  it('is told in a line of the summary, without a secret', async () => {
    const { config, redactor } = await read(FULL)
    const bounds = () => ({ down: { worstCaseMs: 1, formula: '' }, up: { worstCaseMs: 1, formula: '' } })
    const text = formatSummary(summarize(config, bounds))
    expect(text.split('\n').filter((line) => line.startsWith('  balances'))).toEqual([
      '  balances by ring-hash over the path and query (1 deep, 9 characters at most), at most 125 % of a fair share each; a tier carries 1.4 times its share; never a target that is down; zones fra 2, ams 1; 1 of 3 targets with a limit; up to 100 requests wait, 5s at most; slow start over 30s; sticky by the cookie at for 12h',
      '  balances by maglev over the cookie s; panic below 50 %; 1 of 2 targets with a limit; slow start over 1m',
      "  balances by rendezvous over the client's address; each target with a limit",
    ])
    expect(JSON.stringify(summarize(config, bounds))).not.toMatch(/secret/)
    expect(redactor.redact(`it is ${STICKY} or ${OLDER}`)).toBe('it is [redacted] or [redacted]')
  })

  it('hides a secret that stands in the file itself', async () => {
    const { redactor } = await read(FULL.replace('"${env:OLDER}"', 'written-by-hand-in-32-characters-or-more'))
    expect(redactor.redact('written-by-hand-in-32-characters-or-more')).toBe('[redacted]')
  })

  it('has its secrets marked as such for editors', () => {
    const path = ['properties', 'pools', 'additionalProperties', 'properties', 'sticky', 'properties', 'secrets', 'items']
    expect(valueAt(configJsonSchema(), path)).toMatchObject({ title: 'secret', writeOnly: true })
  })
})
