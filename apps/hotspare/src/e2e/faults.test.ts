import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { systemClock } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { Load } from '../scenario/load.ts'
import { type RunningDaemon, startDaemon, until } from './processes.fixture.ts'

/** An origin in a process of its own, to be killed and stopped. It says its port, and at the end how much it has served. */
const ORIGIN = `
import { createServer } from 'node:http'
const server = createServer((request, response) => response.end('ok'))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

interface Origin {
  readonly port: number
  readonly child: ChildProcess
}

async function startOrigin(): Promise<Origin> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', ORIGIN], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  return { port: Number(String(line)), child }
}

/** How the proxy says that requests have ended: `answered 2xx`, `refused 5xx`, ... */
async function told({ api }: RunningDaemon): Promise<Record<string, number>> {
  const metrics: string = await (await fetch(`${api}/metrics`)).text()
  const ended: Record<string, number> = {}
  for (const [, labels = '', count] of metrics.matchAll(/^hotspare_requests_total\{([^}]*)\} (\d+)$/gm)) {
    const way = `${/outcome="([^"]*)"/.exec(labels)?.[1]} ${/status="([^"]*)"/.exec(labels)?.[1]}`
    ended[way] = (ended[way] ?? 0) + Number(count)
  }
  return ended
}

const RATE = 500

const kill = (child: ChildProcess): void => void child.kill('SIGKILL')
const freeze = (child: ChildProcess): void => void child.kill('SIGSTOP')

it.each([
  ['killed', kill, 1_500],
  // Its kernel still accepts what nobody reads: only its health shows that it is gone.
  ['stopped and thawed', freeze, 2_500],
] as const)(
  'of 500 requests a second none fails when one of two targets is %s, and what clients and proxy have counted is the same',
  { timeout: 120_000 },
  async (what, strike, forMs) => {
    const [one, two] = [await startOrigin(), await startOrigin()]
    const daemon = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools:
  site:
    targets: [ { name: one, url: "http://127.0.0.1:${one.port}" }, { name: two, url: "http://127.0.0.1:${two.port}" } ]
    health: { type: http, path: /healthz, interval: 200ms, timeout: 300ms, fall: 2, rise: 2 }
proxies: [ { name: web, listen: "127.0.0.1:0", pool: site } ]
`)
    const load = new Load({ origin: daemon.url, paths: ['/'], ratePerSecond: RATE, timeoutMs: 20_000, clock: systemClock })
    load.start()
    await until(() => load.sent > RATE / 2, 'some load')
    strike(one.child)
    await until(() => /"type":"target-down"[^}]*"targetId":"site\/one"/.test(daemon.log()), 'its end noticed')
    await new Promise((resolve) => setTimeout(resolve, forMs / 2))
    if (what === 'stopped and thawed') {
      one.child.kill('SIGCONT')
      await until(() => /"type":"target-up","from":"down"[^}]*"targetId":"site\/one"/.test(daemon.log()), 'its return')
      await new Promise((resolve) => setTimeout(resolve, forMs / 5))
    }
    await load.stop()
    expect(load.samples.filter(({ failure }) => failure !== undefined)).toEqual([])
    // A worker tells of what it has counted now and then.
    await until(async () => (await told(daemon))['answered 2xx'] === load.sent, 'as many told as were sent')
    expect(await told(daemon)).toEqual({ 'answered 2xx': load.sent })
  },
)
