import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { ReloadResult, Status, TimelineEntry } from '@hotspare/api'
import { systemClock } from '@hotspare/core'
import { onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Load } from '../scenario/load.ts'
import { isAlive, type RunningDaemon, until } from './processes.fixture.ts'

export interface ReloadOrigin {
  readonly port: number
  readonly served: () => number
}

/** Answers at once, `/slow` after a second; says back what comes through a WebSocket. */
export async function startReloadOrigin(): Promise<ReloadOrigin> {
  let served = 0
  const server = createServer((request, response) => {
    if (request.url !== '/healthz') served += 1
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 1_000)
    else response.end('ok')
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, served: () => served }
}

export async function reloadOf({ api }: RunningDaemon, query = ''): Promise<ReloadResult> {
  return (await (await fetch(`${api}/api/v1/reload${query}`, { method: 'POST' })).json()) as ReloadResult
}

/** Of whatever control answers: one that ends may end a connection. */
export async function statusOf({ api }: RunningDaemon): Promise<Status> {
  for (let turn = 0; ; turn++) {
    try {
      return (await (await fetch(`${api}/api/v1/status`)).json()) as Status
    } catch (error) {
      if (turn === 20) throw error
    }
  }
}

export async function timelineOf({ api }: RunningDaemon): Promise<readonly TimelineEntry[]> {
  return ((await (await fetch(`${api}/api/v1/timeline`)).json()) as { entries: TimelineEntry[] }).entries
}

export async function pidsOf(daemon: RunningDaemon, name: string): Promise<readonly number[]> {
  const { processes = [] } = await statusOf(daemon)
  return processes.flatMap((process) => (process.name.startsWith(name) && process.pid !== undefined ? [process.pid] : []))
}

/** The one that serves; waits for one that is another one than `before`, and for the daemon to be ready. */
export async function workerOf(daemon: RunningDaemon, before?: number): Promise<number> {
  let pid: number | undefined
  await until(async () => {
    const { ready, processes } = await statusOf(daemon)
    pid = processes?.find(({ name }) => name === 'worker')?.pid
    return ready && pid !== undefined && pid !== before
  }, 'a worker that serves')
  return pid ?? 0
}

export async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid), 'the end of what was killed')
}

/** Requests each on a connection of its own, in an open loop. */
class FreshLoad {
  readonly failures: { readonly atMs: number; readonly why: string }[] = []
  sent = 0
  readonly #agent = new Agent({ keepAlive: false })
  readonly #timer: NodeJS.Timeout
  #pending = 0

  constructor(url: string) {
    this.#timer = setInterval(() => this.#send(url), 20)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await until(() => this.#pending === 0, 'the last answers')
  }

  #send(url: string): void {
    const atMs = performance.now()
    this.sent += 1
    this.#pending += 1
    const request = get(url, { agent: this.#agent }, (response) => {
      response.resume()
      response.once('error', (error) => this.failures.push({ atMs, why: String(error) }))
      if (response.statusCode !== 200) this.failures.push({ atMs, why: `status ${response.statusCode}` })
    })
    request.once('error', (error) => this.failures.push({ atMs, why: String(error) }))
    request.once('close', () => (this.#pending -= 1))
  }
}

export interface Clients {
  readonly sent: () => number
  /** What has failed, apart from requests that were under way when a worker was killed; and those. */
  failures(kills?: readonly Kill[]): { readonly unexplained: readonly string[]; readonly lost: number }
  stop(): Promise<void>
}

/** When a worker was killed, by `performance.now()`: from before the signal until its end was seen. */
export interface Kill {
  readonly fromMs: number
  readonly toMs: number
}

/** Slow answers among quick ones, with connections that are kept (undici) and fresh ones (node:http), both in an open loop. */
export function startClients(url: string): Clients {
  const kept = new Load({
    origin: url,
    paths: [...Array.from({ length: 19 }, () => '/'), '/slow'],
    ratePerSecond: 100,
    timeoutMs: 20_000,
    clock: systemClock,
  })
  const fresh = new FreshLoad(url)
  const stop = async () => void (await Promise.all([kept.stop(), fresh.stop()]))
  onTestFinished(stop)
  kept.start()
  return {
    sent: () => kept.sent + fresh.sent,
    stop,
    failures(kills = []) {
      const all = [
        ...kept.samples.flatMap(({ dueMs, endMs, failure }) => (failure === undefined ? [] : [{ dueMs, endMs, why: failure }])),
        ...fresh.failures.map(({ atMs, why }) => ({ dueMs: atMs, endMs: undefined, why })),
      ]
      // Broken, never answered with an error; and begun before the worker was gone.
      const wasLost = ({ dueMs, endMs = Infinity, why }: (typeof all)[number]) =>
        !why.startsWith('status') && kills.some(({ fromMs, toMs }) => dueMs <= toMs && endMs >= fromMs)
      return { unexplained: all.filter((each) => !wasLost(each)).map(({ why }) => why), lost: all.filter(wasLost).length }
    },
  }
}

/** A program that sends requests all the time; resolves with what it printed once it has ended. */
export function startProgram(
  command: string,
  parameters: readonly string[],
): { readonly child: ChildProcess; readonly ended: Promise<string> } {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.on('data', (data) => (text += String(data)))
  child.stderr.on('data', (data) => (text += String(data)))
  return { child, ended: once(child, 'close').then(() => text) }
}

/** A WebSocket that says something every few milliseconds and wants it back. */
export async function startTalk(url: string): Promise<{
  readonly heard: () => number
  /** The code of its end, once it has ended. */
  readonly code: () => number | undefined
  readonly close: () => void
}> {
  const socket = new WebSocket(url.replace('http', 'ws'))
  onTestFinished(() => socket.terminate())
  let heard = 0
  let code: number | undefined
  socket.on('message', () => (heard += 1))
  socket.on('error', () => {})
  await once(socket, 'open')
  const timer = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('hello'), 10)
  socket.once('close', (given) => {
    clearInterval(timer)
    code = given
  })
  return { heard: () => heard, code: () => code, close: () => socket.close(1000) }
}
