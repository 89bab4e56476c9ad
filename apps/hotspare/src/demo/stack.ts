import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '@hotspare/api/client'
import { HotspareError, sleep } from '@hotspare/core'
import { stringify } from 'yaml'
import { endChild, spawnSelf } from './child.ts'
import { OriginProcess } from './origins.ts'
import { openSinks, type Sinks } from './sinks.ts'

const START_TIMEOUT_MS = 30_000
/** Longer than the daemon takes to drain what the demo sends. */
const STOP_TIMEOUT_MS = 10_000

export interface StackOptions {
  readonly proxyPort: number
  readonly apiPort: number
  readonly dnsPort: number
  /** Told of alerts that arrive and of origins that return. */
  readonly onNote?: ((text: string) => void) | undefined
  /** Whether a killed origin comes back by itself. */
  readonly restartOrigins: boolean
}

/** Three origins, a daemon in front of them with its real configuration file, and the sinks for its alerts: all real processes on loopback. */
export interface Stack {
  readonly origins: readonly OriginProcess[]
  readonly client: Client
  readonly siteUrl: string
  readonly apiUrl: string
  /** Where its names are answered: `127.0.0.1:7453`. */
  readonly dnsServer: string
  readonly sinks: Sinks
  /** Holds the configuration and the logs; gone when the stack is closed. */
  readonly folder: string
  /** Ends every process and removes the folder. */
  close(): Promise<void>
}

const DEMO_ZONE = 'demo.test'
/** What the DNS server answers with while all of them are up. */
export const DEMO_NAME: string = `shop.${DEMO_ZONE}`
/** Of the range for documentation, RFC 5737. */
export const DEMO_ADDRESSES: Readonly<Record<string, string>> = { a: '192.0.2.11', b: '192.0.2.12', c: '192.0.2.13' }

/** Names of the origins; their target ids are `shop/a` and so on. */
const ORIGIN_NAMES = ['a', 'b', 'c'] as const

export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-demo-'))
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const close = async () => {
    for (const end of closing.splice(0).toReversed()) await end()
  }
  try {
    const sinks = await openSinks(options.onNote)
    closing.push(() => sinks.close())
    const logOfOrigins = join(folder, 'origins.log')
    const { onNote, restartOrigins: restarts } = options
    const origins = ORIGIN_NAMES.map((name) => new OriginProcess({ name, logFile: logOfOrigins, restarts, onNote }))
    closing.push(() => Promise.all(origins.map((origin) => origin.end())))
    await Promise.all(origins.map((origin) => origin.start()))

    const configFile = join(folder, 'hotspare.yaml')
    await writeFile(configFile, stringify(configOf(origins, sinks, options)))
    const logFile = join(folder, 'daemon.log')
    const daemon = spawnSelf(['run', '--config', configFile], logFile)
    closing.push(() => endChild(daemon, STOP_TIMEOUT_MS))
    const { siteUrl, apiUrl, dnsServer } = await untilListening(daemon, logFile)
    const client = createClient({ url: apiUrl })
    await untilReady(client)
    return { origins, client, siteUrl, apiUrl, dnsServer, sinks, folder, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What an operator would write. */
function configOf(origins: readonly OriginProcess[], sinks: Sinks, { proxyPort, apiPort, dnsPort }: StackOptions): unknown {
  return {
    node: 'demo',
    log: { format: 'json' },
    api: { listen: `127.0.0.1:${apiPort}` },
    pools: {
      shop: {
        targets: origins.map(({ name, url }) => ({ name, url })),
        health: { type: 'http', path: '/healthz', interval: '250ms', timeout: '250ms', fall: 3, rise: 2 },
        balance: 'least-request',
      },
    },
    proxies: [{ name: 'web', listen: `127.0.0.1:${proxyPort}`, pool: 'shop' }],
    dns: {
      server: { listen: `127.0.0.1:${dnsPort}`, zones: { [DEMO_ZONE]: { nameServers: [`ns1.${DEMO_ZONE}`] } } },
      // Origins on loopback differ in their ports, which no address record has: so each is answered as another one.
      records: [
        { provider: 'embedded', zone: DEMO_ZONE, name: 'shop', answers: 'shop', addresses: DEMO_ADDRESSES, ttl: '5s', holdDown: '0s' },
      ],
    },
    alerts: {
      channels: {
        mail: { type: 'smtp', url: sinks.mailUrl, from: 'hotspare@demo.test', to: ['ops@demo.test'] },
        hook: { type: 'webhook', url: sinks.webhookUrl },
      },
    },
  }
}

/** The addresses stand in the daemon's log; where it ends instead, the log says why. */
async function untilListening(daemon: ChildProcess, logFile: string): Promise<{ siteUrl: string; apiUrl: string; dnsServer: string }> {
  const exited = once(daemon, 'exit')
  let ended = false
  void exited.then(() => (ended = true))
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadlineMs) {
    const log = await readFile(logFile, 'utf8')
    const site = /"type":"proxy-listening"[^}]*"listen":"([^"]+)"/.exec(log)?.[1]
    const api = /"type":"api-listening"[^}]*"listen":"([^"]+)"/.exec(log)?.[1]
    const dns = /"type":"dns-listening"[^}]*"listen":"([^"]+)"/.exec(log)?.[1]
    if (site !== undefined && api !== undefined && dns !== undefined)
      return { siteUrl: `http://${site}`, apiUrl: `http://${api}`, dnsServer: dns }
    if (ended) {
      const reason = log.trim().split('\n').at(-1) ?? 'it wrote nothing'
      throw new HotspareError({
        code: daemon.exitCode === 2 ? 'HOTSPARE_APP_USAGE' : 'HOTSPARE_APP_DEMO',
        message: reason.replace(/^hotspare: /, ''),
      })
    }
    await sleep(20)
  }
  throw new HotspareError({ code: 'HOTSPARE_APP_DEMO', message: `demo: the daemon did not listen within ${START_TIMEOUT_MS} ms` })
}

async function untilReady(client: Client): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  while (!(await client.status()).ready) {
    if (performance.now() > deadlineMs) throw new HotspareError({ code: 'HOTSPARE_APP_DEMO', message: 'demo: the origins never came up' })
    await sleep(50)
  }
}
