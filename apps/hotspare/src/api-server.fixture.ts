import { connect, type Socket } from 'node:net'
import type { CheckStatus, JobReport, ServiceStatus, Status, TargetStatus, WatchExplanation } from '@hotspare/api'
import { HotspareError, silentLogger, systemClock } from '@hotspare/core'
import { onTestFinished } from 'vitest'
import { type ApiBackend, type ApiServer, type ApiServerOptions, createApiServer } from './api-server.ts'
import { Redactor } from './config/redactor.ts'
import { Timeline } from './timeline.ts'
import type { WatchBackend } from './watch/backend.ts'

export function targetStatus(id: string, changes: Partial<TargetStatus> = {}): TargetStatus {
  const [, name = ''] = id.split('/')
  return {
    id,
    name,
    url: 'http://10.0.0.1',
    tier: 0,
    weight: 1,
    state: 'up',
    since: 1,
    because: 'it answers',
    active: 0,
    picks: 0,
    ...changes,
  }
}

function serviceStatus(name: string): ServiceStatus {
  const known = { state: 'up', since: 1, because: 'it answers' }
  return {
    name,
    role: 'active',
    because: 'it is well',
    automation: { state: 'on', because: 'nobody holds it' },
    lease: known,
    check: known,
    served: known,
    resources: [],
    candidates: [],
    movesInLastHour: 0,
  }
}

/** A backend of one pool; it remembers what it was told to do. */
export class FakeBackend implements ApiBackend {
  readonly calls: string[] = []
  because = 'it answers'
  ready = true
  /** Of its cluster; undefined: it is in none. */
  services: readonly string[] | undefined
  /** Names that its status tells, besides those that it has. */
  checks: readonly CheckStatus[] | undefined
  failure: Error | undefined
  /** Why the rest has no room for what a drain takes away. */
  full: string | undefined

  notReady(): readonly string[] {
    return this.status().notReady
  }

  status(): Status {
    if (this.failure) throw this.failure
    return {
      node: 'web-1',
      version: '0.0.0',
      startedAt: 1,
      ready: this.ready,
      notReady: this.ready ? [] : ['pool shop: no target is up'],
      pools: [{ name: 'shop', balance: 'round-robin', because: 'tier 0', targets: this.targetIds().map((id) => this.#target(id)) }],
      proxies: [],
      alerts: { pending: 0 },
      ...(this.checks ? { checks: this.checks } : {}),
      ...(this.services ? { cluster: { arbiter: 'none', peers: [], services: this.services.map((name) => serviceStatus(name)) } } : {}),
    }
  }

  explain(id: string): ReturnType<ApiBackend['explain']> {
    if (!this.targetIds().includes(id)) return undefined
    const counters = { consecutivePasses: 1, consecutiveFailures: 0, trafficFailures: 0 }
    return { target: this.#target(id), text: [`${id} is up`, this.because], history: [], counters }
  }

  setMaintenance(name: string, word: Parameters<ApiBackend['setMaintenance']>[1]): ReturnType<ApiBackend['setMaintenance']> {
    this.calls.push(`maintenance ${name} ${word ? `${word.because} ${word.forMs}` : 'off'}`)
    return name === 'shop' ? { pool: name, maintenance: word && { since: 1, because: word.because } } : 'the file says so'
  }

  setDrained(id: string, drained: boolean, { force }: { readonly force: boolean }): ReturnType<ApiBackend['setDrained']> {
    this.calls.push(`${drained ? 'drain' : 'undrain'} ${id}`)
    if (drained && !force && this.full !== undefined) return { refused: this.full }
    return this.targetIds().includes(id) ? targetStatus(id, { state: drained ? 'draining' : 'up' }) : undefined
  }

  poolNames(): readonly string[] {
    return ['shop', 'mail']
  }

  explainPool(pool: string, key: string | undefined): ReturnType<ApiBackend['explainPool']> {
    this.calls.push(`explain ${pool} ${String(key)}`)
    if (pool === 'mail') return 'pool mail: the worker has not answered yet'
    const text = [key === undefined ? 'the spread' : `${key} goes to shop/a`, this.because]
    return { pool, balance: 'maglev', key, because: this.because, shares: [], targets: [], text }
  }

  targetIds(): readonly string[] {
    return ['shop/a', 'shop/10.0.0.2:8080']
  }

  metrics(): Promise<string> {
    return Promise.resolve(`# HELP x A number\n# TYPE x gauge\nx{because=${JSON.stringify(this.because)}} 12345678\n`)
  }

  #target(id: string): TargetStatus {
    return targetStatus(id, { because: this.because })
  }
}

const well = { state: 'well', since: 1, because: 'nothing is in doubt' }

/** Two checks, of which one waits for a job, and a service; it remembers what was reported. */
export class FakeWatch implements WatchBackend {
  readonly reports: (readonly [name: string, report: JobReport])[] = []
  readonly names: WatchBackend['names'] = { checks: ['backup', 'switch'], services: ['shop-entry'] }

  checks(): readonly CheckStatus[] {
    return this.names.checks.map((name) => {
      return { name, type: name === 'backup' ? 'push' : 'tcp', address: name, state: 'up', since: 1, because: 'it answers' }
    })
  }

  check(name: string): ReturnType<WatchBackend['check']> {
    const check = this.checks().find((each) => each.name === name)
    return check && { check, text: [`${name} is up`], history: [], explanation: this.#explanation() }
  }

  report(name: string, report: JobReport): CheckStatus | undefined {
    if (name === 'switch') throw new HotspareError({ code: 'HOTSPARE_APP_REPORT', message: 'check switch is of type tcp' })
    if (name === 'backup') this.reports.push([name, report])
    return this.check(name)?.check
  }

  service(name: string): ReturnType<WatchBackend['service']> {
    if (!this.names.services.includes(name)) return undefined
    return { service: name, text: [`${name} is up`], history: [], explanation: this.#explanation() }
  }

  #explanation(): WatchExplanation {
    const counters = { consecutivePasses: 1, consecutiveFailures: 0, trafficFailures: 0, fullPassesLeft: 0 }
    return { changes: [], counters, detection: { downMs: 1, upMs: 1 }, thresholds: [], observer: well }
  }
}

export interface RunningApi {
  readonly api: ApiServer
  readonly backend: FakeBackend
  readonly watch: FakeWatch
  readonly timeline: Timeline
  readonly redactor: Redactor
  readonly port: number
  readonly url: string
}

/** An API on a free port of loopback, gone with the test. */
export async function startApi(options: Partial<ApiServerOptions> = {}): Promise<RunningApi> {
  const backend = new FakeBackend()
  const watch = new FakeWatch()
  const redactor = new Redactor()
  const timeline = options.timeline ?? new Timeline({ keep: 100, logger: silentLogger })
  const listen = { host: '127.0.0.1', port: 0 }
  const api = createApiServer({
    listen,
    token: undefined,
    backend,
    watch,
    redactor,
    clock: systemClock,
    logger: silentLogger,
    ...options,
    timeline,
  })
  await api.start()
  onTestFinished(() => api.stop())
  const port = api.address?.port ?? 0
  return { api, backend, watch, timeline, redactor, port, url: `http://127.0.0.1:${port}` }
}

/** A connection of one's own, for what no HTTP client would send. */
export async function rawConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return socket
}

/** Sends bytes as they are and gives back all that comes until the other side closes. */
export async function rawExchange(port: number, request: string): Promise<string> {
  const socket = await rawConnection(port)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(request)
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

/** The raw answer to a request line, from a client that then hangs up. */
export function rawRequest(port: number, requestLine: string, ...headers: readonly string[]): Promise<string> {
  return rawExchange(
    port,
    `${[`${requestLine} HTTP/1.1`, `host: 127.0.0.1:${port}`, 'connection: close', ...headers].join('\r\n')}\r\n\r\n`,
  )
}

/** Waits for what another socket or process brings about. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
