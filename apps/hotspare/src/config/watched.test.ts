import { describe, expect, it } from 'vitest'
import type { Config } from './config.ts'
import { dependencyGraphOf } from './dependency-graph.ts'
import { parseConfig } from './load.ts'

async function read(text: string) {
  return await parseConfig(text, { file: 'hotspare.yaml', env: { PASSWORD: 'swordfish-swordfish' }, hostname: 'a' })
}

async function configOf(text: string): Promise<Config> {
  return (await read(text)).config
}

const POOL = (health: string) => `
pools:
  shop:
    targets: [{ name: a, url: "http://10.0.0.11:8080", group: rack-1 }, { name: b, url: "http://10.0.0.12:8080" }]
    health: ${health}
`

describe('how something is watched', () => {
  it('is left to the packages where the file says nothing', async () => {
    const { pools, health, checks } = await configOf(POOL('{ type: tcp }'))
    expect(pools[0]?.health).toEqual({ type: 'tcp', intervalMs: 1_000, timeoutMs: 500, rise: 2, fall: 3, trafficFailures: 5 })
    expect(checks).toEqual([])
    expect(health).toMatchObject({ monitor: { historySize: 20, maxConcurrentProbes: 100 }, quorum: undefined, dependencyWindowMs: 5_000 })
  })

  it('is the same whether a default is written out or not', async () => {
    const short = await configOf(POOL('{ type: http }'))
    const long = await configOf(
      POOL(
        '{ type: http, fastInterval: 1s, downInterval: 1s, initial: unknown, thresholds: [], redirects: 0, degradedStatus: 429, tls: {} }',
      ),
    )
    expect(long).toEqual(short)
  })

  it('takes every rule of the packages', async () => {
    const { pools } = await configOf(
      POOL(`
      type: redis
      port: 6379
      password: "\${env:PASSWORD}"
      interval: 2s
      fastInterval: 500ms
      downInterval: 10s
      initial: up
      damping: { maxHold: 10m }
      thresholds:
        - { measure: connect-ms, of: percentile, window: 5m, enter: 50, leave: 40, enterFor: 30s }
        - { name: slow, measure: connect-ms, of: mean, enter: 100 }
      dependsOn: [uplink]
      agent: { port: 9999, interval: 5s }
    outliers: { consecutiveErrors: 7, baseEjection: 1m }
checks: { uplink: { type: icmp, address: 10.0.0.1, canary: true, group: network } }`),
    )
    expect(pools[0]).toMatchObject({
      targets: [{ group: 'rack-1' }, {}],
      health: {
        type: 'redis',
        port: 6_379,
        options: { password: 'swordfish-swordfish', security: 'none' },
        intervalMs: 2_000,
        fastIntervalMs: 500,
        downIntervalMs: 10_000,
        initialState: 'up',
        damping: { maxHoldMs: 600_000, holdAtPenalty: 2.5 },
        thresholds: [
          { name: 'connect-ms', rules: { of: 'percentile', windowMs: 300_000, enterForMs: 30_000, leaveForMs: 30_000 } },
          { name: 'slow', rules: { of: 'mean', windowMs: 60_000, minSamples: 3 } },
        ],
        dependsOn: { on: ['uplink'], need: 'all' },
        agent: { port: 9_999, intervalMs: 5_000, timeoutMs: 500, options: { unreachable: 'ignore' } },
      },
      outliers: { consecutiveErrors: 7, baseEjectionMs: 60_000, failurePercent: 85 },
    })
  })

  it('is as seldom as what it costs, and as patient', async () => {
    const { checks } = await configOf(`
checks:
  disk: { type: system, what: disk }
  smart: { type: system, what: smart, device: /dev/sda }
  program: { type: exec, file: /bin/true }
  load: { type: metric, url: "http://10.0.0.1:9100/metrics", series: node_load1, warnAbove: 8 }
  job: { type: push, ttl: 1d, grace: 2h }
`)
    expect(checks.map(({ name, intervalMs, timeoutMs, rise, fall }) => [name, intervalMs, timeoutMs, rise, fall])).toEqual([
      ['disk', 10_000, 2_000, 2, 3],
      ['smart', 10_000, 10_000, 2, 3],
      ['program', 10_000, 5_000, 2, 3],
      ['load', 15_000, 2_000, 2, 3],
      ['job', 1_000, 500, 1, 1],
    ])
    expect(checks.at(-1)).toMatchObject({ type: 'push', ttlMs: 86_400_000, graceMs: 7_200_000 })
  })
})

describe('what requests meet', () => {
  it('counts against a target only where its pool does better, unless the file says otherwise', async () => {
    const { pools } = await configOf(POOL('{ type: tcp }'))
    expect(pools[0]?.outliers).toMatchObject({ consecutiveErrors: 0, consecutiveLocalErrors: 0, failurePercent: 85, alwaysEjectOne: true })
    expect((await configOf(`${POOL('{ type: tcp }')}    outliers: {}`)).pools[0]?.outliers).toEqual(pools[0]?.outliers)
  })

  it('counts for nothing where it is switched off', async () => {
    expect((await configOf(`${POOL('{ type: tcp }')}    outliers: false`)).pools[0]?.outliers).toBeUndefined()
  })
})

describe('several probes that are one check', () => {
  it('have one deadline over the slowest of them, and are counted', async () => {
    const parts = 'of: { web: { type: tcp, address: "a:80" }, disk: { type: system, what: disk, timeout: 3s } }'
    const { checks } = await configOf(`
checks:
  every: { type: all, ${parts} }
  some: { type: any, ${parts}, timeout: 1s, whenPartly: pass }
  most: { type: atLeast, count: 2, ${parts} }
`)
    expect(checks).toMatchObject([
      { type: 'all', count: 2, timeoutMs: 3_050, options: { whenPartly: 'degraded', leaveOutInconclusive: false } },
      { type: 'any', count: 1, timeoutMs: 1_000, options: { whenPartly: 'pass' } },
      { type: 'atLeast', count: 2, parts: [{ name: 'web', probe: { type: 'tcp', timeoutMs: 500 } }, { name: 'disk' }] },
    ])
  })
})

describe('what leans on what', () => {
  it('is a graph of those that do, with every target of a pool by itself', async () => {
    const config = await configOf(`${POOL('{ type: tcp, dependsOn: [uplink] }')}
health: { dependencyWindow: 8s }
checks:
  uplink: { type: icmp, address: 10.0.0.1 }
  site: { type: tcp, address: "10.0.0.100:80", dependsOn: { on: ["shop/*", uplink], need: any } }
  alone: { type: tcp, address: "10.0.0.100:80" }
`)
    expect(dependencyGraphOf(config)).toEqual({
      names: ['shop/a', 'uplink', 'shop/b', 'site'],
      dependencies: {
        'shop/a': { on: ['uplink'], need: 'all' },
        'shop/b': { on: ['uplink'], need: 'all' },
        site: { on: ['shop/a', 'shop/b', 'uplink'], need: 'any' },
      },
      windowMs: 8_000,
    })
  })
})

describe('what holds for everything that is watched', () => {
  it('is handed on as the packages take it', async () => {
    const { health } = await configOf(`
checks: { job: { type: push, ttl: 1d } }
health: { observer: { massRatio: 0.8, settle: 10s }, historySize: 50 }
`)
    expect(health.monitor).toMatchObject({ observer: { massRatio: 0.8, settleMs: 10_000, massGroups: 5 }, historySize: 50 })
  })

  it('can be never to doubt itself', async () => {
    expect((await configOf('checks: { job: { type: push, ttl: 1d } }\nhealth: { observer: false }')).health.monitor.observer).toBe(false)
  })

  it('is doubted where a probe takes longer than its pace', async () => {
    const { warnings } = await read('checks: { it: { type: tcp, address: "a:1", interval: 1s, timeout: 2s } }')
    expect(warnings.map(({ path, message }) => [path, message])).toEqual([['checks.it.timeout', 'longer than the interval']])
  })
})

describe('a limit on what is measured', () => {
  it('may be about whatever its probe measures, and what a job or a series calls itself', async () => {
    const limit = (measure: string) => `thresholds: [{ measure: ${measure}, enter: 1 }]`
    const { checks } = await configOf(`
checks:
  job: { type: push, ttl: 1h, ${limit('rows-count')} }
  disk: { type: system, what: disk, ${limit('used-ratio')} }
  ping: { type: icmp, address: a, ${limit('round-trip-ms')} }
  share: { type: metric, url: "http://a/", series: 'a{b="c"}', dividedBy: d, warnAbove: 1, ${limit('a-ratio')} }
  rate: { type: metric, url: "http://a/", series: a, perSecond: true, warnAbove: 1, ${limit('a-per-second')} }
  both: { type: all, of: { web: { type: http, url: "http://a/" } }, ${limit('web.body-bytes')} }
`)
    expect(checks.map(({ thresholds }) => thresholds?.length)).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('has enough looks in its window where the pace within a streak brings them', async () => {
    const { checks } = await configOf(`
checks:
  it: { type: tcp, address: "a:1", interval: 5s, fastInterval: 1s, thresholds: [{ measure: duration-ms, of: percentile, enter: 1 }] }
  gap: { type: tcp, address: "a:1", interval: 10m, thresholds: [{ measure: duration-ms, enter: 1 }] }
`)
    expect(checks).toHaveLength(2)
  })
})

it('a program with its arguments in its name is doubted, in a part as well', async () => {
  const { warnings } = await read(`
checks:
  one: { type: exec, file: pg_isready -h localhost }
  two: { type: all, of: { a: { type: exec, file: "/opt/my checks/a" }, b: { type: exec, file: /bin/true } }, interval: 10s }
`)
  expect(warnings.map(({ path, message }) => [path, message])).toEqual([
    ['checks.one.file', 'a program with a space in its name'],
    ['checks.two.of.a.file', 'a program with a space in its name'],
  ])
})

it('no secret of a check is shown by anything that goes through the redactor', async () => {
  const { redactor } = await read(`
checks:
  one: { type: redis, address: r, password: hunter22 }
  two: { type: exec, file: /bin/true, env: { API_KEY: open-sesame, LANG: en-US } }
  three: { type: grpc, address: "a:1", metadata: { authorization: Bearer abcdefgh } }
`)
  expect(redactor.redact('hunter22 open-sesame en-US abcdefgh')).toBe('[redacted] [redacted] en-US [redacted]')
})
