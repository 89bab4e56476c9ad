import { sleep } from '@hotspare/core'
import { expect, it } from 'vitest'
import { BIND_ZONE, startBind } from './bind.ts'
import { startDaemon } from './daemon.ts'
import { startEtcd } from './etcd.ts'
import { createNetwork, needLab, until } from './network.ts'

it('a machine loses its power, and a record on BIND moves to the other one, under a newer token', { timeout: 120_000 }, async (context) => {
  needLab(context, 'named', 'etcd', 'dig')
  const { one, two, dns, arbiter } = createNetwork(['one', 'two', 'dns', 'arbiter'])

  const provider = await startBind(dns)
  const endpoint = await startEtcd(arbiter)

  const fileOf = (node: string, state: string) => `node: ${node}
log: { format: json }
cluster:
  nodes: { one: { peer: "${one.address}:7401" }, two: { peer: "${two.address}:7401" } }
  secret: a secret of this laboratory
  arbiter: { type: etcd, endpoints: ["${endpoint}"], ttl: 1s }
  state: ${state}
dns:
  providers: { main: ${provider} }
services:
  shop:
    members: [one, two]
    onControlLoss: release
    check: { type: tcp, address: "${dns.address}:53", interval: 200ms }
    resources:
      - { type: dns, provider: main, zone: ${BIND_ZONE}, name: shop, follows: { one: 192.0.2.1, two: 192.0.2.2 }, ttl: 5s, verify: { servers: ["${dns.address}:53"] } }
`
  const first = await startDaemon(one, fileOf('one', one.folder))
  const ask = (name: string, type: string) => dns.execute('dig', ['+short', `@${dns.address}`, name, type]).trim()
  await until(
    () => ask(`shop.${BIND_ZONE}`, 'A') === '192.0.2.1',
    () => first.log(),
  )
  const second = await startDaemon(two, fileOf('two', two.folder))
  const before = tokenIn(ask(`_hotspare.shop.${BIND_ZONE}`, 'TXT'))
  await sleep(2_500)

  one.powerOff()
  const lostMs = performance.now()
  await until(
    () => ask(`shop.${BIND_ZONE}`, 'A') === '192.0.2.2',
    () => second.log(),
  )
  await context.annotate(`the record had moved ${Math.round(performance.now() - lostMs)} ms after the loss of power`)
  const owner = ask(`_hotspare.shop.${BIND_ZONE}`, 'TXT')
  expect(owner).toContain('node=two')
  expect(tokenIn(owner)).toBeGreaterThan(before)
})

function tokenIn(owner: string): number {
  const [, token] = /token=(\d+)/.exec(owner) ?? []
  if (token === undefined) throw new Error(`no owner record: ${owner}`)
  return Number(token)
}
