import { spawnSync } from 'node:child_process'
import { checkPlan } from '@hotspare/core/plan'
import { memorySegment } from '@hotspare/vip/memory'
import { createVip } from '@hotspare/vip'
import { vipResource } from '@hotspare/vip/resource'
import { systemClock } from '@hotspare/core'
import { renderRunbook } from '@hotspare/runbook'
import { describe, expect, it } from 'vitest'
import { isOnInterface } from '../../config/config-cluster.ts'
import type { ArbiterConfig, ClusterConfig, ServiceConfig } from '../../config/config.ts'
import { parseConfig } from '../../config/load.ts'
import { checkCommands } from './check-commands.ts'
import { offlinePlan } from './offline-plan.ts'
import { runbookInput } from './input.ts'

const ARBITERS: Readonly<Record<ArbiterConfig['type'], string>> = {
  etcd: '{ type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }',
  postgres: '{ type: postgres, connection: "postgres://hotspare:${env:SECRET}@10.0.0.6/hotspare", ttl: 1s }',
  consul: '{ type: consul, endpoints: [http://127.0.0.1:8500], datacenter: fra, token: "${env:SECRET}", ttl: 2s }',
  kubernetes: '{ type: kubernetes, namespace: ha, token: "${env:SECRET}", ttl: 8s }',
  s3: '{ type: s3, bucket: leases, region: eu-central-1, credentials: { type: static, accessKeyId: AKIA, secretAccessKey: "${env:SECRET}" }, ttl: 5s }',
  witness: '{ type: witness, url: "http://10.0.0.9:7402", secret: { id: 1, secret: "${env:SECRET}" }, ttl: 250ms }',
  none: '{ type: none, acceptSplitBrain: true }',
}
const CHECKS = [
  '{ type: http, url: "http://127.0.0.1:8080/healthz?a=1&b=[2]", host: shop.example }',
  '{ type: tcp, address: "[::1]:5432" }',
]

/** Three nodes; the service has a part on two of them. */
async function load({
  arbiter = 'etcd',
  policy = 'keep',
  check = CHECKS[0],
}: {
  arbiter?: ArbiterConfig['type']
  policy?: string
  check?: string
}) {
  const yaml = `
node: web-3
cluster:
  nodes:
    web-1: { peer: "[fd00::1]:7401", site: fra }
    web.2: { peer: "[fd00::2]:7401" }
    web-3: { peer: "[fd00::3]:7401" }
  secret: \${env:SECRET}
  arbiter: ${ARBITERS[arbiter]}
services:
  shop:
    members: [web-1, web.2]
    onControlLoss: ${policy}
    check: ${check}
    resources:
      - { type: vip, address: 10.0.0.100/24, interface: { web-1: eth0, web.2: ens3 } }
      - { type: vip, address: fd00::100, interface: eth1 }
`
  const { config } = await parseConfig(yaml, { file: 'h.yaml', env: { SECRET: 'sentinel-0123456789' }, hostname: 'h' })
  const [cluster, [service]] = [config.cluster, config.services]
  if (!cluster || !service) throw new Error('no cluster')
  return { cluster, service }
}

const input = (
  cluster: ClusterConfig,
  service: ServiceConfig,
  isDead: boolean,
  [from, to]: readonly [string, string] = ['web-1', 'web.2'],
) => runbookInput({ cluster, service, move: { from, to, isDead }, generatedAtMs: 0, version: '1.2.3' })

const cases = Object.keys(ARBITERS).flatMap((arbiter) =>
  ['keep', 'release']
    // Without an arbiter, "release" is refused with the file.
    .filter((policy) => arbiter !== 'none' || policy === 'keep')
    .flatMap((policy) =>
      CHECKS.flatMap((check) => [true, false].map((isDead) => ({ arbiter: arbiter as ArbiterConfig['type'], policy, check, isDead }))),
    ),
)

describe('the runbook of a file', () => {
  it.each(['web-3', 'web-9', 'toString'])('is none for %s, which is no member', async (stranger) => {
    const { cluster, service } = await load({})
    for (const isDead of [true, false]) {
      expect(() => input(cluster, service, isDead, ['web-1', stranger])).toThrow(expect.objectContaining({ code: 'HOTSPARE_APP_USAGE' }))
      expect(() => input(cluster, service, isDead, [stranger, 'web-1'])).toThrow(expect.objectContaining({ code: 'HOTSPARE_APP_USAGE' }))
    }
  })

  it.each(cases)('is printed with $arbiter, $policy, dead: $isDead, and $check', async ({ arbiter, policy, check, isDead }) => {
    const { cluster, service } = await load({ arbiter, policy, check })
    for (const move of [
      ['web-1', 'web.2'],
      ['web.2', 'web-1'],
    ] as const) {
      const { plan } = input(cluster, service, isDead, move)
      expect(() => checkPlan(plan)).not.toThrow()
      const text = renderRunbook(input(cluster, service, isDead, move))
      expect(text).toContain(move[1] === 'web-1' ? 'eth0' : 'ens3')
      expect(text).toContain('/var/lib/hotspare/hold')
      // The node without a part in the service is held too, and does nothing else.
      expect(text).toContain('web-3')
      expect(plan.steps.filter(({ node }) => node === 'web-3')).toEqual([])
      expect(text).not.toContain('sentinel')
    }
  })

  it('does nothing on a node that is thought dead, and lets its gate be, where only a lifetime has one', async () => {
    const dead = await load({ policy: 'release' })
    expect(
      offlinePlan(dead.cluster, dead.service, { from: 'web-1', to: 'web.2', isDead: true }).steps.map(({ node }) => node),
    ).not.toContain('web-1')
    expect(renderRunbook(input(dead.cluster, dead.service, true))).toContain('nft delete element')
    const kept = await load({ policy: 'keep' })
    expect(renderRunbook(input(kept.cluster, kept.service, true))).not.toContain('nft')
  })

  it('proves a node to be off by the device that the file names for it, before anything else', async () => {
    const { cluster, service } = await load({})
    const device = {
      agent: 'fence_ipmilan',
      options: { ip: '10.0.9.1' },
      secrets: {},
      level: 1,
      offTimeoutMs: 60_000,
      proof: 'status',
    } as const
    const page = renderRunbook(
      runbookInput({
        cluster,
        service,
        move: { from: 'web-1', to: 'web.2', isDead: true },
        fencing: { nodes: { 'web-1': [device] }, startDelayMs: 60_000 },
        generatedAtMs: 0,
        version: '1.2.3',
      }),
    )
    const proof = page.slice(page.indexOf('**Way 1.**'), page.indexOf('**Way 2.**'))
    expect(proof).toContain('fence device')
    expect(proof).toContain('action=off')
    expect(proof).toContain('action=status')
    expect(renderRunbook(input(cluster, service, true))).not.toContain('fence')
  })

  it('calls each address as the engine does', async () => {
    const { cluster, service } = await load({})
    const driver = memorySegment(systemClock).host('02:00:00:00:00:01')
    const ids = service.resources.flatMap((each) =>
      isOnInterface(each) ? [vipResource(createVip({ address: each.address, interface: 'eth0', driver })).id] : [],
    )
    const steps = offlinePlan(cluster, service, { from: 'web-1', to: 'web.2', isDead: false }).steps
    expect(steps.flatMap(({ action }) => (action.type === 'acquire' ? [action.resource] : []))).toEqual(ids)
  })
})

it.each([
  ['127.0.0.1', 1],
  ['::1', 1],
])('a TCP check of %s as people type it is a command that a shell understands', (host, port) => {
  const { manual } = checkCommands({ type: 'tcp', host, port, timeoutMs: 1 })
  const { stderr, stdout } = spawnSync('bash', ['-c', manual[0] ?? 'false'], { encoding: 'utf8' })
  expect(stderr).toMatch(/refused/i)
  expect(stdout).toBe('')
})
