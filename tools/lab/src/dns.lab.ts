import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { expect, it } from 'vitest'
import { startDaemon } from './daemon.ts'
import { etcdAlone, startEtcd } from './etcd.ts'
import { createNetwork, needLab, until } from './network.ts'

const ZONE = 'example.test'
const SECRET = 'YSBzZWNyZXQgb2YgdGhpcyBsYWJvcmF0b3J5IQ=='

it('a machine loses its power, and a record on BIND moves to the other one, under a newer token', { timeout: 120_000 }, async (context) => {
  needLab(context, 'named', 'etcd', 'dig')
  const { one, two, dns, arbiter } = createNetwork(['one', 'two', 'dns', 'arbiter'])

  const zoneText = `$ORIGIN ${ZONE}.\n$TTL 60\n@ SOA ns1 hostmaster 1 60 60 86400 5\n@ NS ns1\nns1 A ${dns.address}\n`
  writeFileSync(join(dns.folder, 'zone'), zoneText)
  const options = `options { directory "${dns.folder}"; listen-on { ${dns.address}; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; lock-file none; };`
  const key = `key "hotspare" { algorithm hmac-sha256; secret "${SECRET}"; };`
  const zone = `zone "${ZONE}" { type primary; file "zone"; update-policy { grant hotspare zonesub ANY; }; };`
  writeFileSync(join(dns.folder, 'named.conf'), `${options}\ncontrols { };\n${key}\n${zone}\n`)
  const named = dns.run('named', ['-g', '-n', '1', '-c', join(dns.folder, 'named.conf')])
  await until(
    () => named.output().includes(' running'),
    () => `BIND runs: ${named.output()}`,
  )
  await startEtcd(arbiter)

  const fileOf = (node: string, state: string) => `node: ${node}
log: { format: json }
cluster:
  nodes: { one: { peer: "${one.address}:7401" }, two: { peer: "${two.address}:7401" } }
  secret: a secret of this laboratory
  arbiter: { type: etcd, endpoints: ["${etcdAlone(arbiter).clientUrl}"], ttl: 1s }
  state: ${state}
dns:
  providers: { main: { type: rfc2136, server: ${dns.address}, key: { name: hotspare, algorithm: hmac-sha256, secret: "${SECRET}" } } }
services:
  shop:
    members: [one, two]
    onControlLoss: release
    check: { type: tcp, address: "${dns.address}:53", interval: 200ms }
    resources:
      - { type: dns, provider: main, zone: ${ZONE}, name: shop, follows: { one: 192.0.2.1, two: 192.0.2.2 }, ttl: 5s, verify: { servers: ["${dns.address}:53"] } }
`
  const first = await startDaemon(one, fileOf('one', one.folder))
  const ask = (name: string, type: string) => dns.execute('dig', ['+short', `@${dns.address}`, name, type]).trim()
  await until(
    () => ask(`shop.${ZONE}`, 'A') === '192.0.2.1',
    () => first.log(),
  )
  const second = await startDaemon(two, fileOf('two', two.folder))
  const before = tokenIn(ask(`_hotspare.shop.${ZONE}`, 'TXT'))
  await sleep(2_500)

  one.powerOff()
  const lostMs = performance.now()
  await until(
    () => ask(`shop.${ZONE}`, 'A') === '192.0.2.2',
    () => second.log(),
  )
  await context.annotate(`the record had moved ${Math.round(performance.now() - lostMs)} ms after the loss of power`)
  const owner = ask(`_hotspare.shop.${ZONE}`, 'TXT')
  expect(owner).toContain('node=two')
  expect(tokenIn(owner)).toBeGreaterThan(before)
})

function tokenIn(owner: string): number {
  const [, token] = /token=(\d+)/.exec(owner) ?? []
  if (token === undefined) throw new Error(`no owner record: ${owner}`)
  return Number(token)
}
