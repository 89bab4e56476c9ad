import { silentLogger, systemClock, systemRandom } from '@hotspare/core'
import { agentServer } from '@hotspare/health/agent'
import { expect, it, onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { startDaemon } from './compose.fixture.ts'
import { composeControl } from './compose-control.ts'
import { parseConfig } from './config/load.ts'
import type { WorkerOrder } from './process/messages.ts'
import { scripted } from './worker-outliers.fixture.ts'

const health = (port: number) => `{ type: http, interval: 50ms, timeout: 5s, fall: 100, agent: { port: ${port} } }`

/** An agent of which the test says, at any time, how much of its weight it wants. */
async function startAgent(weight: number): Promise<{ weight: number; readonly port: number }> {
  const server = agentServer({ port: 0, answer: () => ({ weight: agent.weight }) })
  await server.start()
  onTestFinished(() => server.stop())
  const agent = { weight, port: server.port }
  return agent
}

it('an agent that wants no weight gets no requests, and gets them again when it wants some', async () => {
  const [a, b] = [await scripted(), await scripted()]
  const agent = await startAgent(1)
  // One agent for all of 127.0.0.1: so each target is a pool of its own.
  const { happens, ask, site } = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools:
  advised: { targets: ["${a.url}"], health: ${health(agent.port)} }
  plain: { targets: ["${b.url}"], health: { type: http, interval: 50ms, timeout: 5s } }
proxies:
  - { name: advised, listen: "127.0.0.1:0", pool: advised }
  - { name: plain, listen: "127.0.0.1:0", pool: plain }`)
  await happens('daemon-ready')
  const status = async (proxy: string) => (await fetch(site(proxy))).status
  expect([await status('advised'), await status('plain'), (await ask())[0]]).toEqual([200, 200, 200])
  agent.weight = 0
  await until(async () => (await status('advised')) === 503, 'it gets nothing')
  expect(await status('plain')).toBe(200)
  agent.weight = 0.5
  await until(async () => (await status('advised')) === 200, 'it gets something again')
})

it('a worker that has just been started hears from control what agents want: the one before it knew it alone', async () => {
  const target = await scripted()
  const agent = await startAgent(0.5)
  const yaml = `
api: { listen: "127.0.0.1:0" }
pools: { shop: { targets: [{ name: a, url: "${target.url}" }], health: ${health(agent.port)} } }`
  const { config, redactor } = await parseConfig(yaml, { file: 'hotspare.yaml', env: {}, hostname: 'h' })
  const orders: WorkerOrder[] = []
  const control = composeControl(config, {
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    redactor,
    version: '1.2.3',
    writeLine: () => {},
    startedAt: 1,
    tellWorker: (order) => orders.push(order),
    listens: () => new Map(),
  })
  onTestFinished(async () => {
    await control.drain('the test is over')
    await control.stop()
  })
  control.hear({ type: 'weights-wanted' })
  expect(orders).toEqual([])
  await control.start()
  const weights = () => orders.filter(({ type }) => type === 'target-weight')
  await until(() => weights().length === 1, 'the advice')
  control.hear({ type: 'weights-wanted' })
  const wanted = { type: 'target-weight', targetId: 'shop/a', weight: 0.5 }
  expect(weights()).toEqual([wanted, wanted])
})
