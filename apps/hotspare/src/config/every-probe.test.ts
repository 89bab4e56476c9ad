import { systemClock } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { checkProbe, openCheck, probeFor } from '../drivers.ts'
import { addressOf } from './probe-address.ts'
import type { Config } from './config.ts'
import { EVERY_CHECK } from './every-probe.fixture.ts'
import { parseConfig } from './load.ts'

async function configOf(text: string): Promise<Config> {
  return (await parseConfig(text, { file: 'hotspare.yaml', env: {}, hostname: 'a' })).config
}

const SERVICE = (check: string) => `
node: a
cluster:
  nodes: { a: { peer: "10.0.0.1:7401" }, b: { peer: "10.0.0.2:7401" } }
  secret: 0123456789abcdef
  arbiter: { type: none, acceptSplitBrain: true }
services:
  shop:
    members: [a, b]
    onControlLoss: keep
    check: ${check}
    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]
`

describe.each(Object.entries(EVERY_CHECK))('a %s probe', (type, { written, address }) => {
  it('is what a check, a service and a part of a check can be', async () => {
    const config = await configOf(`
checks:
  one: { type: ${type}, ${written}, timeout: 700ms }
  several: { type: any, of: { part: { type: ${type}, ${written}, timeout: 700ms } } }
${SERVICE(`{ type: ${type}, ${written}, timeout: 700ms }`)}`)
    const [one, several] = config.checks
    if (!one || !several) throw new Error('expected two checks')
    expect(openCheck(one, { clock: systemClock })).toMatchObject({ probe: { type, address, timeoutMs: 700 }, push: undefined })
    expect(openCheck(several, { clock: systemClock }).probe).toMatchObject({ type: 'any', address: 'any of part', timeoutMs: 750 })
    for (const { check } of config.services) expect(checkProbe(check, systemClock)).toMatchObject({ type, address, timeoutMs: 700 })
    expect(addressOf(one)).not.toMatch(/token|swordfish/)
  })
})

/** What looks at this machine alone has no place in a pool. */
const OF_POOLS = Object.entries(EVERY_CHECK).filter(([type]) => type !== 'exec' && type !== 'system')

describe.each(OF_POOLS)('a %s probe', (type, { written }) => {
  it('is what a pool can have, at the address of each target', async () => {
    const own = written.replace(/(?:address: (?:"[^"]*"|[^,]*)|url: "[^"]*")(?:, )?/, '')
    const { pools } = await configOf(`
pools:
  shop:
    targets: ["http://10.0.0.11:8080", "https://shop.example.com"]
    health: { type: ${type}${own === '' ? '' : `, ${own}`} }
  other:
    targets: ["http://10.0.0.11:8080"]
    health: { type: ${type}${own === '' ? '' : `, ${own}`}${type === 'icmp' ? '' : ', port: 4711'} }
`)
    const addresses = pools.flatMap(({ targets, health }) => targets.map((target) => probeFor(target, health, systemClock).address))
    expect(addresses).toEqual([
      expect.stringContaining(type === 'icmp' || type === 'dns' ? '10.0.0.11' : '10.0.0.11:8080'),
      expect.stringContaining('shop.example.com'),
      expect.stringContaining(type === 'icmp' ? '10.0.0.11' : '4711'),
    ])
  })
})

it('the port of a protocol is known without its probe too', async () => {
  const { checks } = await configOf(`
checks:
${Object.entries(EVERY_CHECK)
  .map(([type, { written }]) => `  ${type}: { type: ${type}, ${written} }`)
  .join('\n')}
`)
  for (const check of checks) {
    if (!('host' in check) || check.type === 'http' || check.type === 'icmp') continue
    const { address } = openCheck(check, { clock: systemClock }).probe
    expect(addressOf(check)).toBe(address.replace(/ \(.*$/, ''))
  }
})
