import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { type DetectionBoundOf, formatSummary, summarize } from './summary.ts'

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
const bound: DetectionBoundOf = ({ intervalMs, timeoutMs }) => ({
  worstCaseMs: intervalMs + timeoutMs,
  formula: `${intervalMs}ms + ${timeoutMs}ms`,
})

describe('the summary of a configuration', () => {
  it('counts, lists tiers, and takes the detection time from the function that it is given', async () => {
    const { config } = await parseConfig(text, { file: 'hotspare.yaml', env: {}, hostname: 'web-1' })
    const summary = summarize(config, bound)
    expect(summary.counts).toEqual({ pools: 2, targets: 4, proxies: 2, channels: 1, routes: 1, services: 0 })
    expect(summary.pools[0]).toEqual({
      name: 'shop',
      health: 'http',
      balance: 'least-request',
      tiers: [
        { tier: 0, targets: 2, withoutTraffic: 1 },
        { tier: 1, targets: 1, withoutTraffic: 0 },
      ],
      detection: { worstCaseMs: 2_500, formula: '2000ms + 500ms' },
    })
  })

  it('is printed in lines, without any secret', async () => {
    const { config } = await parseConfig(text, { file: 'hotspare.yaml', env: {}, hostname: 'web-1' })
    const printed = formatSummary(summarize(config, bound))
    expect(printed.split('\n')).toEqual([
      'node web-1: 2 pools, 4 targets, 2 proxies, 1 alert channel, 1 alert route',
      'api 127.0.0.1:7400',
      'pool shop: tier 0: 2 targets (1 without traffic), tier 1: 1 target; least-request; http health check',
      '  a dead target is down within 2.5s = 2000ms + 500ms',
      'pool mail: tier 0: 1 target; least-request; tcp health check',
      '  a dead target is down within 1.5s = 1000ms + 500ms',
      'proxy 127.0.0.1:8080 -> shop',
      'proxy post: 127.0.0.1:8081 -> mail',
    ])
    expect(JSON.stringify(summarize(config, bound)) + printed).not.toContain('hunter22')
  })
})
