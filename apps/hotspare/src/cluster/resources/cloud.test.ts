import { once } from 'node:events'
import { createServer } from 'node:http'
import { systemClock } from '@hotspare/core'
import { memorySegment } from '@hotspare/vip/memory'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../api-server.fixture.ts'
import { parseConfig } from '../../config/load.ts'
import { freePeerPort, makeNode, SENTINELS, startWitness, temporaryFolder } from '../two-nodes.fixture.ts'

const TOKEN = 'sentinel-of-the-provider-51d0'

interface FloatingIp {
  readonly url: string
  readonly holder: () => number | null
}

/** One floating IP of Hetzner Cloud, as far as a failover needs it: what its API is strict about is tested with the driver. */
async function floatingIp(): Promise<FloatingIp> {
  let holder: number | null = null
  let labels: unknown = {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      const asked: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')
      const { server: next, labels: put } = Object(asked) as { server?: number; labels?: unknown }
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return void response.writeHead(401).end('{}')
      if (request.method === 'PUT') labels = put
      if (request.method === 'POST') holder = next ?? null
      const action = { id: 1, status: 'success', error: null }
      response.end(JSON.stringify({ floating_ip: { id: 4711, server: holder, labels }, action }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`, holder: () => holder }
}

it('a floating IP follows the active one of two nodes, and its token is told to nobody', { timeout: 60_000 }, async () => {
  const { url, holder } = await floatingIp()
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
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:9" }
    resources:
      - { type: hetzner-floating-ip, floatingIp: "4711", token: "\${env:TOKEN}", endpoint: "${url}", targets: { web-1: "101", web-2: "102" } }
`
    const { config } = await parseConfig(yaml, { file: 'h.yaml', env: { ...SENTINELS, TOKEN }, hostname: name })
    const node = makeNode(config, segment, mac)
    await node.part.start()
    return node
  }
  const [first, second] = await Promise.all([start('web-1', '02:00:00:00:00:01'), start('web-2', '02:00:00:00:00:02')])
  await until(() => first.role() === 'active' && second.role() === 'standby' && holder() === 101, 'the first node has it')

  const moved = await first.control.backend.command('shop', { type: 'switchover', to: 'web-2' })
  expect(moved).toMatchObject({ ok: true })
  expect(holder()).toBe(102)
  await until(() => first.role() === 'standby' && second.role() === 'active', 'both know')

  await second.part.stop('SIGTERM')
  await until(() => first.role() === 'active' && holder() === 101, 'the first node has it again')
  for (const node of [first, second]) expect(node.said() + JSON.stringify(node.control.status())).not.toContain(TOKEN)
})
