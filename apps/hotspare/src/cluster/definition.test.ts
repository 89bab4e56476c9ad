import { expect, it } from 'vitest'
import { parseConfig } from '../config/load.ts'
import { serviceDefinition } from './definition.ts'

const VIP = '{ type: vip, address: 10.0.0.100/32, interface: eth0 }'
const NAME = '{ type: dns, provider: main, zone: example.com, name: www, follows: { web-1: 192.0.2.1, web-2: 192.0.2.2 } }'
const CONNECTION = '{ type: tcp, address: "127.0.0.1:80" }'
const PROGRAM = '{ type: exec, file: /usr/bin/true }'

async function definitionOf(check: string, resources: string) {
  const { config } = await parseConfig(
    `node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: 0123456789abcdef0123456789abcdef
  arbiter: { type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }
dns: { providers: { main: { type: rfc2136, server: 192.0.2.53 } } }
services: { shop: { members: [web-1, web-2], onControlLoss: keep, check: ${check}, resources: [${resources}] } }
`,
    { file: 'h.yaml', env: {}, hostname: 'web-1' },
  )
  const [service] = config.services
  if (!service) throw new Error('the file has one')
  return serviceDefinition(service)
}

it('a service that is a name alone is taken over though nobody can look at it', async () => {
  expect((await definitionOf(CONNECTION, NAME)).isLookedAt).toBe(false)
})

it('an address on an interface is never taken blindly: it may be there still', async () => {
  expect((await definitionOf(PROGRAM, VIP)).isLookedAt).toBeUndefined()
  expect((await definitionOf(CONNECTION, VIP)).isLookedAt).toBeUndefined()
  expect((await definitionOf(CONNECTION, `${NAME}, ${VIP}`)).isLookedAt).toBeUndefined()
})
