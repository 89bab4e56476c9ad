import { connect as connectTls } from 'node:tls'
import { connect, createServer, type Server } from 'node:net'
import { seededRandom, silentLogger, systemClock } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { composeWorker, type Worker } from './compose-worker.ts'
import { parseConfig } from './config/load.ts'
import type { WorkerNews } from './process/messages.ts'

/** A server that says its name as soon as it has heard something. */
async function startTarget(name: string, reached: string[] = []): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      reached.push(name)
      socket.end(name)
    })
  })
  return listening(server)
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function startWorker(yaml: string): Promise<{ readonly worker: Worker; readonly news: WorkerNews[]; readonly port: number }> {
  const { config } = await parseConfig(yaml, { file: 'f', env: {}, hostname: 'h' })
  const news: WorkerNews[] = []
  const tell = (each: WorkerNews) => void news.push(each)
  const worker = composeWorker(config, { clock: systemClock, random: seededRandom(1), logger: silentLogger, tell })
  await worker.start()
  onTestFinished(() => worker.stop())
  for (const { targets } of config.pools) for (const { id } of targets) worker.hear({ type: 'target-state', targetId: id, state: 'up' })
  return { worker, news, port: [...worker.listens().values()][0]?.port ?? 0 }
}

/** A client of TLS comes and is turned away again, by whomever it has reached: the targets do not speak TLS. */
function comes(port: number, servername?: string): Promise<void> {
  return new Promise((resolve) => {
    const tls = connectTls({ port, host: '127.0.0.1', ...(servername === undefined ? {} : { servername }) })
    tls.on('error', () => {})
    tls.on('close', () => resolve())
  })
}

it('clients get the pool of the name that they ask for, and those whom no pool is for are refused', async () => {
  const reached: string[] = []
  const [first, second] = [await startTarget('first', reached), await startTarget('second', reached)]
  const { port, worker, news } = await startWorker(`pools:
  a: { targets: ["tcp://127.0.0.1:${first}"] }
  b: { targets: ["tcp://127.0.0.1:${second}"] }
proxies:
  - { listen: "127.0.0.1:0", mode: tcp, serverNames: [{ name: a.example, pool: a }, { name: "*.example", pool: b }] }
`)
  for (const name of ['a.example', 'A.Example', 'x.y.example']) await comes(port, name)
  expect(reached).toEqual(['first', 'first', 'second'])
  for (const name of ['example', undefined]) await comes(port, name)
  worker.hear({ type: 'pool-maintenance', pool: 'a', word: { since: 0, because: 'a test' } })
  await comes(port, 'a.example')
  expect(reached).toHaveLength(3)
  await worker.stop()
  const failed = news.flatMap((each) => (each.type === 'traffic-event' && each.event.type === 'requests-failed' ? [each.event] : []))
  expect(failed.reduce((sum, { count }) => sum + count, 0)).toBe(3)
})

it('attempts count for the health of targets, and connections for their load, until nothing is left', async () => {
  const gone = createServer()
  const dead = await listening(gone)
  await new Promise((resolve) => gone.close(resolve))
  const alive = await startTarget('alive')
  const { port, worker, news } = await startWorker(`pools:
  a: { targets: [{ url: "tcp://127.0.0.1:${dead}" }, { url: "tcp://127.0.0.1:${alive}", tier: 1 }] }
proxies:
  - { listen: "127.0.0.1:0", mode: tcp, pool: a }
`)
  const client = connect(port, '127.0.0.1')
  client.on('error', () => {})
  onTestFinished(() => void client.destroy())
  const report = () => {
    worker.hear({ type: 'report-wanted', id: 1, withMetrics: false })
    return news.flatMap((each) => (each.type === 'report' ? [each.report] : [])).at(-1)
  }
  await until(() => report()?.pools[0]?.loads[1]?.active === 1, 'the connection')
  expect(report()?.proxies).toMatchObject([{ active: 1 }])
  const traffic = () => news.filter(({ type }) => type === 'traffic')
  await until(() => traffic().length === 2, 'what both attempts have shown')
  expect(traffic()).toMatchObject([
    { targetId: `a/127.0.0.1:${dead}`, ok: false, detail: expect.stringMatching(/^refused: /) },
    { targetId: `a/127.0.0.1:${alive}`, ok: true },
  ])
  let said = ''
  client.on('data', (data) => (said += data.toString()))
  client.write('hello')
  await until(() => said === 'alive', 'the answer')
  client.end()
  await until(() => report()?.proxies[0]?.active === 0, 'the end')
  expect(report()?.pools[0]?.loads.map(({ active }) => active)).toEqual([0, 0])
})
