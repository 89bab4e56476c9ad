import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { Status, Timeline, TimelineEntry } from '@hotspare/api'
import { errorText } from '@hotspare/core'
import { Agent, request } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { freePort, need, type RunningDaemon, startDaemon, temporaryFolder, until } from './processes.fixture.ts'

// One pool behind three: the embedded proxy, a HAProxy and an nginx, each with clients of its own. What befalls the pool is the
// same for all of them at the same moment, and so is what clients may see of it.

const REQUESTS_PER_SECOND = 200

/** Each request carries who was asked and when, and the origin keeps those that reached it. */
const ORIGIN = `
import { createServer } from 'node:http'
const stamps = []
createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok')
  if (request.url === '/stamps') return response.end(JSON.stringify(stamps))
  stamps.push({ via: request.headers['x-via'], sentMs: Number(request.headers['x-sent']) })
  setTimeout(() => response.end(process.argv[2]), 3)
}).listen(Number(process.argv[3]), '127.0.0.1')
`

interface Origin {
  readonly port: number
  readonly start: () => Promise<void>
  readonly signal: (signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void
  /** The requests that have reached it in this life of it. */
  readonly stamps: () => Promise<readonly Stamp[]>
}

interface Stamp {
  readonly via: string
  readonly sentMs: number
}

async function startOrigin(name: string): Promise<Origin> {
  const file = join(temporaryFolder(), 'origin.mjs')
  writeFileSync(file, ORIGIN)
  const port = await freePort()
  let child: ChildProcess | undefined
  const start = async () => {
    child = spawn(process.execPath, [file, name, String(port)], { stdio: 'ignore' })
    await until(() => accepts(port), `origin ${name} listens`)
  }
  onTestFinished(() => void child?.kill('SIGKILL'))
  await start()
  return {
    port,
    start,
    signal: (signal) => void child?.kill(signal),
    stamps: async () => (await (await fetch(`http://127.0.0.1:${port}/stamps`)).json()) as Stamp[],
  }
}

/** Requests when they are due, each on a connection of its own, however slow the answers to earlier ones are. */
function startLoad(via: string, url: string): { readonly sent: () => number; readonly end: () => Promise<readonly string[]> } {
  const agent = new Agent({ pipelining: 0, connections: 1_000 })
  const failures: string[] = []
  const pending = new Set<Promise<void>>()
  const startMs = performance.now()
  let sent = 0
  const ask = async () => {
    const headers = { 'x-via': via, 'x-sent': String(performance.now()) }
    try {
      const answer = await request(`${url}/`, { dispatcher: agent, headers, signal: AbortSignal.timeout(15_000) })
      await finished(answer.body.resume())
      if (answer.statusCode !== 200) failures.push(`${via}: status ${answer.statusCode} at ${headers['x-sent']}`)
    } catch (error) {
      failures.push(`${via}: ${errorText(error)} at ${headers['x-sent']}`)
    }
  }
  const timer = setInterval(() => {
    for (; sent < ((performance.now() - startMs) / 1_000) * REQUESTS_PER_SECOND; sent++) {
      const answered: Promise<void> = ask().finally(() => pending.delete(answered))
      pending.add(answered)
    }
  }, 2)
  onTestFinished(() => clearInterval(timer))
  return {
    sent: () => sent,
    async end() {
      clearInterval(timer)
      await Promise.all(pending)
      await agent.close()
      return failures
    },
  }
}

interface Engine {
  /** Its entry of the file. */
  readonly entry: string
  /** Where clients connect. */
  readonly url: string
}

type Start = (origins: Readonly<Record<'a' | 'b', Origin>>) => Promise<Engine>

const haproxy: Start = async ({ a, b }) => {
  const [folder, port] = [temporaryFolder(), await freePort()]
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  stats socket ${folder}/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 500ms
  timeout client 20s
  timeout server 2s
  timeout queue 2s
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response response-timeout
frontend clients
  bind 127.0.0.1:${port}
  default_backend web
backend web
  server a 127.0.0.1:${a.port}
  server b 127.0.0.1:${b.port}
`,
  )
  await startProgram(['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')], port)
  return {
    entry: `{ type: haproxy, name: haproxy, pool: shop, socket: ${folder}/admin.sock, backend: web }`,
    url: `http://127.0.0.1:${port}`,
  }
}

const nginx: Start = async ({ a, b }) => {
  const [folder, port] = [temporaryFolder(), await freePort()]
  const [file, config] = [join(folder, 'upstream.conf'), join(folder, 'nginx.conf')]
  writeFileSync(file, `upstream web { server 127.0.0.1:${a.port}; server 127.0.0.1:${b.port}; }\n`)
  writeFileSync(
    config,
    `worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; daemon off; user root;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  include ${file};
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location / {
      proxy_pass http://web;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_connect_timeout 500ms;
      proxy_read_timeout 2s;
      proxy_next_upstream error timeout http_502 http_503 http_504;
    }
  }
}
`,
  )
  const argv = ['nginx', '-c', config, '-e', join(folder, 'error.log')]
  await startProgram(argv, port)
  const programs = `test: ${JSON.stringify([...argv, '-t'])}, reload: ${JSON.stringify([...argv, '-s', 'reload'])}`
  return {
    entry: `{ type: nginx, name: nginx, pool: shop, file: ${file}, upstream: web, pidFile: ${folder}/pid, ${programs}, reloadInterval: 200ms }`,
    url: `http://127.0.0.1:${port}`,
  }
}

async function startProgram([program = '', ...parameters]: readonly string[], port: number): Promise<void> {
  const child = spawn(program, parameters, { stdio: 'ignore', detached: true })
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL')
  })
  await until(() => accepts(port), `${program} listens`)
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** What the daemon says of itself. */
function asked(daemon: RunningDaemon) {
  const get = async <Answer>(path: string): Promise<Answer> => (await fetch(`${daemon.api}/api/v1/${path}`)).json() as Promise<Answer>
  const entries = async (): Promise<readonly TimelineEntry[]> => (await get<Timeline>('timeline')).entries
  const status = () => get<Status>('status')
  return { entries, status }
}

it(
  'clients of the embedded proxy, of HAProxy and of nginx notice no death, no freeze, no drain and no death of control',
  { timeout: 60_000 },
  async (context) => {
    need(context, 'haproxy', 'nginx')
    const origins = { a: await startOrigin('a'), b: await startOrigin('b') }
    const others = { haproxy: await haproxy(origins), nginx: await nginx(origins) }
    const daemon = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools:
  shop:
    targets: [ { name: a, url: "http://127.0.0.1:${origins.a.port}" }, { name: b, url: "http://127.0.0.1:${origins.b.port}" } ]
    health: { type: http, path: /healthz, interval: 100ms, timeout: 400ms, fall: 2, rise: 1 }
    balance: round-robin
proxies: [ { name: web, listen: "127.0.0.1:0", pool: shop } ]
engines: [ ${others.haproxy.entry}, ${others.nginx.entry} ]
`)
    const urls = { embedded: daemon.url, haproxy: others.haproxy.url, nginx: others.nginx.url }
    const { entries, status } = asked(daemon)
    const synced = async () => (await status()).engines?.every(({ state }) => state === 'synced') === true
    await until(synced, 'the engines are as the pool wants them')
    const loads = Object.entries(urls).map(([via, url]) => startLoad(via, url))
    const quiet: { readonly who: 'a' | 'b'; readonly fromMs: number; toMs: number }[] = []

    /** Does something, and waits until it was noticed and all were told. @returns when that was */
    async function act(type: string, who: 'a' | 'b', deed: () => unknown): Promise<number> {
      const last = (await entries()).at(-1)?.sequence ?? 0
      await deed()
      await until(async () => {
        const news = (await entries()).filter(({ sequence }) => sequence > last)
        const told = Object.keys(others).every((name) => news.some((entry) => entry.type === 'engine-changed' && entry['engine'] === name))
        return told && news.some((entry) => entry.type === type && entry['targetId'] === `shop/${who}`) && (await synced())
      }, `everybody knows of ${type} of ${who}`)
      return performance.now()
    }

    await pause(300)
    await act('target-down', 'a', () => origins.a.signal('SIGKILL'))
    await act('target-up', 'a', () => origins.a.start())
    await serves(origins.a)
    const frozen = await act('target-down', 'b', () => origins.b.signal('SIGSTOP'))
    await pause(300)
    quiet.push({ who: 'b', fromMs: frozen, toMs: performance.now() })
    await act('target-up', 'b', () => origins.b.signal('SIGCONT'))
    await serves(origins.b)
    const drained = await act('target-drained', 'a', () => drain('a'))

    // What people have said outlives control, and the engine serves on as it was told meanwhile.
    const before = (await status()).processes?.find(({ name }) => name === 'control')
    process.kill(before?.pid ?? 0, 'SIGKILL')
    await until(async () => {
      const now = (await status()).processes?.find(({ name }) => name === 'control')
      return now?.pid !== undefined && now.pid !== before?.pid && (await synced())
    }, 'control is started again')
    await pause(300)
    quiet.push({ who: 'a', fromMs: drained, toMs: performance.now() })
    expect((await status()).pools[0]?.targets.map(({ state }) => state)).toEqual(['draining', 'up'])
    await act('target-undrained', 'a', () => drain('a', 'DELETE'))
    await serves(origins.a)

    expect((await Promise.all(loads.map((load) => load.end()))).flat()).toEqual([])
    for (const load of loads) expect(load.sent()).toBeGreaterThan(200)
    for (const { who, fromMs, toMs } of quiet) {
      const reached = (await origins[who].stamps()).filter(({ sentMs }) => sentMs > fromMs && sentMs < toMs)
      expect({ who, reached }).toEqual({ who, reached: [] })
    }

    /** It gets requests of each that were sent from now on. */
    async function serves(origin: Origin): Promise<void> {
      const fromMs = performance.now()
      await until(async () => {
        const stamps = (await origin.stamps()).filter(({ sentMs }) => sentMs > fromMs)
        return Object.keys(urls).every((name) => stamps.some(({ via }) => via === name))
      }, 'requests reach it')
    }

    async function drain(who: string, method = 'POST'): Promise<void> {
      expect((await fetch(`${daemon.api}/api/v1/targets/shop%2F${who}/drain`, { method })).status).toBe(200)
    }
  },
)

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
