import { describe, expect, it } from 'vitest'
import { heartbeatSettings } from './heartbeat-settings.ts'
import { formatCluster, summarizeCluster } from './summary-services.ts'
import { parseConfig } from './load.ts'
import { formatProblem } from './problem.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const OLD_SECRET = 'fedcba9876543210fedcba9876543210'
const ENV = { SECRET, OLD_SECRET, PG: 'postgres://hotspare:hunter22@10.0.0.6/hotspare' }
const parse = (text: string, hostname = 'web-1') => parseConfig(text, { file: 'h.yaml', env: ENV, hostname })
const warningsOf = async (text: string) => (await parse(text)).warnings.map((warning) => formatProblem('h.yaml', warning))

const cluster = (arbiter: string) => `
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: \${env:SECRET}
  arbiter: ${arbiter}
`
const ETCD = cluster('{ type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }')
const SERVICE = `
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:5432" }
    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]
`

describe('a file with a cluster', () => {
  it('fills in what it leaves out, and needs no pools', async () => {
    const { config, warnings } = await parse(ETCD + SERVICE)
    expect(warnings).toEqual([])
    expect(config).toMatchObject({ node: 'web-1', pools: [], proxies: [], witness: undefined })
    expect(config.cluster).toEqual({
      nodes: [
        { name: 'web-1', peer: { host: '10.0.0.1', port: 7401 }, site: undefined, paths: [] },
        { name: 'web-2', peer: { host: '10.0.0.2', port: 7401 }, site: undefined, paths: [] },
      ],
      secrets: [{ id: 1, secret: SECRET }],
      heartbeat: { intervalMs: 100, detector: { type: 'timeout', timeoutMs: 1_500 } },
      arbiter: {
        type: 'etcd',
        endpoints: ['http://10.0.0.5:2379'],
        prefix: 'hotspare/lease/',
        user: undefined,
        password: undefined,
        ttlMs: 2_000,
      },
      state: '/var/lib/hotspare',
    })
    expect(config.services).toEqual([
      {
        name: 'shop',
        members: ['web-1', 'web-2'],
        onControlLoss: 'keep',
        check: { type: 'tcp', host: '127.0.0.1', port: 5_432, intervalMs: 1_000, timeoutMs: 500, rise: 2, fall: 3 },
        resources: [{ type: 'vip', address: '10.0.0.100/32', interfaces: { 'web-1': 'eth0', 'web-2': 'eth0' } }],
        failback: { type: 'manual' },
        maxFailoversPerHour: 6,
      },
    ])
  })

  it('takes every key that it knows', async () => {
    const { config, warnings } = await parse(`
node: web-2
cluster:
  nodes:
    web-1: { peer: "[FD00:0::1]:7401", site: fra, paths: ["10.1.0.1:7401"] }
    web-2: { peer: "[fd00::2]:7401", site: ams, paths: ["10.1.0.2:7401"] }
  secrets: [{ id: 2, secret: "\${env:SECRET}" }, { id: 1, secret: "\${env:OLD_SECRET}" }]
  heartbeat: { interval: 50ms, timeout: 400ms }
  arbiter: { type: etcd, endpoints: [https://a:2379/, https://b:2379, https://a:2379], ttl: 1500ms, prefix: ops/, user: ops, password: "\${env:SECRET}" }
  state: /srv/hotspare/
services:
  shop:
    members: [web-2, web-1]
    onControlLoss: release
    check:
      { type: http, url: "http://127.0.0.1:8080/healthz", interval: 200ms, timeout: 150ms, fall: 2, rise: 3, status: 200, host: shop, headers: { x-key: abcd }, body: ok }
    resources:
      - { type: vip, address: 10.0.0.100/24, interface: { web-1: eth0, web-2: ens3 } }
      - { type: vip, address: "FD00:0::100", interface: eth0.100 }
    failback: { after: 10m }
    maxFailoversPerHour: 2
witness: { listen: 10.0.0.9:7402, file: /var/lib/hotspare/witness.json, secrets: [{ id: 7, secret: "\${env:OLD_SECRET}" }] }
`)
    expect(warnings).toEqual([])
    expect(config.cluster).toEqual({
      nodes: [
        { name: 'web-1', peer: { host: 'fd00::1', port: 7401 }, site: 'fra', paths: [{ host: '10.1.0.1', port: 7401 }] },
        { name: 'web-2', peer: { host: 'fd00::2', port: 7401 }, site: 'ams', paths: [{ host: '10.1.0.2', port: 7401 }] },
      ],
      secrets: [
        { id: 2, secret: SECRET },
        { id: 1, secret: OLD_SECRET },
      ],
      heartbeat: { intervalMs: 50, detector: { type: 'timeout', timeoutMs: 400 } },
      arbiter: {
        type: 'etcd',
        endpoints: ['https://a:2379', 'https://b:2379'],
        prefix: 'ops/',
        user: 'ops',
        password: SECRET,
        ttlMs: 1_500,
      },
      state: '/srv/hotspare',
    })
    expect(config.services).toEqual([
      {
        name: 'shop',
        members: ['web-2', 'web-1'],
        onControlLoss: 'release',
        check: {
          type: 'http',
          url: 'http://127.0.0.1:8080/healthz',
          host: 'shop',
          headers: { 'x-key': 'abcd' },
          status: '200',
          body: 'ok',
          intervalMs: 200,
          timeoutMs: 150,
          rise: 3,
          fall: 2,
        },
        resources: [
          { type: 'vip', address: '10.0.0.100/24', interfaces: { 'web-1': 'eth0', 'web-2': 'ens3' } },
          { type: 'vip', address: 'fd00::100/128', interfaces: { 'web-1': 'eth0.100', 'web-2': 'eth0.100' } },
        ],
        failback: { type: 'after', afterMs: 600_000 },
        maxFailoversPerHour: 2,
      },
    ])
    expect(config.witness).toEqual({
      listen: { host: '10.0.0.9', port: 7402 },
      file: '/var/lib/hotspare/witness.json',
      secrets: [{ id: 7, secret: OLD_SECRET }],
    })
  })

  it.each([
    [
      '{ type: postgres, connection: "${env:PG}", ttl: 1s, table: ops.leases }',
      { type: 'postgres', connection: [ENV.PG], table: 'ops.leases', ttlMs: 1_000 },
    ],
    [
      '{ type: postgres, connection: ["${env:PG}", "postgres://u@h"], ttl: 1s }',
      { type: 'postgres', connection: [ENV.PG, 'postgres://u@h'], table: 'hotspare_lease', ttlMs: 1_000 },
    ],
    [
      '{ type: witness, url: "http://10.0.0.9:7402", secret: { id: 3, secret: "${env:SECRET}" }, ttl: 250ms }',
      { type: 'witness', url: 'http://10.0.0.9:7402', secret: { id: 3, secret: SECRET }, ttlMs: 250 },
    ],
    ['{ type: none, acceptSplitBrain: true }', { type: 'none', acceptSplitBrain: true }],
  ])('understands the arbiter %s', async (arbiter, expected) => {
    const { config, warnings } = await parse(cluster(arbiter) + SERVICE)
    expect(warnings).toEqual([])
    expect(config.cluster?.arbiter).toEqual(expected)
  })

  it('may be a witness alone, on a machine that is no node', async () => {
    const text = 'witness: { listen: ":7402", file: /var/lib/w.json, secrets: [{ id: 1, secret: "${env:SECRET}" }] }'
    const { config, warnings } = await parse(text, 'third')
    expect(warnings).toEqual([])
    expect(config).toMatchObject({ node: 'third', cluster: undefined, services: [], pools: [], witness: { file: '/var/lib/w.json' } })
  })

  it('knows its secrets, also those that stand in the file itself', async () => {
    const { redactor } = await parse(`
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: literally-in-the-file
  arbiter: { type: postgres, connection: "postgres://u:hunter22@h/d", ttl: 1s }
witness: { listen: ":7402", file: /w, secrets: [{ id: 1, secret: "\${env:SECRET}" }] }
${SERVICE}`)
    for (const secret of ['literally-in-the-file', 'hunter22', 'postgres://u:hunter22@h/d', SECRET])
      expect(redactor.redact(`<${secret}>`)).toBe('<[redacted]>')
  })
})

describe('a promise of the heartbeat', () => {
  const promising = (heartbeat: string) => ETCD.replace('  arbiter:', `  heartbeat: ${heartbeat}\n  arbiter:`) + SERVICE
  it.each([
    ['{ promise: { detect: 1s } }', /cluster\.heartbeat\.promise\.falseAlarmsPerYear: missing/],
    ['{ promise: { detect: 1s, falseAlarmsPerYear: 0 } }', /cluster\.heartbeat\.promise\.falseAlarmsPerYear: /],
    ['{ promise: { detect: 20ms, falseAlarmsPerYear: 1 } }', /cluster\.heartbeat\.promise\.detect: .*the shortest here is 60ms/],
    [
      '{ interval: 100ms, timeout: 1s, promise: { detect: 1s, falseAlarmsPerYear: 1 } }',
      /5:\d+: cluster\.heartbeat\.promise\.detect: a dead node is noticed within 1\.1s with this interval and timeout; `hotspare calibrate`/,
    ],
  ])('is refused where its times cannot keep it: %s', async (heartbeat, says) => {
    await expect(parse(promising(heartbeat))).rejects.toThrow(says)
  })

  it('is in the summary, and is no setting of the heartbeat itself', async () => {
    const { config } = await parse(promising('{ interval: 150ms, timeout: 850ms, promise: { detect: 1s, falseAlarmsPerYear: 0.5 } }'))
    if (!config.cluster) throw new Error('no cluster')
    expect(config.cluster.heartbeat.promise).toEqual({ detectMs: 1_000, falseAlarmsPerYear: 0.5 })
    expect(heartbeatSettings(config.cluster, 'web-1')).not.toHaveProperty('promise')
    expect(formatCluster(summarizeCluster(config, config.cluster), 'web-1')).toContain(
      '  promised: within 1s, and at most 0.5 false alarms a year; `hotspare calibrate` looks whether that holds',
    )
  })
})

describe('doubts about a cluster', () => {
  it('are told, in file order', async () => {
    expect(
      await warningsOf(`cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: \${env:SECRET}
  heartbeat: { timeout: 300ms }
  arbiter: { type: none, acceptSplitBrain: true }
services:
  shop:
    members: [web-1]
    onControlLoss: keep
    check: { type: http, url: "http://[fd00::100]:8080/", interval: 100ms, timeout: 200ms }
    resources: [{ type: vip, address: "fd00::100", interface: eth0 }]
`),
    ).toEqual([
      'h.yaml:4:25: cluster.heartbeat.timeout: shorter than 5 intervals; a few lost heartbeats in a row, or a busy machine, then pass for a death',
      'h.yaml:8:14: services.shop.members: there is one member; nobody can take over from it',
      'h.yaml:10:31: services.shop.check.url: this address moves; a standby would look at the active member and not at itself',
      'h.yaml:10:85: services.shop.check.timeout: longer than the interval; a service that hangs is then checked less often',
    ])
  })

  it('has a cluster without services', async () => {
    expect(await warningsOf(`pools: { a: { targets: [http://a] } }\nproxies: [{ listen: ":1", pool: a }]${ETCD}`)).toEqual([
      'h.yaml:3:1: cluster: there are no services; the nodes watch each other, and nothing ever moves',
    ])
  })

  it.each([
    ['etcd', '{ type: etcd, endpoints: [http://10.0.0.1:2379], ttl: 2s }', 'endpoints'],
    ['etcd with two members', '{ type: etcd, endpoints: [http://10.0.0.1:2379, http://10.0.0.2:2379], ttl: 2s }', 'endpoints'],
    ['witness', '{ type: witness, url: "http://10.0.0.1:7402", secret: { id: 1, secret: "${env:SECRET}" }, ttl: 2s }', 'url'],
  ])('have the arbiter on one of the nodes: %s', async (_, arbiter, key) => {
    const warnings = await warningsOf(cluster(arbiter) + SERVICE)
    expect(warnings.find((warning) => warning.includes(`cluster.arbiter.${key}: `))).toContain(
      'the arbiter is on web-1; when web-1 dies, nobody else may act; put it on a machine that is none of these nodes',
    )
  })

  it.each([
    ['elsewhere', '{ type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }'],
    ['on three machines', '{ type: etcd, endpoints: [http://10.0.0.1:2379, http://10.0.0.2:2379, http://10.0.0.5:2379], ttl: 2s }'],
    ['an agent of a cluster elsewhere', '{ type: consul, endpoints: [http://127.0.0.1:8500], datacenter: fra, ttl: 2s }'],
  ])('do not have an arbiter %s', async (_, arbiter) => {
    expect((await warningsOf(cluster(arbiter) + SERVICE)).filter((warning) => warning.includes('the arbiter is on'))).toEqual([])
  })

  it('does not call a cluster alone something to do', async () => {
    await expect(parse(ETCD)).rejects.toThrow('the file gives Hotspare nothing to do')
  })
})
