import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PoolExplanation, Status } from '@hotspare/api'
import { request } from 'undici'
import { expect, it } from 'vitest'
import { type Origin, startOrigin } from '../compose.fixture.ts'
import {
  childrenOf,
  freePorts,
  hotspare,
  killIfThere,
  type RunningDaemon,
  startDaemonFrom,
  temporaryFolder,
  until,
} from './processes.fixture.ts'

const SECRET = 'a-secret-of-more-than-32-characters'

/** How the pools of the file balance, each behind a proxy of its own. */
const POOLS = {
  'round-robin': 'balance: round-robin',
  edf: 'balance: edf',
  random: 'balance: random',
  'least-request': 'balance: least-request',
  'peak-ewma': 'balance: { algorithm: peak-ewma, penalty: 1s }',
  'first-available': 'balance: first-available',
  ring: 'balance: { algorithm: ring-hash, key: { from: header, name: x-user } }',
  ketama: 'balance: { algorithm: ring-hash, function: ketama, key: { from: header, name: x-user } }',
  maglev: 'balance: { algorithm: maglev, size: 5003, key: { from: cookie, name: user } }',
  rendezvous: 'balance: { algorithm: rendezvous, boundedLoad: 150, key: { from: uri, depth: 1 } }',
  jump: 'balance: { algorithm: jump, key: { from: source } }',
  sticky: 'sticky: { secrets: ["${env:STICKY}"], cookie: at, secure: false }',
  slow: 'balance: round-robin, slowStart: 1h',
  // Each of its targets takes one request at a time.
  queued: 'balance: round-robin, queue: { size: 100, timeout: 20s }',
} as const
type PoolName = keyof typeof POOLS

const users = Array.from({ length: 30 }, (_, index) => `user-${index}`)

/** A request of that user, with the key where each of the pools looks for it. */
const asUser = (user: string, cookie = '') => ({ path: `/${user}/page?x=1`, headers: { 'x-user': user, cookie: `user=${user}${cookie}` } })

interface Site {
  readonly daemon: () => RunningDaemon
  /** Which origin answers, and the cookie that came with it. */
  readonly ask: (pool: PoolName, user?: string, cookie?: string) => Promise<{ readonly who: string; readonly cookie: string | undefined }>
  /** Who answers each user. */
  readonly map: (pool: PoolName) => Promise<readonly string[]>
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

async function site(origins: readonly Origin[]): Promise<Site> {
  const file = join(temporaryFolder(), 'hotspare.yaml')
  const names = Object.keys(POOLS) as PoolName[]
  const ports = new Map<string, number>()
  const free = await freePorts(names.length)
  for (const [index, name] of names.entries()) ports.set(name, free[index]!)
  const targets = (name: PoolName) =>
    origins.map(({ url }, index) => `{ name: "${'abc'[index]}", url: "${url}"${name === 'queued' ? ', limit: 1' : ''} }`).join(', ')
  const health = 'health: { type: http, path: /healthz, interval: 100ms, timeout: 10s, rise: 1, fall: 2 }, outliers: false'
  writeFileSync(
    file,
    `api: { listen: "127.0.0.1:0" }
pools:
${names.map((name) => `  ${name}: { targets: [${targets(name)}], ${health}, ${POOLS[name]} }`).join('\n')}
proxies:
${names.map((name) => `  - { name: ${name}, listen: "127.0.0.1:${ports.get(name)}", pool: ${name} }`).join('\n')}
`,
  )
  let running: RunningDaemon | undefined
  const ask: Site['ask'] = async (pool, user = 'user-0', cookie) => {
    const { path, headers } = asUser(user, cookie === undefined ? '' : `; ${cookie}`)
    const answer = await request(`http://127.0.0.1:${ports.get(pool)}${path}`, { headers })
    const given = answer.headers['set-cookie']
    expect(answer.statusCode).toBe(200)
    return { who: await answer.body.text(), cookie: typeof given === 'string' ? given.split(';')[0] : undefined }
  }
  return {
    ask,
    daemon: () => running!,
    async map(pool) {
      const answers: string[] = []
      for (const user of users) answers.push((await ask(pool, user)).who)
      return answers
    },
    async start() {
      running = await startDaemonFrom(file, { STICKY: SECRET })
    },
    async stop() {
      const ended = new Promise((resolve) => running?.child.once('close', resolve))
      running?.child.kill('SIGTERM')
      await ended
    },
  }
}

const KEYED = ['ring', 'ketama', 'maglev', 'rendezvous'] as const

it('every algorithm of the file spreads requests as it says: also after a kill, a restart, a death and a return', async () => {
  const origins = [await startOrigin('a'), await startOrigin('b'), await startOrigin('c')]
  const { ask, map, start, stop, daemon } = await site(origins)
  await start()
  const status = async () => (await (await fetch(`${daemon().api}/api/v1/status`)).json()) as Status
  const everywhere = (state: string) =>
    until(
      async () => (await status()).pools.every(({ targets }) => targets.find(({ name }) => name === 'b')?.state === state),
      `b is ${state}`,
    )

  // Those that look at no key.
  for (const pool of ['round-robin', 'edf', 'slow'] as const)
    expect((await map(pool)).toSorted()).toEqual(['a', 'b', 'c'].flatMap((who) => Array<string>(10).fill(who)))
  for (const pool of ['random', 'least-request'] as const) expect(new Set(await map(pool))).toEqual(new Set('abc'))
  expect(new Set(await map('first-available'))).toEqual(new Set('a'))
  await map('peak-ewma')
  // Many at once: whoever finds no room waits, and nobody fails.
  expect(new Set((await Promise.all(users.map((user) => ask('queued', user)))).map(({ who }) => who))).toEqual(new Set('abc'))
  // All come from one address.
  expect(new Set(await map('jump')).size).toBe(1)

  // The same key goes to the same origin, and what `explain` says is where it goes.
  const before = new Map<PoolName, readonly string[]>()
  for (const pool of [...KEYED, 'jump'] as const) before.set(pool, await map(pool))
  for (const pool of KEYED) {
    expect(new Set(before.get(pool))).toEqual(new Set('abc'))
    expect(await map(pool)).toEqual(before.get(pool))
    const explained: string[] = []
    for (const user of users) {
      const key = pool === 'rendezvous' ? `/${user}` : user
      const answer = await fetch(`${daemon().api}/api/v1/pools/${pool}/explain?key=${encodeURIComponent(key)}`)
      explained.push(((await answer.json()) as PoolExplanation).target ?? '')
    }
    expect(explained).toEqual(before.get(pool)?.map((who) => `${pool}/${who}`))
  }
  const told = await hotspare(['explain', 'maglev', '--key', 'user-7', '--url', daemon().api])
  expect([told.code, told.stderr]).toEqual([0, ''])
  expect(told.stdout).toContain(`"user-7" as the cookie user goes to maglev/${before.get('maglev')?.[7]} by maglev: preferred`)
  const json = await hotspare(['explain', 'least-request', '--json', '--url', daemon().api])
  expect(JSON.parse(json.stdout)).toMatchObject({ pool: 'least-request', shares: [{ tier: 0, percent: 100 }] })

  // A client that stays.
  const first = await ask('sticky')
  expect(first.cookie).toMatch(/^at=/)
  for (let count = 0; count < 5; count++) expect(await ask('sticky', 'user-0', first.cookie)).toEqual({ who: first.who, cookie: undefined })
  expect(daemon().log()).not.toContain(SECRET)

  // The worker dies, then all of it is started anew.
  for (const pid of childrenOf(daemon().child.pid ?? 0)) killIfThere(pid)
  await until(async () => (await ask('jump')).who !== '', 'a worker serves again')
  for (const [pool, answers] of before) expect(await map(pool)).toEqual(answers)
  await stop()
  await start()
  for (const [pool, answers] of before) expect(await map(pool)).toEqual(answers)
  expect(await ask('sticky', 'user-0', first.cookie)).toEqual({ who: first.who, cookie: undefined })

  // One dies: no other key moves.
  await origins[1]!.kill()
  await everywhere('down')
  for (const pool of KEYED) {
    const answers = await map(pool)
    expect(answers).not.toContain('b')
    const kept = (before.get(pool) ?? []).map((who, index) => (who === 'b' ? answers[index] : who))
    expect(answers).toEqual(kept)
  }
  const others = await map('slow')
  expect(new Set(others)).toEqual(new Set('ac'))

  // It returns: keys are back where they were; who starts slowly has a tenth of its weight, and no more.
  await origins[1]!.start()
  await everywhere('up')
  for (const pool of KEYED) expect(await map(pool)).toEqual(before.get(pool))
  const shares = [...(await map('slow')), ...(await map('slow'))]
  const share = shares.filter((who) => who === 'b').length
  expect(share).toBeGreaterThan(0)
  expect(share).toBeLessThan(8)
}, 120_000)

it('a client that stays keeps its target through a restart, and its new one through the return of the old', async () => {
  const origins = [await startOrigin('a'), await startOrigin('b'), await startOrigin('c')]
  const { ask, start, stop, daemon } = await site(origins)
  await start()
  const first = await ask('sticky')
  const own = origins['abc'.indexOf(first.who)]!
  await own.kill()
  const second = await ask('sticky', 'user-0', first.cookie)
  expect(second.who).not.toBe(first.who)
  expect(second.cookie).toMatch(/^at=/)
  const isUp = async () => {
    const { pools } = (await (await fetch(`${daemon().api}/api/v1/status`)).json()) as Status
    return pools.every(({ targets }) => targets.every(({ state }) => state === 'up'))
  }
  await until(async () => !(await isUp()), 'it is down')
  await own.start()
  await until(isUp, 'it is back')
  expect(await ask('sticky', 'user-0', second.cookie)).toEqual({ who: second.who, cookie: undefined })
  await stop()
  await start()
  expect(await ask('sticky', 'user-0', second.cookie)).toEqual({ who: second.who, cookie: undefined })
  // A cookie that somebody has tampered with is none.
  expect((await ask('sticky', 'user-0', `${second.cookie}x`)).cookie).toMatch(/^at=/)
}, 120_000)
