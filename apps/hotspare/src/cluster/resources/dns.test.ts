import { systemClock } from '@hotspare/core'
import { hasBind, startBind } from '@hotspare/dns-wire/testing'
import { rfc2136Zone } from '@hotspare/dns/rfc2136'
import { memorySegment } from '@hotspare/vip/memory'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../api-server.fixture.ts'
import { parseConfig } from '../../config/load.ts'
import { freePeerPort, makeNode, SENTINELS, startWitness, temporaryFolder } from '../two-nodes.fixture.ts'

const SECRET = 'c2VudGluZWwtb2YtdGhlLXRzaWcta2V5LTUxZDA='
const KEY = { name: 'hotspare', algorithm: 'hmac-sha256', secret: SECRET } as const
const ZONE = 'example.test'

it.skipIf(!hasBind())('a record on BIND follows the active one of two nodes, under its token', { timeout: 60_000 }, async () => {
  const bind = await startBind({ zones: [{ name: ZONE }], keys: [KEY] })
  onTestFinished(() => bind[Symbol.asyncDispose]())
  const zone = rfc2136Zone({ zone: ZONE, server: { address: '127.0.0.1', port: bind.port }, key: KEY })
  onTestFinished(() => zone.close())
  const read = async (name: string, type: 'A' | 'TXT') => {
    const { set } = await zone.read({ name, type }, { signal: AbortSignal.timeout(5_000) })
    return set?.values.join(' ')
  }
  const [one, two] = [await freePeerPort(), await freePeerPort()]
  const arbiter = await startWitness()
  const segment = memorySegment(systemClock)
  const start = async (name: string, mac: string) => {
    const yaml = `
node: ${name}
cluster:
  nodes: { web-1: { peer: "127.0.0.1:${one}" }, web-2: { peer: "127.0.0.1:${two}" } }
  secret: \${env:CLUSTER}
  arbiter: ${arbiter}
  state: ${await temporaryFolder()}
dns:
  providers:
    main: { type: rfc2136, server: { address: 127.0.0.1, port: ${bind.port} }, key: { name: hotspare, algorithm: hmac-sha256, secret: "\${env:TSIG}" } }
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:9" }
    resources:
      - { type: dns, provider: main, zone: ${ZONE}, name: shop, follows: { web-1: 192.0.2.1, web-2: 192.0.2.2 }, ttl: 5s, verify: { servers: ["127.0.0.1:${bind.port}"] } }
`
    const { config } = await parseConfig(yaml, { file: 'h.yaml', env: { ...SENTINELS, TSIG: SECRET }, hostname: name })
    const node = makeNode(config, segment, mac)
    await node.part.start()
    return node
  }
  const [first, second] = await Promise.all([start('web-1', '02:00:00:00:00:01'), start('web-2', '02:00:00:00:00:02')])
  await until(() => first.role() === 'active' && second.role() === 'standby', 'the first node is active')
  expect(await read(`shop.${ZONE}`, 'A')).toBe('192.0.2.1')
  const owner = await read(`_hotspare.shop.${ZONE}`, 'TXT')
  expect(owner).toMatch(/^hotspare node=web-1 token=\d+$/)

  const moved = await first.control.backend.command('shop', { type: 'switchover', to: 'web-2' })
  expect(moved).toMatchObject({ ok: true })
  expect(await read(`shop.${ZONE}`, 'A')).toBe('192.0.2.2')
  const next = await read(`_hotspare.shop.${ZONE}`, 'TXT')
  expect(next).toMatch(/^hotspare node=web-2 token=\d+$/)
  expect(tokenOf(next)).toBeGreaterThan(tokenOf(owner))
  await until(() => first.role() === 'standby' && second.role() === 'active', 'both know')
  await until(() => second.said().includes('record-served'), 'it was seen to be served')

  await second.part.stop('SIGTERM')
  await until(() => first.role() === 'active', 'the first node has it again')
  expect(await read(`shop.${ZONE}`, 'A')).toBe('192.0.2.1')
  for (const node of [first, second]) expect(node.said() + JSON.stringify(node.control.status())).not.toContain(SECRET)
})

function tokenOf(owner: string | undefined): number {
  return Number(/token=(\d+)$/.exec(owner ?? '')?.[1])
}
