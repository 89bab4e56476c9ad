import { createServer } from 'node:http'
import type { Server } from 'node:net'
import { type Client, createClient } from '@hotspare/api/client'
import type { TimelineEntry } from '@hotspare/api'
import { silentLogger, systemClock, systemRandom } from '@hotspare/core'
import { type HostileBehaviour, loopbackServer } from '@hotspare/health/testing'
import { Agent, request } from 'undici'
import { onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { compose, type Daemon } from './compose.ts'
import { parseConfig } from './config/load.ts'

export interface Origin {
  readonly url: string
  readonly port: number
  /** Requests that it got, health checks aside. */
  readonly served: () => number
  /** Closes the port and every connection, as a killed process does. */
  readonly kill: () => Promise<void>
  /** Listens again on the same port. */
  readonly start: () => Promise<void>
}

/** A web server that answers with its name, and health checks with `ok`; `/slow` takes as long as the test wants. */
export async function startOrigin(name: string, slow: () => Promise<void> = () => Promise.resolve()): Promise<Origin> {
  let served = 0
  let server: Server
  let port = 0
  const open = async () => {
    const http = createServer(({ url }, response) => {
      if (url === '/healthz') return void response.end('ok')
      served += 1
      void (url === '/slow' ? slow() : Promise.resolve()).then(() => response.end(name))
    })
    const started = await loopbackServerOn(http, port)
    port = started.port
    server = http
    return started.close
  }
  let close = await open()
  onTestFinished(() => close())
  const start = async () => {
    if (!server.listening) close = await open()
  }
  return { url: `http://127.0.0.1:${port}`, port, served: () => served, kill: () => close(), start }
}

/** A server that does to each connection whatever `behave` does. */
export async function startHostile(behave: HostileBehaviour): Promise<{ readonly url: string }> {
  const server = await loopbackServer(behave)
  onTestFinished(() => server.close())
  return { url: `http://127.0.0.1:${server.port}` }
}

async function loopbackServerOn(
  server: ReturnType<typeof createServer>,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port: typeof address === 'object' && address ? address.port : 0, close }
}

export interface Receiver {
  readonly url: string
  /** The alerts that came, in order. */
  readonly alerts: readonly Readonly<Record<string, unknown>>[]
}

/** Where alerts arrive. */
export async function startReceiver(): Promise<Receiver> {
  const alerts: Record<string, unknown>[] = []
  const server = await loopbackServer(
    createServer((incoming, response) => {
      let body = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => (body += chunk))
      incoming.on('end', () => {
        alerts.push(JSON.parse(body) as Record<string, unknown>)
        response.writeHead(204).end()
      })
    }),
  )
  onTestFinished(() => server.close())
  return { url: `http://127.0.0.1:${server.port}/hook/very-secret`, alerts }
}

/** A daemon in this process, with the clock and the network of the machine. */
export async function composeFrom(yaml: string, env: Readonly<Record<string, string>> = {}): Promise<Daemon> {
  const { config, redactor } = await parseConfig(yaml, { file: 'hotspare.yaml', env, hostname: 'host-1' })
  const daemon = compose(config, {
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    redactor,
    version: '1.2.3',
    writeLine: () => {},
  })
  onTestFinished(() => daemon.stop('the test is over'))
  return daemon
}

export interface RunningDaemon {
  readonly daemon: Daemon
  readonly client: Client
  readonly api: string
  /** A request through the first proxy: its status and its body. */
  readonly ask: (path?: string) => Promise<readonly [status: number, body: string]>
  /** The address of a proxy. */
  readonly site: (proxy?: string) => string
  /** `type subject`, in order. */
  readonly told: () => string[]
  /** Waits for an entry of the timeline. */
  readonly happens: (type: string, fields?: Readonly<Record<string, unknown>>) => Promise<TimelineEntry>
}

export async function startDaemon(yaml: string, env: Readonly<Record<string, string>> = {}): Promise<RunningDaemon> {
  const daemon = await composeFrom(yaml, env)
  await daemon.start()
  const { port = 0 } = daemon.apiAddress ?? {}
  const api = `http://127.0.0.1:${port}`
  const site = (proxy?: string) => {
    const entry = daemon.timeline.entries().find((each) => each.type === 'proxy-listening' && (proxy ?? each['proxy']) === each['proxy'])
    return `http://${String(entry?.['listen'])}`
  }
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return {
    daemon,
    api,
    site,
    client: createClient({ url: api, token: env['TOKEN'] }),
    async ask(path = '/') {
      const answer = await request(`${site()}${path}`, { dispatcher: agent })
      return [answer.statusCode, await answer.body.text()]
    },
    told: () => daemon.timeline.entries().map((entry) => toldLine(entry)),
    async happens(type, fields = {}) {
      let found: TimelineEntry | undefined
      await until(
        () => {
          found = daemon.timeline
            .entries()
            .find((entry) => entry.type === type && Object.entries(fields).every(([name, value]) => entry[name] === value))
          return found !== undefined
        },
        `${type} ${JSON.stringify(fields)}`,
      )
      return found!
    },
  }
}

function toldLine(entry: TimelineEntry): string {
  const subject = entry.type.startsWith('pool') ? entry['pool'] : (entry['targetId'] ?? entry['key'] ?? entry['proxy'] ?? '')
  return `${entry.type} ${String(subject)}`.trim()
}
