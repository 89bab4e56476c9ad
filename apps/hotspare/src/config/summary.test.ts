import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { formatSummary, summarize } from './summary.ts'
import type { DetectionBoundsOf } from './summary-watch.ts'

const text = `
pools:
  shop:
    targets: [http://10.0.0.11:8080, { url: "http://10.0.0.12:8080", weight: 0 }, { url: "http://10.0.0.13:8080", tier: 1 }]
    health: { type: http, path: /healthz, interval: 2s }
  mail:
    targets: [http://10.0.0.21:8080]
proxies:
  - { listen: "127.0.0.1:8080", pool: shop }
  - { listen: "127.0.0.1:8081", pool: mail, name: post }
api: { token: hunter22hunter22 }
alerts: { channels: { terminal: { type: console } } }
`
const bounds: DetectionBoundsOf = ({ intervalMs, timeoutMs }) => ({
  down: { worstCaseMs: intervalMs + timeoutMs, formula: `${intervalMs}ms + ${timeoutMs}ms` },
  up: { worstCaseMs: 2 * intervalMs, formula: `2 * ${intervalMs}ms` },
})

describe('the summary of a configuration', () => {
  it('says of a proxy without a pool that its routes answer', async () => {
    const plain =
      'pools: { shop: { targets: [http://10.0.0.11] } }\nproxies: [{ listen: "127.0.0.1:8080", routes: [{ redirect: { https: true } }] }]'
    const { config } = await parseConfig(plain, { file: 'hotspare.yaml', env: {}, hostname: 'web-1' })
    expect(formatSummary(summarize(config, bounds))).toContain('proxy 127.0.0.1:8080 -> no pool (its routes answer)')
  })

  it('counts, lists tiers, and takes the detection time from the function that it is given', async () => {
    const { config } = await parseConfig(text, { file: 'hotspare.yaml', env: {}, hostname: 'web-1' })
    const summary = summarize(config, bounds)
    expect(summary.counts).toEqual({ pools: 2, targets: 4, proxies: 2, engines: 0, channels: 1, routes: 1, services: 0, checks: 0 })
    expect(summary.pools[0]).toEqual({
      name: 'shop',
      health: 'http',
      balance: 'least-request',
      balancing: 'by least-request',
      tiers: [
        { tier: 0, targets: 2, withoutTraffic: 1 },
        { tier: 1, targets: 1, withoutTraffic: 0 },
      ],
      looksAt: 'GET /healthz of each target',
      intervalMs: 2_000,
      timeoutMs: 500,
      detection: { worstCaseMs: 2_500, formula: '2000ms + 500ms' },
      recovery: { worstCaseMs: 4_000, formula: '2 * 2000ms' },
    })
  })

  it('is printed in lines, without any secret', async () => {
    const { config } = await parseConfig(text, { file: 'hotspare.yaml', env: {}, hostname: 'web-1' })
    const printed = formatSummary(summarize(config, bounds))
    expect(printed.split('\n')).toEqual([
      'node web-1: 2 pools, 4 targets, 2 proxies, 1 alert channel, 1 alert route',
      'api 127.0.0.1:7400',
      'pool shop: tier 0: 2 targets (1 without traffic), tier 1: 1 target; http health check',
      '  balances by least-request',
      '  looks every 2s, for 500ms at most, at GET /healthz of each target',
      '  a dead target is down within 2.5s = 2000ms + 500ms',
      '  one that is back is up within 4s = 2 * 2000ms',
      'pool mail: tier 0: 1 target; tcp health check',
      '  balances by least-request',
      '  looks every 1s, for 500ms at most, at each target',
      '  a dead target is down within 1.5s = 1000ms + 500ms',
      '  one that is back is up within 2s = 2 * 1000ms',
      'proxy 127.0.0.1:8080 -> shop',
      'proxy post: 127.0.0.1:8081 -> mail',
    ])
    expect(JSON.stringify(summarize(config, bounds)) + printed).not.toContain('hunter22')
  })

  it('tells what else is made of the results', async () => {
    const { config } = await parseConfig(
      `pools:
  shop:
    targets: [http://10.0.0.1, http://10.0.0.2, http://10.0.0.3, http://10.0.0.4, http://10.0.0.5, http://10.0.0.6]
    health: { type: tcp, damping: {}, dependsOn: [uplink], agent: { port: 9999, interval: 2s } }
checks:
  uplink: { type: tcp, address: "a:1", canary: true }
  site:
    type: tcp
    address: "a:1"
    dependsOn: { on: ["shop/*"], need: any }
    thresholds:
      - { measure: duration-ms, of: percentile, enter: 400, leave: 250, enterFor: 30s }
      - { name: slow, measure: connect-ms, direction: below, enter: 1 }`,
      { file: 'hotspare.yaml', env: {}, hostname: 'web-1' },
    )
    const lines = formatSummary(summarize(config, bounds)).split('\n')
    expect(lines.filter((line) => line.startsWith('  ') && !/looks|is down|is up|balances/.test(line))).toEqual([
      '  its way back is held while it flaps',
      '  leans on uplink',
      '  asks the agent at port 9999 every 2s',
      '  shows how this node itself is',
      '  degraded by duration-ms where the p95 of duration-ms over 1m is above 400 for 30s, until it is back at 250',
      '  degraded by slow where connect-ms is below 1',
      '  leans on any of shop/10.0.0.1:80, shop/10.0.0.2:80, shop/10.0.0.3:80, shop/10.0.0.4:80, shop/10.0.0.5:80 and 1 more',
    ])
  })

  it('tells of every check what it looks at, and how soon its death is noticed', async () => {
    const { config } = await parseConfig(
      `checks:
  load: { type: metric, url: "http://10.0.0.1:9100/metrics?token=hunter22", series: node_load1, warnAbove: 8 }
  job: { type: push, ttl: 1d, grace: 2h }
  both: { type: all, of: { a: { type: tcp, address: "a:1" }, b: { type: exec, file: /bin/b, args: [hunter22] } } }`,
      { file: 'hotspare.yaml', env: {}, hostname: 'web-1' },
    )
    const printed = formatSummary(summarize(config, bounds))
    expect(printed.split('\n')).toEqual([
      'node web-1: 3 checks, 0 alert channels, 0 alert routes',
      'api 127.0.0.1:7400',
      'check load: metric',
      '  looks every 15s, for 2s at most, at node_load1 at http://10.0.0.1:9100/metrics',
      '  one that fails is down within 17s = 15000ms + 2000ms',
      '  one that is back is up within 30s = 2 * 15000ms',
      'check job: a job that reports in',
      '  a missing report is noticed within 1d2h1s = 1d + 2h + 1000ms + 0ms',
      'check both: all',
      '  looks every 1s, for 5.05s at most, at all of a, b',
      '  one that fails is down within 6.05s = 1000ms + 5050ms',
      '  one that is back is up within 2s = 2 * 1000ms',
    ])
    expect(JSON.stringify(summarize(config, bounds)) + printed).not.toContain('hunter22')
  })
})
