import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@hotspare/core'
import { memorySegment } from '@hotspare/vip/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseConfig } from '../../config/load.ts'
import { describedResource } from './described.ts'
import type { ToldEvent } from '../events.ts'
import { lookCheck } from '../look-check.ts'
import { resourcePart } from './part.ts'
import { runbookInput } from '../runbook/input.ts'

const TYPES = ['bgp', 'keepalived'] as const

async function load(type: (typeof TYPES)[number]) {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-announced-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const resource =
    type === 'bgp'
      ? `{ type: bgp, address: 10.0.0.100, interface: { web-1: eth0, web-2: lo }, socket: ${folder}/bird.ctl, sessions: [edge1] }`
      : `{ type: keepalived, address: 10.0.0.100, interface: { web-1: eth0, web-2: eth1 }, routerId: 77, folder: ${folder}/ours, pidFile: ${folder}/pid }`
  const { config } = await parseConfig(
    `node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: 0123456789abcdef0123456789abcdef
  arbiter: { type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: http, url: "http://127.0.0.1:8080/healthz" }
    resources: [${resource}]
`,
    { file: 'h.yaml', env: {}, hostname: 'web-1' },
  )
  const [service] = config.services
  const { cluster } = config
  if (!service || !cluster) throw new Error('the file has both')
  const [given] = service.resources
  if (!given) throw new Error('the service has one')
  const told: ToldEvent[] = []
  const part = resourcePart(given, service, {
    node: 'web-1',
    cluster,
    vipDriver: memorySegment(systemClock).host('02:00:00:00:00:01'),
    peerIdentities: () => [],
    record: (event) => void told.push(event),
    clock: systemClock,
    logger: silentLogger,
  })
  onTestFinished(() => part.stop?.({ holds: false }))
  return { cluster, service, given, part, told }
}

describe.for(TYPES)('a resource of type %s', (type) => {
  it('says what it lacks, and is not held', async () => {
    const { part } = await load(type)
    await part.start?.()
    expect(await part.resource.observe()).toMatchObject({ state: 'absent' })
    expect(part.resource.obstacle?.()).toContain(type === 'bgp' ? 'BIRD does not run' : 'keepalived does not run')
  })

  it('is told to people in the same words by the file alone and by itself', async () => {
    const { cluster, service, given, part } = await load(type)
    const described = describedResource(given, service, cluster)
    expect(described.id).toBe(part.resource.id)
    expect(described.allowedMs).toEqual(part.resource.allowedMs)
    for (const verb of ['acquire', 'release'] as const) {
      for (const node of service.members) {
        expect(described.instruction(verb, node)).toEqual(part.resource.instruction(verb, node))
      }
    }
  })

  it('is looked at by its address', async () => {
    const { service } = await load(type)
    expect(lookCheck(service)).toMatchObject({ url: 'http://10.0.0.100:8080/healthz' })
  })

  it('has a runbook that leaves nobody who would bring it back', async () => {
    const { cluster, service } = await load(type)
    const move = { from: 'web-2', to: 'web-1', isDead: true }
    const input = JSON.stringify(runbookInput({ cluster, service, move, generatedAtMs: 0, version: '1' }))
    expect(input.includes('systemctl stop keepalived')).toBe(type === 'keepalived')
    expect(input).toContain(`ip address delete 10.0.0.100/32 dev ${type === 'bgp' ? 'lo' : 'eth1'}`)
  })
})
