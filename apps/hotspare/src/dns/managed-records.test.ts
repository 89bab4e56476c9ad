import { expect, it } from 'vitest'
import { parseConfig } from '../config/load.ts'
import { managedRecords } from './managed-records.ts'

const FILE = `node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: 0123456789abcdef0123456789abcdef
  arbiter: { type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }
pools:
  shop: { targets: [ { url: "http://192.0.2.11", tier: 0 }, { url: "http://192.0.2.12", tier: 1 } ], health: { type: tcp, interval: 2s, fall: 4 } }
services:
  entry:
    members: [web-2, web-1]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:80" }
    resources: [{ type: dns, provider: main, zone: example.com, name: entry, follows: { web-1: 192.0.2.1, web-2: 192.0.2.2 } }]
dns:
  providers: { main: { type: rfc2136, server: 192.0.2.53 }, spare: { type: rfc2136, server: 192.0.2.54 } }
  server: { listen: "127.0.0.1:5353", zones: { example.com: { nameServers: [ns.example.com] } } }
  records:
    - { provider: [main, spare, embedded], zone: example.com, name: www, answers: shop, choose: priority, ttl: 1m }
`

it('are those of all providers but the server of this node, with what they hold when all is well', async () => {
  const { config } = await parseConfig(FILE, { file: 'h.yaml', env: {}, hostname: 'web-1' })
  expect(
    managedRecords(config).map(({ account, usual, others, what }) => [account.name, usual, others.map(({ values }) => values), what]),
  ).toEqual([
    ['main', { name: 'www.example.com', type: 'A', ttlSeconds: 60, values: ['192.0.2.11'] }, [], 'answers for pool shop'],
    ['spare', { name: 'www.example.com', type: 'A', ttlSeconds: 60, values: ['192.0.2.11'] }, [], 'answers for pool shop'],
    ['main', { name: 'entry.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.2'] }, [['192.0.2.1']], 'follows service entry'],
  ])
  // The target of the other tier too: with the first one down it is right.
  expect(managedRecords(config).map(({ anyOf }) => anyOf)).toEqual([['192.0.2.11', '192.0.2.12'], ['192.0.2.11', '192.0.2.12'], []])
  expect(managedRecords(config)[0]?.detection).toMatchObject({ intervalMs: 2_000, fall: 4 })
})
