import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Status } from '@hotspare/api'
import { Agent, request } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { type Origin, startOrigin } from '../compose.fixture.ts'
import { hotspare, killIfThere, type RunningDaemon, startDaemonFrom, temporaryFolder, until } from './processes.fixture.ts'

interface Site {
  readonly daemon: RunningDaemon
  readonly shop: readonly Origin[]
  readonly api: Origin
  readonly ask: (
    host: string,
    path: string,
  ) => Promise<{ readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, unknown>> }>
  readonly cli: (...words: readonly string[]) => Promise<string>
  readonly statusOf: () => Promise<Status>
}

async function startSite(): Promise<Site> {
  const folder = temporaryFolder()
  const [a, b, api] = [await startOrigin('a'), await startOrigin('b'), await startOrigin('api')]
  writeFileSync(join(folder, 'maintenance.html'), '<h1>Back soon</h1>')
  writeFileSync(join(folder, '503.html'), '<h1>Sorry</h1>')
  writeFileSync(
    join(folder, 'hotspare.yaml'),
    `api: { listen: "127.0.0.1:0" }
log: { format: json }
pools:
  shop: { targets: ["${a.url}", "${b.url}"], health: { type: tcp, interval: 100ms, fall: 2 } }
  api: { targets: ["${api.url}"], health: { type: tcp, interval: 100ms, fall: 2 }, staleIfError: { for: 1h } }
  fixed: { targets: ["${a.url}"], maintenance: { on: true, retryAfter: 1h } }
proxies:
  - listen: 127.0.0.1:0
    errorPages: { maintenance: maintenance.html, 502: 503.html, 503: 503.html }
    routes:
      - { host: shop.example, pool: shop }
      - { host: "*.shop.example", redirect: { to: "https://shop.example", keepPath: true, status: 301 } }
      - { host: shop.example, path: /api, pool: api }
      - { host: shop.example, path: /fixed, pool: fixed }
      - { host: plain.example, redirect: { https: true } }
      - { path: /robots.txt, answer: { status: 200, body: "Disallow: /" } }
`,
  )
  const daemon = await startDaemonFrom(join(folder, 'hotspare.yaml'))
  const cli = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await hotspare([...words, '--url', daemon.api])
    return `${code} ${stdout}${stderr}`.trim()
  }
  return {
    daemon,
    shop: [a, b],
    api,
    cli,
    async ask(host, path) {
      const { statusCode, body, headers } = await request(daemon.url + path, { headers: { host } })
      return { status: statusCode, text: await body.text(), headers }
    },
    statusOf: async () => (await (await fetch(`${daemon.api}/api/v1/status`)).json()) as Status,
  }
}

it('routes, redirects, answers and refuses by host and path, and serves what was kept when every origin of a pool is gone', async () => {
  const { ask, api } = await startSite()
  const told = async (host: string, path: string) => {
    const { status, text, headers } = await ask(host, path)
    return [status, status < 400 && status >= 300 ? headers['location'] : text.trim().split('\n')[0]]
  }
  expect(await told('other.example', '/')).toEqual([404, 'hotspare: 404 Not Found'])
  expect(await told('shop.example', '//api/x')).toEqual([400, 'hotspare: 400 Bad Request'])
  expect(await told('shop.example', '/%2561pi')).toEqual([400, 'hotspare: 400 Bad Request'])
  expect(['a', 'b']).toContain((await told('SHOP.example:80', '/'))[1])
  expect(await told('shop.example', '/api/x')).toEqual([200, 'api'])
  expect(await told('www.shop.example', '/api/x?y')).toEqual([301, 'https://shop.example/api/x?y'])
  expect(await told('plain.example', '/a')).toEqual([308, 'https://plain.example/a'])
  expect(await told('any.example', '/robots.txt')).toEqual([200, 'Disallow: /'])
  expect(await ask('shop.example', '/fixed/x')).toMatchObject({
    status: 503,
    text: '<h1>Back soon</h1>',
    headers: { 'retry-after': '3600' },
  })

  await api.kill()
  const kept = await ask('shop.example', '/api/x')
  expect([kept.status, kept.text.split('\n')[0]]).toEqual([200, 'api'])
  expect(kept.headers).toMatchObject({ 'cache-status': expect.stringContaining('hotspare; hit'), age: expect.stringMatching(/^\d+$/) })
  // In a panic a dead target is tried all the same: 502, and not 503.
  const never = await ask('shop.example', '/api/never-seen')
  expect([never.status >= 502, never.text]).toEqual([true, '<h1>Sorry</h1>'])
}, 60_000)

it('maintenance goes on and off under load without a broken answer, and outlives control and worker', async () => {
  const { daemon, cli, ask, statusOf } = await startSite()
  const seen = new Map<string, number>()
  const broken: string[] = []
  const state = { running: true }
  const dispatchers = [new Agent({ connections: 4 }), new Agent({ connections: 4, pipelining: 0 })]
  onTestFinished(async () => void (await Promise.all(dispatchers.map((each) => each.close()))))
  const client = async (dispatcher: Agent): Promise<void> => {
    while (state.running) {
      try {
        const { statusCode, body, headers } = await request(daemon.url, { dispatcher, headers: { host: 'shop.example' } })
        const text = await body.text()
        const isPage = statusCode === 503 && text === '<h1>Back soon</h1>' && headers['retry-after'] !== undefined
        const what = isPage ? 'page' : statusCode === 200 && /^[ab]\b/.test(text) ? 'shop' : `broken ${statusCode} ${text.slice(0, 80)}`
        if (what.startsWith('broken')) broken.push(what)
        seen.set(what, (seen.get(what) ?? 0) + 1)
      } catch (error) {
        broken.push(String(error))
      }
    }
  }
  const clients = [...dispatchers, ...dispatchers].map((dispatcher) => client(dispatcher))
  const seenAfter = async (what: string) => {
    const before = seen.get(what) ?? 0
    await until(() => (seen.get(what) ?? 0) > before + 20, `${what} is seen`)
  }
  await seenAfter('shop')
  expect(await cli('maintenance', 'shop', 'on', '--for', '30m', '--because', 'new shelves')).toMatch(
    /^0 pool shop is in maintenance for 30m.*: new shelves/,
  )
  await seenAfter('page')
  expect(await cli('maintenance', 'shop', 'off')).toBe('0 pool shop is not in maintenance')
  await seenAfter('shop')
  await fetch(`${daemon.api}/api/v1/pools/shop/maintenance`, { method: 'POST' })
  await seenAfter('page')
  state.running = false
  await Promise.all(clients)
  expect(broken).toEqual([])

  const pidOf = async (name: string) => (await statusOf()).processes?.find((process) => process.name === name)?.pid ?? 0
  for (const name of ['control', 'worker']) {
    const before = await pidOf(name)
    killIfThere(before)
    await until(async () => ![0, before].includes(await pidOf(name)), `${name} is there again`)
    await until(async () => (await ask('shop.example', '/')).text === '<h1>Back soon</h1>', `the page is there after ${name}`)
    expect((await statusOf()).pools.find((pool) => pool.name === 'shop')?.maintenance).toMatchObject({ because: 'said through the API' })
  }
  await fetch(`${daemon.api}/api/v1/pools/shop/maintenance`, { method: 'DELETE' })
  await until(async () => (await ask('shop.example', '/')).status === 200, 'the shop is there again')
}, 60_000)
