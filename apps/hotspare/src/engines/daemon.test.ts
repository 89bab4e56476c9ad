import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { formatStatus } from '../commands/status.ts'
import { startDaemon, startOrigin } from '../compose.fixture.ts'
import { freePort, need, temporaryFolder, until } from '../e2e/processes.fixture.ts'

const HAPROXY = 'haproxy'

interface Haproxy {
  readonly port: number
  readonly socket: string
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
}

async function startHaproxy(servers: Readonly<Record<string, number>>): Promise<Haproxy> {
  const [folder, port] = [temporaryFolder(), await freePort()]
  const [file, socket] = [join(folder, 'haproxy.cfg'), join(folder, 'admin.sock')]
  const lines = Object.entries(servers).map(([name, at]) => `  server ${name} 127.0.0.1:${at}`)
  writeFileSync(
    file,
    `global
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend clients
  bind 127.0.0.1:${port}
  default_backend web
backend web
${lines.join('\n')}
`,
  )
  let child: ChildProcess | undefined
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child?.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    rmSync(socket, { force: true })
  }
  const start = async () => {
    child = spawn(HAPROXY, ['-db', '-f', file], { stdio: 'ignore' })
    await until(() => existsSync(socket), 'HAProxy is there')
  }
  onTestFinished(kill)
  await start()
  return { port, socket, kill, start }
}

it('a daemon with an engine and no proxy follows its pool, says how it is, and mends what a restart has forgotten', async (context) => {
  need(context, HAPROXY)
  const [a, b] = [await startOrigin('a'), await startOrigin('b')]
  const haproxy = await startHaproxy({ a: a.port, b: b.port })
  const { client, api, happens, daemon } = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools:
  shop:
    targets: [{ name: a, url: "${a.url}" }, { name: b, url: "${b.url}", weight: 3 }]
    health: { type: http, path: /healthz, interval: 50ms, timeout: 5s, fall: 2, rise: 1 }
    panic: false
engines: [ { type: haproxy, pool: shop, socket: ${haproxy.socket}, backend: web, interval: 100ms } ]
`)
  const ask = async () => {
    const answer = await fetch(`http://127.0.0.1:${haproxy.port}/`, { headers: { connection: 'close' } })
    return answer.status === 200 ? answer.text() : answer.status
  }
  const state = async () => (await client.status()).engines?.[0]?.state
  await until(async () => (await state()) === 'synced', 'it is as the pool wants it')
  const answers: unknown[] = []
  for (let turn = 0; turn < 8; turn++) answers.push(await ask())
  expect(answers.filter((each) => each === 'b')).toHaveLength(6)

  await b.kill()
  await happens('engine-changed', { engine: 'web', cause: 'wanted', text: 'engine web follows pool shop: b is off' })
  expect(await ask()).toBe('a')
  await client.drain('shop/a')
  await happens('engine-changed', { text: 'engine web follows pool shop: a drains' })
  // The pool is strict: nobody is tried who is down, and who drains has no new ones.
  expect(await ask()).toBe(503)

  await haproxy.kill()
  await happens('engine-failed', { engine: 'web', pool: 'shop', reason: 'unreachable' })
  await until(async () => (await state()) === 'failing', 'status says so')
  expect(formatStatus(await client.status(), Date.now())).toMatch(/^engine web \(haproxy\) <- shop: FAILING for \S+; .*admin\.sock/m)
  await haproxy.start()
  await happens('engine-recovered', { engine: 'web' })
  await happens('engine-changed', { cause: 'drift' })
  expect(await ask()).toBe(503)
  await client.undrain('shop/a')
  await until(async () => (await ask()) === 'a', 'it serves again')
  await until(
    async () => (await (await fetch(`${api}/metrics`)).text()).includes('hotspare_engine_server_requests_total{engine="web",server="a"}'),
    'it is counted',
  )
  const metrics = await (await fetch(`${api}/metrics`)).text()
  expect(metrics).toContain('hotspare_engine_synced{engine="web",pool="shop"} 1')
  expect(metrics).toMatch(/hotspare_engine_looks_total\{engine="web",pool="shop",result="failed"\} [1-9]/)
  expect(formatStatus(await client.status(), Date.now())).toMatch(/^engine web \(haproxy\) <- shop: synced for \S+; tier 0 serves/m)

  // Who stops leaves the engine as it is.
  await daemon.stop('the test is over')
  expect(await ask()).toBe('a')
})
