import { describe, expect, it } from 'vitest'
import type { ServiceCheckConfig } from '../config/config.ts'
import { EVERY_CHECK } from '../config/every-probe.fixture.ts'
import { parseConfig } from '../config/load.ts'
import { lookCheck } from './look-check.ts'

const resources = [{ type: 'vip', address: 'fd00::100/128', interfaces: { a: 'eth0' } }] as const

async function serviceCheck(type: string, written: string): Promise<ServiceCheckConfig> {
  const { config } = await parseConfig(
    `
node: a
cluster: { nodes: { a: { peer: "10.0.0.1:7401" }, b: { peer: "10.0.0.2:7401" } }, secret: 0123456789abcdef, arbiter: { type: none, acceptSplitBrain: true } }
services: { shop: { members: [a, b], onControlLoss: keep, check: { type: ${type}, ${written} }, resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }] } }`,
    { file: 'f', env: {}, hostname: 'a' },
  )
  const [service] = config.services
  if (!service) throw new Error('expected a service')
  return service.check
}

describe('a look at the address of a service', () => {
  it.each(Object.entries(EVERY_CHECK).map(([type, { written }]) => [type, written] as const))(
    'by %s asks there and nowhere else',
    async (type, written) => {
      const look = lookCheck({ check: await serviceCheck(type, written), resources })
      const asked = look && 'url' in look ? new URL(look.url).hostname : look && 'host' in look ? look.host : 'nowhere'
      const looksAtItself = type === 'exec' || type === 'system'
      expect(asked.replaceAll(/[[\]]/g, '')).toBe(looksAtItself ? 'nowhere' : 'fd00::100')
    },
  )

  it.each(['websocket', 'metric'])('by %s asks for the name that it asks for at home, unless the file says another', async (type) => {
    const rest = type === 'metric' ? ', series: up, failBelow: 1' : ''
    const url = `url: "${type === 'metric' ? 'http' : 'ws'}://shop.example.com:8080/x"${rest}`
    expect(lookCheck({ check: await serviceCheck(type, url), resources })).toMatchObject({
      options: { headers: { host: 'shop.example.com:8080' } },
    })
    expect(lookCheck({ check: await serviceCheck(type, `${url}, headers: { Host: other }`), resources })).toMatchObject({
      options: { headers: { host: 'other' } },
    })
  })
})
