import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterStatus, CommandResult, PlanAnswer } from '@hotspare/api'
import { HotspareError } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { startApi } from '../api-server.fixture.ts'
import type { ClusterBackend } from '../cluster/control/api-routes.ts'
import { freePeerPort, temporaryFolder } from '../cluster/two-nodes.fixture.ts'
import { contextOf } from './commands.fixture.ts'
import { exitCodeOf } from './context.ts'
import { maintenance } from './maintenance.ts'
import { formatResult, move } from './move.ts'
import { formatPlanAnswer, plan } from './plan.ts'
import { runbook } from './runbook.ts'
import { formatCluster } from './status-cluster.ts'
import { witness } from './witness.ts'
import { word } from './word.ts'

const SECRET = 'sentinel-of-the-cluster-3f9a'
const CHECK_SECRET = 'sentinel-in-the-url-81b2'
const env = { CLUSTER: SECRET, CHECK: CHECK_SECRET }

/** A file of a cluster, in a folder of its own, with its state beside it. */
async function clusterFile(more = ''): Promise<{ readonly file: string; readonly state: string }> {
  const folder = await temporaryFolder()
  const [file, state] = [join(folder, 'hotspare.yaml'), join(folder, 'state')]
  await writeFile(
    file,
    `
node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 }, web-3: { peer: 10.0.0.3:7401 } }
  secret: \${env:CLUSTER}
  arbiter: { type: etcd, endpoints: ["http://10.0.0.5:2379"], ttl: 2s }
  state: ${state}
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: http, url: "http://127.0.0.1:8080/healthz?key=\${env:CHECK}" }
    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]
${more}`,
  )
  return { file, state }
}

describe('hold and maintenance', () => {
  it('need a cluster', async () => {
    const file = join(await temporaryFolder(), 'h.yaml')
    await writeFile(file, 'pools: { site: { targets: ["http://127.0.0.1:9"] } }')
    const failure = await word('hold', 'set', { config: file }, contextOf()).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'HOTSPARE_APP_USAGE', message: expect.stringContaining('has no cluster') })
    expect(exitCodeOf(failure)).toBe(2)
  })

  it('say how to do it by hand where the file or its secrets cannot be had', async () => {
    const { file } = await clusterFile()
    await expect(word('hold', 'set', { config: file }, contextOf())).rejects.toThrow(
      /CLUSTER[^]*by hand, without that file: echo "why" > \/var\/lib\/hotspare\/hold/,
    )
    await expect(word('maintenance', 'lift', { config: '/nowhere' }, contextOf())).rejects.toThrow(/: rm \/var\/lib\/hotspare\/maintenance/)
    await expect(word('hold', 'show', { config: '/nowhere' }, contextOf())).rejects.toThrow(/^(?![^]*by hand)/)
  })

  it('say which folder cannot be written, with exit code 2', async () => {
    const { file, state } = await clusterFile()
    await writeFile(state, 'a file where the folder should be')
    const failure = await word('hold', 'set', { config: file }, contextOf({ env })).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'HOTSPARE_APP_STATE', message: expect.stringContaining('act as the user that hotspare runs as') })
    expect(exitCodeOf(failure)).toBe(2)
  })

  // At three in the morning a hold without a reason is better than none.
  it('work without a reason, and ask for one', async () => {
    const { file, state } = await clusterFile()
    const context = contextOf({ env })
    expect(await word('hold', 'set', { config: file, because: '  ' }, context)).toBe(0)
    expect(context.out()).toMatch(/^hold on web-1(?: for \d+s)?: no reason was given; automation is off/)
    expect(context.err()).toContain('--because')
    expect(await readFile(join(state, 'hold'), 'utf8')).toBe('\n')
  })

  it('are set, shown and lifted, as text and as data', async () => {
    const { file, state } = await clusterFile()
    const run = async (...[which, action, options]: [Parameters<typeof word>[0], Parameters<typeof word>[1], object?]) => {
      const context = contextOf({ env })
      expect(await word(which, action, { config: file, ...options }, context)).toBe(0)
      return context.out().trim()
    }
    expect(await run('hold', 'show')).toContain('no hold on web-1')
    expect(await run('hold', 'lift')).toContain('no hold on web-1')
    expect(await run('maintenance', 'set', { because: 'kernel\nupdate' })).toContain('kernel update; its services move away')
    expect(await run('hold', 'show')).toContain('no hold on web-1')
    expect(JSON.parse(await run('maintenance', 'show', { json: true }))).toMatchObject({
      node: 'web-1',
      word: 'maintenance',
      file: join(state, 'maintenance'),
      spoken: { because: 'kernel update' },
    })
    expect(JSON.parse(await run('maintenance', 'lift', { json: true }))).toMatchObject({ spoken: null, was: true })
    await mkdir(state, { recursive: true })
    await writeFile(join(state, 'hold'), 'by hand')
    expect(await run('hold', 'lift')).toBe('hold on web-1 was taken back: automation is on again, unless another node is held')
  })
})

describe('maintenance of a node in a file that weighs', () => {
  const weighed = (text: string) =>
    text.replace('10.0.0.2:7401 }', '10.0.0.2:7401, capacity: 30 }').replace('onControlLoss: keep', 'onControlLoss: keep\n    load: 40')

  async function start(refusal?: string) {
    const { file, state } = await clusterFile()
    await writeFile(file, weighed(await readFile(file, 'utf8')))
    const calls: unknown[] = []
    const unused = () => Promise.reject(new Error('nobody asked for this'))
    const cluster: ClusterBackend = {
      services: [],
      command: unused,
      plan: unused,
      setSite: unused,
      async setWord(...call) {
        calls.push(call)
        if (refusal !== undefined && call[2]?.force !== true) throw new HotspareError({ code: 'HOTSPARE_APP_CAPACITY', message: refusal })
        return { was: false }
      },
    }
    const { url } = await startApi({ cluster })
    const set = (options: object, context = contextOf({ env })) =>
      maintenance('set', undefined, { config: file, url, because: 'kernel', ...options }, context)
    return { set, state, calls }
  }

  it('is refused by the daemon where the others could not carry it, and nothing is written', async () => {
    const { set, state } = await start('web-2 would carry 40 of 30')
    await expect(set({})).rejects.toThrow(/web-2 would carry 40 of 30/)
    await expect(readFile(join(state, 'maintenance'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await set({ force: true })).toBe(0)
    expect(await readFile(join(state, 'maintenance'), 'utf8')).toBe('kernel\n')
  })

  it('stands where no daemon answers, and says that nobody has looked', async () => {
    const { set, state, calls } = await start()
    const context = contextOf({ env })
    expect(await set({ url: 'http://127.0.0.1:1' }, context)).toBe(0)
    expect(context.err()).toContain('nobody has looked')
    expect(await readFile(join(state, 'maintenance'), 'utf8')).toBe('kernel\n')
    expect(calls).toEqual([])
  })
})

it('the runbook says which service comes first, where the file does', async () => {
  const { file } = await clusterFile(`  db:
    members: [web-1, web-2]
    onControlLoss: keep
    priority: 10
    check: { type: tcp, address: "127.0.0.1:9" }
    resources: [{ type: vip, address: 10.0.0.101, interface: eth0 }]
`)
  const context = contextOf({ env })
  expect(await runbook('shop', { config: file }, context)).toBe(0)
  expect(context.out()).toMatch(/\*\*Order:\*\* where several services are down, first `db` \(priority 10\), then\s+`shop`\./)
  const plain = contextOf({ env })
  await runbook('shop', { config: (await clusterFile()).file }, plain)
  expect(plain.out()).not.toContain('**Order:**')
})

describe('the runbook', () => {
  it.each([
    ['mail', {}, /has no service "mail"; services: shop/],
    ['shops', {}, /did you mean "shop"\?/],
    ['shop', { from: 'web-1', to: 'web-1' }, /cannot move from web-1 to web-1/],
    ['shop', { from: 'web-3' }, /web-3 is no member of shop: web-1, web-2/],
    ['shop', { to: 'web-9' }, /web-9 is no member of shop/],
  ])('of %s with %j is none', async (name, options, message) => {
    const { file } = await clusterFile()
    const failure = await runbook(name, { config: file, ...options }, contextOf({ env })).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'HOTSPARE_APP_USAGE', message: expect.stringMatching(message) })
    expect(exitCodeOf(failure)).toBe(2)
  })

  // It is printed and pinned up: once the key in the URL of the check was on it.
  it('shows no secret, as text and as data, and says where one is missing', async () => {
    const { file } = await clusterFile()
    for (const options of [{}, { planned: true }, { json: true }]) {
      const context = contextOf({ env })
      expect(await runbook('shop', { config: file, ...options }, context)).toBe(0)
      expect(context.out() + context.err()).not.toMatch(/sentinel/)
      expect(context.out()).toContain('[redacted]')
      expect(context.err()).toContain('need a secret')
    }
  })

  it('takes the members in their order, the first one for dead', async () => {
    const { file } = await clusterFile()
    const outOf = async (options: object) => {
      const context = contextOf({ env })
      await runbook('shop', { config: file, json: true, ...options }, context)
      return JSON.parse(context.out()) as { mode: string; plan: { from?: string; to?: string } }
    }
    expect(await outOf({})).toMatchObject({ mode: 'manual-takeover', plan: { from: 'web-1', to: 'web-2' } })
    expect(await outOf({ to: 'web-1' })).toMatchObject({ plan: { from: 'web-2', to: 'web-1' } })
    expect(await outOf({ planned: true })).toMatchObject({ mode: 'switchover' })
  })
})

describe('a witness', () => {
  it('needs its part of the file, and says what to write', async () => {
    const { file } = await clusterFile()
    await expect(witness({ config: file }, contextOf({ env }))).rejects.toMatchObject({
      code: 'HOTSPARE_APP_USAGE',
      message: expect.stringContaining('witness: { listen:'),
    })
  })

  it('that cannot listen or write says so, with exit code 2 and without its secret', async () => {
    const folder = await temporaryFolder()
    const fileOf = async (listen: string, file: string) => {
      const path = join(folder, 'w.yaml')
      await writeFile(path, `witness: { listen: "${listen}", file: ${file}, secrets: [{ id: 1, secret: "\${env:CLUSTER}" }] }\n`)
      return path
    }
    for (const config of [
      await fileOf('127.0.0.1:0', join(folder, 'nowhere/w.json')),
      await fileOf('192.0.2.1:7402', join(folder, 'w.json')),
    ]) {
      const context = contextOf({ env })
      const failure = await witness({ config }, context).catch((error: unknown) => error)
      expect([exitCodeOf(failure), String(failure)]).toEqual([2, expect.not.stringContaining('sentinel')])
      expect(context.out()).not.toContain('sentinel')
    }
  })

  it('runs until it is asked to end', async () => {
    const folder = await temporaryFolder()
    const config = join(folder, 'w.yaml')
    const port = await freePeerPort()
    await writeFile(
      config,
      `witness: { listen: "127.0.0.1:${port}", file: ${join(folder, 'w.json')}, secrets: [{ id: 1, secret: "\${env:CLUSTER}" }] }\n`,
    )
    const abort = new AbortController()
    const context = contextOf({ env, signal: abort.signal })
    const running = witness({ config }, context)
    await expect.poll(context.out).toContain('the witness listens on 127.0.0.1:')
    abort.abort('SIGTERM')
    expect(await running).toBe(0)
    expect(context.out()).toContain('the witness stops: SIGTERM')
  })
})

const steps = [
  { id: '1-prepare', ok: true, detail: 'web-2 could serve', tookMs: 2.4 },
  { id: '2-take-lease', ok: false, detail: 'the arbiter is silent', tookMs: 1_000.6 },
]

describe('plan, switchover and failover', () => {
  const answer: PlanAnswer = {
    because: 'people want it elsewhere',
    candidates: [
      { node: 'web-1', eligible: false, because: 'it has it' },
      { node: 'web-2', eligible: true, because: 'its check passes' },
    ],
    plan: {
      purpose: 'switchover',
      from: 'web-1',
      to: 'web-2',
      steps: [
        {
          id: 'prepare',
          node: 'web-2',
          what: 'Make sure.',
          manual: ['true'],
          verification: { command: 'true', expect: '^$' },
          allowedMs: 2_000,
        },
        {
          id: 'give',
          node: 'web-1',
          what: 'Give.',
          manual: ['true'],
          verification: { command: 'true', expect: '^$' },
          allowedMs: 950,
          tookMs: 3.7,
        },
      ],
    },
  }

  it('are printed with what failed, and what would be done', () => {
    expect(formatResult({ ok: false, because: 'the arbiter is silent', steps })).toBe(
      `  done    1-prepare: web-2 could serve (2 ms)
  FAILED  2-take-lease: the arbiter is silent (1001 ms)
not done: the arbiter is silent`,
    )
    expect(formatResult({ ok: true, because: 'moved', steps: [] })).toBe('done: moved')
    expect(formatPlanAnswer('shop', { because: 'nobody is well', candidates: answer.candidates })).toBe(
      `shop: there is no plan: nobody is well
  could not be active: web-1: it has it
  could be active: web-2: its check passes`,
    )
    expect(formatPlanAnswer('shop', answer)).toBe(
      `shop: switchover from web-1 to web-2
  could not be active: web-1: it has it
  could be active: web-2: its check passes
steps:
  prepare
      Make sure. (may take 2s)
  give
      Give. (may take 950ms, took 4ms the last time)`,
    )
  })

  it('say what nodes would carry, and which service comes first', () => {
    const loads = [{ node: 'web-2', load: 100, added: 40, capacity: 90, fits: false }]
    const order = [{ service: 'db', because: 'priority 10' }, { service: 'shop' }]
    const text = formatPlanAnswer('shop', { ...answer, departure: { departures: [], loads }, order })
    expect(text).toContain('  web-2: 100 of 90, 40 of it added: TOO MUCH\n  order of recovery: db (priority 10), then shop\nsteps:')
  })

  it.each([
    [true, 0],
    [false, 1],
  ])('ask the daemon, and end with a code that scripts understand (%s: %i)', async (ok, code) => {
    const result: CommandResult = { ok, because: 'so it was', steps: [] }
    const cluster: ClusterBackend = {
      services: ['shop'],
      command: () => Promise.resolve(result),
      plan: () => Promise.resolve(ok ? answer : { because: 'nobody is well', candidates: [] }),
      setWord: () => Promise.resolve({ was: false }),
      setSite: (site) => Promise.resolve({ site, ok, because: 'so it was', nodes: [] }),
    }
    const { url } = await startApi({ cluster })
    for (const type of ['switchover', 'failover'] as const) {
      const context = contextOf()
      expect(await move(type, 'shop', { url, json: true }, context)).toBe(code)
      expect(JSON.parse(context.out())).toEqual(result)
    }
    expect(await plan('shop', { url }, contextOf())).toBe(code)
    await expect(move('failover', 'mail', { url }, contextOf())).rejects.toMatchObject({ code: 'HOTSPARE_API_REFUSED' })
  })
})

describe('the status of a cluster as text', () => {
  const because = 'so it is'
  const status: ClusterStatus = {
    arbiter: 'etcd',
    hold: { since: 1, because: 'new switch' },
    maintenance: { since: 2, because: 'kernel' },
    peers: [
      { name: 'web-2', site: 'fra', address: '10.0.0.2:7401', alive: { state: 'up', since: 3, because }, connected: true, agrees: true },
      {
        name: 'web-3',
        address: '10.0.0.3:7401',
        alive: { state: 'down', since: 4, because: 'silent' },
        connected: false,
        agrees: false,
        hold: { since: 5, because: 'by hand' },
        maintenance: 'disk',
      },
    ],
    sites: [
      { name: 'fra', state: 'lost', because: 'no heartbeat of web-2', nodes: ['web-2'], services: [] },
      { name: 'ham', state: 'up', because: 'no node of it is dead', nodes: ['web-1'], services: ['shop'] },
    ],
    services: [
      {
        name: 'shop',
        role: 'active',
        active: 'web-1',
        token: 7,
        automation: { state: 'off', because: 'web-1 is held' },
        because: 'it has the lease',
        concern: 'nobody could take it over',
        lease: { state: 'held', since: 6, because },
        check: { state: 'up', since: 7, because },
        served: { state: 'yes', since: 8, because },
        resources: [{ id: 'vip 10.0.0.100/32', state: 'held', since: 9, because }],
        candidates: [
          { node: 'web-1', eligible: true, because },
          { node: 'web-2', eligible: false, because: 'silent' },
        ],
        movesInLastHour: 1,
        lastPlan: { purpose: 'failover', because: 'web-2 died', ok: false, tookMs: 41.6, steps },
      },
    ],
  }

  it('is complete, and says first what people have said', () => {
    expect(formatCluster(status, 'web-1', (since) => `${since}s`).join('\n')).toBe(
      `HOLD on web-1 for 1s: new switch; automation is off until \`hotspare hold lift\`
MAINTENANCE on web-1 for 2s: kernel
cluster, arbiter etcd
  site fra (web-2): LOST, no heartbeat of web-2; nothing is active there
  site ham (web-1): up, no node of it is dead; active there: shop
  peer web-2 (fra) at 10.0.0.2:7401: up for 3s, so it is
  peer web-3 at 10.0.0.3:7401: down for 4s, silent; no channel; OTHER CONFIGURATION; HOLD for 5s: by hand; maintenance: disk
service shop: active here, active on web-1 with token 7
  AUTOMATION IS OFF: web-1 is held
  NEEDS PEOPLE: nobody could take it over
  why: it has the lease
  lease held for 6s: so it is
  check up for 7s: so it is; answers at its address: yes
  vip 10.0.0.100/32: held for 9s, so it is
  web-1 could be active: so it is
  web-2 could not be active: silent
  last plan: failover, FAILED in 42 ms: web-2 died`,
    )
  })

  it('says little where there is little to say', () => {
    const [service] = status.services
    if (!service) throw new Error('no service')
    const { active: _active, token: _token, concern: _concern, lastPlan: _lastPlan, ...rest } = service
    const calm = { ...rest, role: 'standby', automation: { state: 'on', because: '' }, resources: [], candidates: [] } as const
    expect(formatCluster({ arbiter: 'none', peers: [], services: [calm] }, 'web-1', () => '1s')).toEqual([
      'cluster, arbiter none',
      'service shop: standby here, active nowhere that this node knows',
      '  why: it has the lease',
      '  lease held for 1s: so it is',
      '  check up for 1s: so it is; answers at its address: yes',
    ])
  })
})
