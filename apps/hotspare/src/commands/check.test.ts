import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDuration } from '@hotspare/core'
import { detectionBound } from '@hotspare/health'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HealthConfig } from '../config/config.ts'
import { ConfigError } from '../config/problem.ts'
import { check, detectionBoundsOf } from './check.ts'
import { contextOf } from './commands.fixture.ts'
import { exitCodeOf } from './context.ts'
import { schema } from './schema.ts'

function fileOf(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-check-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hotspare.yaml')
  writeFileSync(file, yaml)
  return file
}

const CLUSTER = `
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401, site: fra }, web-2: { peer: 10.0.0.2:7401 } }
  secret: \${env:SECRET}
  arbiter: { type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: http, url: http://127.0.0.1:8080/healthz, interval: 200ms, timeout: 200ms, fall: 2 }
    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]
  db:
    members: [web-2, web-1]
    onControlLoss: release
    check: { type: tcp, address: 127.0.0.1:5432 }
    resources: [{ type: vip, address: 10.0.0.101/24, interface: { web-1: eth0, web-2: ens3 } }]
    failback: { after: 10m }
    maxFailoversPerHour: 1
  mail:
    members: [web-2, web-1]
    onControlLoss: keep
    check: { type: tcp, address: 127.0.0.1:25 }
    resources: [{ type: vip, address: 10.0.0.102, interface: eth0 }]
witness: { listen: 10.0.0.9:7402, file: /var/lib/hotspare/witness.json, secrets: [{ id: 1, secret: "\${env:SECRET}" }] }
`

const health = (intervalMs: number, timeoutMs: number, fall: number): HealthConfig => ({
  type: 'tcp',
  intervalMs,
  timeoutMs,
  fall,
  rise: 2,
  trafficFailures: 5,
})

describe('the bounds of detection', () => {
  it.each([
    [1_000, 500, 3, 3_500, '1s + 2 * 1s + 500ms', 2_500, '1s + 1 * 1s + 500ms'],
    [1_000, 2_000, 3, 7_000, '1s + 2 * 2s + 2s', 6_000, '2s + 1 * 2s + 2s'],
    [250, 250, 1, 500, '250ms + 0 * 250ms + 250ms', 750, '250ms + 1 * 250ms + 250ms'],
  ])('of interval %i, timeout %i and fall %i are %i = %s and %i = %s', (intervalMs, timeoutMs, fall, down, downFormula, up, upFormula) => {
    expect(detectionBoundsOf(health(intervalMs, timeoutMs, fall))).toEqual({
      down: { worstCaseMs: down, formula: downFormula },
      up: { worstCaseMs: up, formula: upFormula },
    })
  })

  it('are what their formulas say, and what the monitor keeps to', () => {
    const millisecondsOf = (formula: string) => {
      const [, first = '', times = '', step = '', last = ''] = /^(\S+) \+ (\d+) \* (\S+) \+ (\S+)$/.exec(formula) ?? []
      return parseDuration(first) + Number(times) * parseDuration(step) + parseDuration(last)
    }
    const interval = fc.integer({ min: 50, max: 3_600_000 })
    fc.assert(
      fc.property(
        fc.record({
          intervalMs: interval,
          fastIntervalMs: fc.option(interval, { nil: undefined }),
          downIntervalMs: fc.option(interval, { nil: undefined }),
          timeoutMs: fc.integer({ min: 10, max: 60_000 }),
          rise: fc.integer({ min: 1, max: 100 }),
          fall: fc.integer({ min: 1, max: 100 }),
        }),
        (times) => {
          const { down, up } = detectionBoundsOf(times)
          expect({ downMs: millisecondsOf(down.formula), upMs: millisecondsOf(up.formula) }).toEqual(detectionBound(times))
          expect({ downMs: down.worstCaseMs, upMs: up.worstCaseMs }).toEqual(detectionBound(times))
        },
      ),
    )
  })
})

describe('check', () => {
  it('says what it understood', async () => {
    const file = fileOf('pools: { shop: { targets: [http://10.0.0.1] } }\nproxies: [{ listen: ":8080", pool: shop }]')
    const context = contextOf()
    expect(await check({ config: file }, context)).toBe(0)
    expect(context.out()).toContain(`${file} is in order\n`)
    expect(context.out()).toContain('a dead target is down within 3.5s = 1s + 2 * 1s + 500ms')
    expect(context.err()).toBe('')
  })

  it('says of each service who, what, how soon, and whether its times hold together', async () => {
    const context = contextOf({ env: { SECRET: 'swordfish-swordfish' }, hostname: 'web-2' })
    expect(await check({ config: fileOf(CLUSTER) }, context)).toBe(0)
    expect(context.err()).toBe('')
    const [, ...lines] = context.out().trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/[0-9a-f]{32}/, 'FINGERPRINT'))).toEqual([
      'node web-2: 3 services, 0 alert channels, 0 alert routes',
      'api 127.0.0.1:7400',
      'cluster: web-1 (10.0.0.1:7401, fra), web-2 (this node, 10.0.0.2:7401)',
      '  etcd says who may act; a lease lasts 2s',
      '  a dead node is noticed within 1.6s = 1.5s + 100ms; within 6.563s by one that is itself held up',
      '  the fingerprint is FINGERPRINT: compare it with the other nodes',
      'service shop: web-1, then web-2; keep; http check; failback by people; at most 6 failovers an hour',
      '  vip 10.0.0.100/32 on eth0',
      '  looks every 200ms, for 200ms at most, at http://127.0.0.1:8080/healthz',
      '  a dead service is down within 600ms = 200ms + 1 * 200ms + 200ms',
      '  one that is back is up within 600ms = 200ms + 1 * 200ms + 200ms',
      "  after a node's death another may act within 2.95s = 2s + 200ms + 3 * 250ms",
      '  the times of its lease:',
      '    holds   ttl x 2e / (1 + e) + timer lateness < margin: 357.9 < 397.9 ms  (the holder has stopped before anyone else may begin)',
      '    holds   renew + call timeout + retry + call timeout < ttl - margin: 883.3 < 1602.1 ms  (one renewal may fail, and its repetition is still in time)',
      '    a takeover takes up to 2950 ms',
      'service db: web-2, then web-1; release; tcp check; failback after 10m; at most 1 failover an hour',
      '  vip 10.0.0.101/24 on ens3 of web-2, on eth0 of web-1',
      '  looks every 1s, for 500ms at most, at 127.0.0.1:5432',
      '  a dead service is down within 3.5s = 1s + 2 * 1s + 500ms',
      '  one that is back is up within 2.5s = 1s + 1 * 1s + 500ms',
      "  after a node's death another may act within 2.95s = 2s + 200ms + 3 * 250ms",
      '  the times of its lease, with a packet gate that stays open for 1.327s or more after each renewal:',
      '    holds   ttl x 2e / (1 + e) + timer lateness < margin: 357.9 < 397.9 ms  (the holder has stopped before anyone else may begin)',
      '    holds   renew + call timeout + retry + call timeout < ttl - margin: 883.3 < 1602.1 ms  (one renewal may fail, and its repetition is still in time)',
      '    holds   call timeout + address lifetime + kernel lateness < ttl - margin: 1597 < 1602.1 ms  (the kernel has removed the address before the right ends)',
      '    holds   renew + call timeout + retry + call timeout < address lifetime: 883.3 < 1327 ms  (the address outlives one renewal that fails)',
      '    a takeover takes up to 2950 ms',
      '    behind the gate, the kernel removes the address itself at most 1s after a renewal (valid_lft), a quarter of a second late at worst',
      'service mail: web-2, then web-1; keep; tcp check; failback by people; at most 6 failovers an hour',
      ...lines.slice(30, -1),
      'witness 10.0.0.9:7402: leases in /var/lib/hotspare/witness.json',
    ])
  })

  it('says the same as data', async () => {
    const context = contextOf({ env: { SECRET: 'swordfish-swordfish' }, hostname: 'web-1' })
    expect(await check({ config: fileOf(CLUSTER), json: true }, context)).toBe(0)
    const printed = JSON.parse(context.out())
    expect(printed).toMatchObject({
      ok: true,
      cluster: {
        nodes: [{ name: 'web-1', peer: '10.0.0.1:7401', site: 'fra' }, { name: 'web-2' }],
        arbiter: 'etcd',
        ttlMs: 2_000,
        deadNode: { worstCaseMs: 1_600, heldUpMs: 6_562.5 },
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
      services: [
        {
          name: 'shop',
          members: ['web-1', 'web-2'],
          onControlLoss: 'keep',
          check: 'http',
          deadService: { worstCaseMs: 600 },
          takeover: { worstCaseMs: 2_950 },
          timing: { chain: { holds: true, takeoverMs: 2_950, timing: { ttlMs: 2_000 } } },
        },
        {
          name: 'db',
          resources: [{ type: 'vip', address: '10.0.0.101/24', interfaces: { 'web-2': 'ens3', 'web-1': 'eth0' } }],
          timing: { chain: { holds: true }, release: { gateMs: 1_327, addressLifetimeSeconds: 1 } },
        },
        { name: 'mail' },
      ],
      witness: { listen: '10.0.0.9:7402', file: '/var/lib/hotspare/witness.json' },
    })
    expect(context.out()).not.toContain('swordfish')
  })

  it('says where a right is shorter than any lifetime of an address', async () => {
    const context = contextOf({ env: { SECRET: 'swordfish-swordfish' }, hostname: 'web-1' })
    await check({ config: fileOf(CLUSTER.replace('ttl: 2s', 'ttl: 1s')) }, context)
    expect(context.out()).toContain('a packet gate that stays open for 651ms or more after each renewal')
    expect(context.out()).toContain('the gate alone ends in time with a ttl this short')
  })

  it('promises no lease where there is no arbiter', async () => {
    const none = CLUSTER.replace(/arbiter:.*/, 'arbiter: { type: none, acceptSplitBrain: true }').replace('release', 'keep')
    const context = contextOf({ env: { SECRET: 'swordfish-swordfish' }, hostname: 'web-1' })
    await check({ config: fileOf(none) }, context)
    expect(context.out()).toContain('  no arbiter: nodes that cannot see each other are all active\n')
    expect(context.out()).toContain("  after a node's death another acts as soon as it has noticed\n")
    expect(context.out()).not.toContain('lease of')
    const data = contextOf({ env: { SECRET: 'swordfish-swordfish' }, hostname: 'web-1' })
    await check({ config: fileOf(none), json: true }, data)
    expect(JSON.parse(data.out()).services[0]).not.toHaveProperty('takeover')
  })

  it('says what is doubtful beside it, as text or as data', async () => {
    const file = fileOf('pools: { shop: { targets: [http://10.0.0.1] } }')
    const text = contextOf()
    expect(await check({ config: file }, text)).toBe(0)
    expect(text.err()).toMatch(/^warning: .*hotspare\.yaml:1:\d+: pools\.shop: no proxy uses this pool/)
    const data = contextOf()
    expect(await check({ config: file, json: true }, data)).toBe(0)
    expect(JSON.parse(data.out())).toMatchObject({ ok: true, warnings: [{ message: 'no proxy uses this pool' }] })
    expect(data.err()).toBe('')
  })

  it.each(['pools: {', 'pools: {}', 'poolz: {}', '', 'pools: { a: { targets: [http://a], health: { type: http, intervall: 1s } } }'])(
    'refuses %j with the code for wrong usage, and prints nothing of its own',
    async (yaml) => {
      const context = contextOf()
      const error: unknown = await check({ config: fileOf(yaml) }, context).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ConfigError)
      expect(exitCodeOf(error)).toBe(2)
      expect(context.out()).toBe('')
    },
  )

  it('shows no secret', async () => {
    const file = fileOf('api: { token: "${env:TOKEN}" }\npools: { shop: { targets: [http://10.0.0.1] } }')
    for (const json of [true, false]) {
      const context = contextOf({ env: { TOKEN: 'hunter2' } })
      expect(await check({ config: file, json }, context)).toBe(0)
      expect(context.out() + context.err()).not.toContain('hunter2')
    }
  })
})

it('schema prints a JSON Schema', () => {
  const context = contextOf()
  expect(schema(context)).toBe(0)
  expect(JSON.parse(context.out())).toMatchObject({ type: 'object', properties: { pools: {} } })
})
