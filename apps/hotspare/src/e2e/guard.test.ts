import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Status, TimelineEntry } from '@hotspare/api'
import { systemClock } from '@hotspare/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Load } from '../scenario/load.ts'
import {
  childrenOf,
  freePort,
  isAlive,
  killIfThere,
  type RunningDaemon,
  startDaemon,
  startDaemonFrom,
  temporaryFolder,
  until,
} from './processes.fixture.ts'

const patient = { timeout: 90_000 }

/** An origin whose answers to `/slow` wait, and which never answers `/never`; it counts what it served. */
async function startOrigin(): Promise<{ readonly port: number; readonly served: () => number }> {
  let served = 0
  const server = createServer((request, response) => {
    if (request.url !== '/healthz') served += 1
    if (request.url !== '/never') setTimeout(() => response.end('ok'), request.url === '/slow' ? 3_000 : 0)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, served: () => served }
}

async function yamlOf(
  more: { readonly listen?: string; readonly api?: string } = {},
): Promise<{ yaml: string; served: readonly (() => number)[] }> {
  const [one, two] = [await startOrigin(), await startOrigin()]
  const yaml = `
node: web-1
api: { listen: "${more.api ?? '127.0.0.1:0'}" }
pools:
  site:
    targets: [ { name: one, url: "http://127.0.0.1:${one.port}" }, { name: two, url: "http://127.0.0.1:${two.port}" } ]
    health: { type: http, path: /healthz, interval: 100ms, timeout: 5s }
proxies: [ { name: web, listen: "${more.listen ?? '127.0.0.1:0'}", pool: site } ]
`
  return { yaml, served: [one.served, two.served] }
}

async function statusOf({ api }: RunningDaemon): Promise<Status> {
  return (await (await fetch(`${api}/api/v1/status`)).json()) as Status
}

async function timelineOf({ api }: RunningDaemon): Promise<readonly TimelineEntry[]> {
  return ((await (await fetch(`${api}/api/v1/timeline`)).json()) as { entries: TimelineEntry[] }).entries
}

async function pidOf(daemon: RunningDaemon, name: string): Promise<number> {
  const pid = (await statusOf(daemon)).processes?.find((process) => process.name === name)?.pid
  if (pid === undefined) throw new Error(`there is no ${name}`)
  return pid
}

/** Waits until the process has a successor that is at work, and the daemon is ready. */
async function replaced(daemon: RunningDaemon, name: string, pid: number): Promise<void> {
  await until(async () => {
    const { ready, processes } = await statusOf(daemon)
    const now = processes?.find((process) => process.name === name)
    return ready && now?.pid !== undefined && now.pid !== pid
  }, `another ${name}`)
}

function loadOn(daemon: RunningDaemon): Load {
  const load = new Load({ origin: daemon.url, paths: ['/'], ratePerSecond: 100, timeoutMs: 20_000, clock: systemClock })
  onTestFinished(() => load.stop())
  load.start()
  return load
}

describe('a control that is killed', () => {
  it('costs no request; the next one knows what people decided, and what came before it', patient, async () => {
    const { yaml, served } = await yamlOf()
    const daemon = await startDaemon(yaml)
    await fetch(`${daemon.api}/api/v1/targets/site%2Ftwo/drain`, { method: 'POST' })
    const drained = served[1]?.()
    const load = loadOn(daemon)
    await until(() => load.sent > 50, 'some load')
    const control = await pidOf(daemon, 'control')
    process.kill(control, 'SIGKILL')
    await replaced(daemon, 'control', control)
    await until(() => load.sent > 300, 'more load')
    await load.stop()

    expect(load.samples.flatMap(({ failure }) => failure ?? [])).toEqual([])
    expect(served[1]?.()).toBe(drained)
    const { pools, processes } = await statusOf(daemon)
    expect(pools[0]?.targets).toMatchObject([{ state: 'up' }, { state: 'draining', because: 'drained through the API' }])
    expect(processes?.map(({ name, restarts }) => `${name} ${restarts}`)).toEqual(['guard 0', 'control 1', 'worker 0'])
    await until(async () => (await timelineOf(daemon)).length >= 2, 'its timeline')
    expect((await timelineOf(daemon))[0]).toMatchObject({ type: 'child-ended', process: 'control', because: 'killed by SIGKILL' })
    expect((await timelineOf(daemon)).some(({ type, process: name }) => type === 'child-started' && name === 'control')).toBe(true)
    expect(daemon.log()).toContain('the process control has ended and is started again: killed by SIGKILL')

    expect((await fetch(`${daemon.api}/api/v1/targets/site%2Ftwo/drain`, { method: 'DELETE' })).status).toBe(200)
    await until(async () => {
      await fetch(daemon.url)
      return served[1]?.() !== drained
    }, 'requests for the target that was given back')
  })

  it('that only hangs is replaced as well', patient, async () => {
    const { yaml } = await yamlOf()
    const daemon = await startDaemon(yaml)
    const control = await pidOf(daemon, 'control')
    process.kill(control, 'SIGSTOP')
    onTestFinished(() => killIfThere(control))
    expect(await (await fetch(daemon.url)).text()).toBe('ok')
    await until(() => daemon.log().includes('it stood still for 5000 ms and was killed'), 'its end')
    await replaced(daemon, 'control', control)
    expect(isAlive(control)).toBe(false)
  })
})

describe('a worker that is killed', () => {
  it(
    'loses what is under way; who comes then waits for the next one and is served, and a target that was down stays so',
    patient,
    async () => {
      const { yaml } = await yamlOf()
      const daemon = await startDaemon(yaml)
      await fetch(`${daemon.api}/api/v1/targets/site%2Ftwo/drain`, { method: 'POST' })
      const worker = await pidOf(daemon, 'worker')
      const slow = fetch(`${daemon.url}/never`).then(
        () => 'answered',
        () => 'lost',
      )
      await until(async () => (await statusOf(daemon)).proxies[0]?.active === 1, 'a request under way')
      process.kill(worker, 'SIGKILL')
      expect(await slow).toBe('lost')
      // Fresh connections, one after the other, from the moment of the death on.
      for (let turn = 0; turn < 5; turn++) expect((await fetch(daemon.url, { headers: { connection: 'close' } })).status).toBe(200)
      await replaced(daemon, 'worker', worker)
      const { pools, processes } = await statusOf(daemon)
      expect(pools[0]?.targets).toMatchObject([
        { name: 'one', picks: 5 },
        { name: 'two', state: 'draining', picks: 0 },
      ])
      expect(processes).toMatchObject([{ name: 'guard' }, { name: 'control', restarts: 0 }, { name: 'worker', restarts: 1 }])
      expect((await timelineOf(daemon)).map(({ type }) => type)).toEqual(expect.arrayContaining(['child-ended', 'child-started']))
      expect(await (await fetch(`${daemon.api}/metrics`)).text()).toContain(
        'hotspare_attempts_total{target="site/one",result="answered"} 5\n',
      )
    },
  )
})

describe('a guard that is killed', () => {
  it('leaves a site that is served, until the next guard takes the port over', patient, async () => {
    const { yaml } = await yamlOf({ listen: `:${await freePort()}` })
    const file = join(temporaryFolder(), 'hotspare.yaml')
    writeFileSync(file, yaml)
    const first = await startDaemonFrom(file)
    const [control, worker] = [await pidOf(first, 'control'), await pidOf(first, 'worker')]
    onTestFinished(() => killIfThere(worker))
    first.child.kill('SIGKILL')
    await until(() => !isAlive(control), 'the end of control')
    const site = first.url.replace('[::]', '127.0.0.1')
    for (let turn = 0; turn < 5; turn++) expect((await fetch(site)).status).toBe(200)
    await until(() => first.log().includes('serves on'), 'the word of the worker')
    const slow = fetch(`${site}/slow`).then((answer) => answer.text())

    const second = await startDaemonFrom(file)
    expect(await slow).toBe('ok')
    await until(() => !isAlive(worker), 'the end of the old worker')
    expect((await fetch(site)).status).toBe(200)
    expect((await statusOf(second)).ready).toBe(true)
  })

  // systemd ends the rest of a unit when its main process has died, and may be quicker than the news of that death.
  it.each([
    ['before', (worker: number, guard: number) => [worker, guard]],
    ['after', (worker: number, guard: number) => [guard, worker]],
  ] as const)('leaves a worker that drains when it was told to %s that death', patient, async (_when, inOrder) => {
    const { yaml } = await yamlOf()
    const daemon = await startDaemon(yaml)
    const guard = daemon.child.pid ?? 0
    const worker = await pidOf(daemon, 'worker')
    onTestFinished(() => killIfThere(worker))
    const slow = fetch(`${daemon.url}/slow`).then((answer) => answer.text())
    await until(async () => (await statusOf(daemon)).proxies[0]?.active === 1, 'a request under way')
    const [first = 0] = inOrder(worker, guard)
    process.kill(first, first === guard ? 'SIGKILL' : 'SIGTERM')
    if (first === guard) await until(() => daemon.log().includes('serves on'), 'the word of the worker')
    else {
      // The guard lives: what its children are sent is not theirs to obey.
      await until(async () => isAlive(worker) && (await statusOf(daemon)).proxies[0]?.active === 1, 'the request, still under way')
    }
    process.kill(first === guard ? worker : guard, first === guard ? 'SIGTERM' : 'SIGKILL')
    expect(await slow).toBe('ok')
    await until(() => !isAlive(worker), 'its end')
  })

  it('after a second signal leaves nobody', patient, async () => {
    const { yaml } = await yamlOf()
    const daemon = await startDaemon(yaml)
    void fetch(`${daemon.url}/never`).catch(() => {})
    await until(async () => (await statusOf(daemon)).proxies[0]?.active === 1, 'a request under way')
    const children = childrenOf(daemon.child.pid ?? 0)
    expect(children).toHaveLength(2)
    daemon.child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    daemon.child.kill('SIGTERM')
    await until(() => daemon.child.exitCode !== null, 'the end')
    expect(daemon.child.exitCode).toBe(1)
    await until(() => !children.some(isAlive), 'the end of its children')
  })
})

describe('the listening sockets', () => {
  it('on every address serve IPv4 and IPv6, and a free port is told as it is', patient, async () => {
    const { yaml } = await yamlOf({ listen: ':0', api: 'localhost:0' })
    const daemon = await startDaemon(yaml)
    const port = new URL(daemon.url).port
    expect(Number(port)).toBeGreaterThan(0)
    for (const host of ['127.0.0.1', '[::1]']) expect((await fetch(`http://${host}:${port}/`)).status).toBe(200)
    expect((await statusOf(daemon)).proxies[0]?.listen).toBe(`[::]:${port}`)
  })
})
