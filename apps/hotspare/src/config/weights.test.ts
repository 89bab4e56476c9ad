import { describe, expect, it } from 'vitest'
import { configFingerprint } from './fingerprint.ts'
import { parseConfig } from './load.ts'
import { formatSummary, summarize } from './summary.ts'

interface Parts {
  readonly node?: string
  readonly service?: string
}

async function load({ node = '', service = '' }: Parts) {
  const yaml = `
node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401, site: fra${node} }, web-2: { peer: 10.0.0.2:7401 } }
  secret: 0123456789abcdef0123
  arbiter: { type: etcd, endpoints: ["http://10.0.0.5:2379"], ttl: 2s }
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:9" }
    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]
${service}`
  return await parseConfig(yaml, { file: 'h.yaml', env: {}, hostname: 'web-1' })
}

const BOUND = { worstCaseMs: 1, formula: '1ms' }
const BOUNDS = { down: BOUND, up: BOUND }
const textOf = (findings: readonly { readonly message: string }[]) => JSON.stringify(findings)

describe('weights in the file', () => {
  it.each([
    ['a capacity of nothing', { node: ', capacity: 0' }, 'cluster.nodes.web-1.capacity'],
    ['a load below nothing', { service: '    load: -1' }, 'services.shop.load'],
    ['a load that is no number', { service: '    load: much' }, 'services.shop.load'],
  ])('%s is told where it stands', async (_what, parts, place) => {
    await expect(load(parts)).rejects.toThrow(place)
  })

  it.each([
    ['a capacity without a load', { node: ', capacity: 10' }, 'no service has a load'],
    ['a load without a capacity', { service: '    load: 10' }, 'no node has a capacity'],
    ['a load that a member cannot bear', { node: ', capacity: 10', service: '    load: 20' }, 'more than the capacity of web-1'],
  ])('%s is doubted', async (_what, parts, says) => {
    expect(textOf((await load(parts)).warnings)).toContain(says)
  })

  it('are understood, shown, and the same on all nodes; a file without them is as it was', async () => {
    const [plain, weighed] = [await load({}), await load({ node: ', capacity: 100', service: '    load: 0.5\n    priority: 7' })]
    expect(weighed.config.cluster?.nodes.map(({ capacity }) => capacity)).toEqual([100, undefined])
    expect(weighed.config.services[0]?.load).toBe(0.5)
    const text = formatSummary(summarize(weighed.config, () => BOUNDS))
    expect(text).toContain('web-1 (this node, 10.0.0.1:7401, fra, carries 100)')
    expect(text).toMatch(/service shop: .*; priority 7; asks for 0\.5/)
    expect(configFingerprint(weighed.config)).not.toBe(configFingerprint(plain.config))
    expect(textOf(weighed.warnings)).not.toMatch(/capacity|load/)
  })
})
