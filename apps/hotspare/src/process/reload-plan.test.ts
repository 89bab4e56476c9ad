import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Config } from '../config/config.ts'
import { configFingerprint } from '../config/fingerprint.ts'
import { parseConfig } from '../config/load.ts'
import { planReload, type ReplacementPlan } from './reload-plan.ts'

async function configOf(yaml: string): Promise<Config> {
  return (await parseConfig(yaml, { file: 'x.yaml', env: {}, hostname: 'web-1', readFile: () => Promise.reject(new Error('none')) })).config
}

interface Changes {
  readonly targets?: string
  readonly pool?: string
  readonly more?: string
  readonly api?: string
  readonly proxies?: string
}

function site({ targets = ONE, pool = '', more = '', api = '127.0.0.1:7400', proxies = PROXIES }: Changes = {}): Promise<Config> {
  return configOf(`
node: web-1
api: { listen: "${api}" }
pools: { site: { targets: [ ${targets} ]${pool} } }
proxies: [ ${proxies} ]
${more}
`)
}

const ONE = '{ name: one, url: "http://10.0.0.1:80" }'
const PROXIES = '{ name: web, listen: "127.0.0.1:8080", pool: site }'

async function replacement(before: Changes, after: Changes, restart = false): Promise<ReplacementPlan> {
  const plan = planReload(await site(before), await site(after), { restart })
  if (plan.type !== 'replace') throw new Error(`the plan is: ${plan.type}`)
  return plan
}

describe('a file that says what it said', () => {
  it('leads to nothing, unless people want the processes replaced', async () => {
    const [one, other] = [await site(), await site()]
    expect(planReload(one, other, { restart: false })).toEqual({ type: 'nothing' })
    const plan = planReload(one, other, { restart: true })
    expect(plan).toMatchObject({ type: 'replace', changes: [], worker: true, apiMoves: false })
  })
})

const CLUSTER = `
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: a-secret-of-16-bytes
  arbiter: { type: etcd, endpoints: ["http://10.0.0.5:2379"], ttl: 2s }
services:
  entry:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: http, url: "http://127.0.0.1:8080/healthz", interval: 200ms, timeout: 100ms }
    resources: [ { type: vip, address: 10.0.0.100/32, interface: eth0 } ]
health: { quorum: { atLeast: 2 } }
`

const FENCING = `
fencing:
  startDelay: 1m
  nodes:
    web-2: [ { agent: fence_ipmilan, options: { ip: 10.0.9.2 }, secrets: { password: first-password-of-it } } ]
watchdog: { path: /dev/watchdog1, timeout: 1s }
`

describe('what only a restart of the guard can follow', () => {
  it.each([
    ['cluster: 2', '', ['cluster', 'services.entry', 'health.quorum']],
    ['ttl: 2s', 'ttl: 3s', ['cluster.arbiter']],
    ['peer: 10.0.0.2:7401', 'peer: 10.0.0.3:7401', ['cluster.nodes.web-2.peer']],
    ['a-secret-of-16-bytes', 'another-secret-of-16', ['cluster.secrets']],
    ['interval: 200ms', 'interval: 300ms', ['services.entry.check']],
    ['onControlLoss: keep', 'onControlLoss: release', ['services.entry.onControlLoss']],
    ['members: [web-1, web-2]', 'members: [web-2, web-1]', ['services.entry.members']],
    ['health: { quorum: { atLeast: 2 } }', '', ['health.quorum']],
  ] as const)('is named, and refuses all of the file: %s', async (what, instead, keys) => {
    const gone = what === 'cluster: 2'
    const before = await site({ more: CLUSTER })
    // With a change that could be followed beside it.
    const after = await site({ targets: `${ONE}, "http://10.0.0.2:80"`, more: gone ? '' : CLUSTER.replace(what, instead) })
    const plan = planReload(before, after, { restart: true })
    expect(plan).toEqual({ type: 'refused', keys })
    expect(JSON.stringify(plan)).not.toContain('secret-of')
  })

  // The guard switches nodes off, and pets the watchdog: it went on with the old devices, and the answer was that all is followed.
  it.each([
    ['password: first-password-of-it', 'password: other-password-of-it', ['fencing.nodes']],
    ['startDelay: 1m', 'startDelay: 2m', ['fencing.startDelay']],
    [FENCING, '', ['fencing', 'watchdog']],
    ['path: /dev/watchdog1', 'path: /dev/watchdog2', ['watchdog.path']],
    ['timeout: 1s', 'timeout: 2s', ['watchdog.timeout']],
  ] as const)('is how nodes are switched off, too: %s', async (what, instead, keys) => {
    const plan = planReload(await site({ more: FENCING }), await site({ more: FENCING.replace(what, instead) }), { restart: true })
    expect(plan).toEqual({ type: 'refused', keys })
    expect(JSON.stringify(plan)).not.toContain('password-of-it')
  })

  it('is the name of the node, too', async () => {
    const before = await site()
    expect(planReload(before, { ...before, node: 'web-2' }, { restart: false })).toEqual({ type: 'refused', keys: ['node'] })
  })

  it('is not how many votes it takes', async () => {
    const plan = planReload(await site({ more: CLUSTER }), await site({ more: CLUSTER.replace('atLeast: 2', 'atLeast: 1') }), {
      restart: false,
    })
    expect(plan).toMatchObject({ type: 'replace', worker: false, changes: ['health changed (quorum)'] })
  })

  it('is all that is in the fingerprint: what is not refused leaves it as it was', async () => {
    const base = await site({ more: CLUSTER })
    const { cluster } = base
    if (!cluster) throw new Error('no cluster')
    const [service] = base.services
    const changes: readonly ((config: Config) => Config)[] = [
      (config) => ({ ...config, pools: [] }),
      (config) => ({ ...config, proxies: [], api: { ...config.api, token: 'another' } }),
      (config) => ({ ...config, timeline: { keep: 7 }, checks: [] }),
      (config) => ({ ...config, cluster: { ...cluster, state: '/other' } }),
      (config) => ({ ...config, cluster: { ...cluster, heartbeat: { ...cluster.heartbeat, intervalMs: 7 } } }),
      (config) => ({ ...config, services: service ? [{ ...service, maxFailoversPerHour: 99 }] : [] }),
      (config) => ({ ...config, services: [] }),
      (config) => ({ ...config, cluster: { ...cluster, nodes: cluster.nodes.toReversed() } }),
    ]
    fc.assert(
      fc.property(fc.subarray([...changes]), (some) => {
        const after = some.reduce((config, change) => change(config), base)
        if (planReload(base, after, { restart: false }).type === 'refused') return
        expect(configFingerprint(after)).toBe(configFingerprint(base))
      }),
    )
  })
})

describe('what people are told of a change', () => {
  it.each([
    ['a target that is added', { targets: `${ONE}, "http://10.0.0.2:80"` }, ['pool site: target 10.0.0.2:80 added']],
    ['a target that has another weight', { targets: ONE.replace(' }', ', weight: 3 }') }, ['pool site: target one: weight changed']],
    ['another algorithm', { pool: ', balance: random' }, ['pool site: balance random (was least-request)']],
    ['a proxy', { proxies: PROXIES.replace(' }', ', attempts: 2 }') }, ['proxy web: attempts changed']],
    [
      'two proxies more',
      { proxies: `${PROXIES}, { listen: ":81", pool: site }, { listen: ":82", pool: site }` },
      ['proxies [::]:81, [::]:82 added'],
    ],
    ['a check', { more: 'checks: { dns: { type: tcp, address: "10.0.0.9:53" } }' }, ['check dns added']],
    ['how probes are made', { pool: ', health: { type: tcp, interval: 3s }' }, ['pool site: health changed']],
    ['where alerts go', { more: 'alerts: { channels: { a: { type: console } } }' }, ['alerts changed (channels, routes)']],
    ['the API', { api: '127.0.0.1:7500' }, ['api changed (listen)']],
    [
      'targets in another order',
      { targets: `{ name: two, url: "http://10.0.0.2:80" }, ${ONE}` },
      ['pool site: the order of targets changed'],
      { targets: `${ONE}, { name: two, url: "http://10.0.0.2:80" }` },
    ],
  ] as const)('says %s', async (_what, after: Changes, said, before: Changes = {}) => {
    expect((await replacement(before, after)).changes).toEqual(said)
  })

  it('names no more than five at once', async () => {
    const many = Array.from({ length: 8 }, (_, index) => `{ name: t${index}, url: "http://10.0.1.${index}:80" }`).join(', ')
    expect((await replacement({}, { targets: `${ONE}, ${many}` })).changes).toEqual([
      'pool site: targets t0, t1, t2, t3, t4 and 3 more added',
    ])
  })
})

describe('what is replaced', () => {
  it('is the worker where pools or proxies have changed, and not where alerts have', async () => {
    expect((await replacement({}, { pool: ', balance: random' })).worker).toBe(true)
    expect((await replacement({}, { proxies: PROXIES.replace('8080', '8081') })).worker).toBe(true)
    expect((await replacement({}, { more: 'alerts: { channels: { a: { type: console } } }' })).worker).toBe(false)
    expect((await replacement({}, { more: 'timeline: { keep: 100 }' }, true)).worker).toBe(true)
  })

  it('is not what is known of a target that stays; one with another address under its name is another one', async () => {
    const two = '{ name: two, url: "http://10.0.0.2:80" }'
    const plan = await replacement({ targets: `${ONE}, ${two}` }, { targets: `${ONE.replace('10.0.0.1', '10.0.0.7')}, ${two}` })
    expect([...plan.sameTargets]).toEqual(['site/two'])
  })

  it('are the ports that the file has no longer, and the API where it moves', async () => {
    const plan = await replacement({}, { proxies: PROXIES.replace('8080', '8081'), api: '127.0.0.1:7500' })
    expect(plan.apiMoves).toBe(true)
    expect(plan.ports).toMatchObject({ bind: [{ name: 'web' }], close: ['web'] })
  })
})
