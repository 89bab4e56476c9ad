import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock, systemRandom } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { startOrigin } from './compose.fixture.ts'
import { composeWorker, type Worker } from './compose-worker.ts'
import { parseConfig } from './config/load.ts'
import type { WorkerNews } from './process/messages.ts'

interface Running {
  readonly worker: Worker
  readonly news: WorkerNews[]
  /** Sends it to a proxy, and gives back what comes until the end. */
  readonly ask: (proxy: string, request: string) => Promise<string>
}

async function start(origin: string, proxies: readonly string[]): Promise<Running> {
  const written = proxies.map((more, index) => `  - { name: web-${index}, listen: "127.0.0.1:0", pool: shop, ${more} }`)
  const yaml = `pools: { shop: { targets: [{ name: a, url: "${origin}" }] } }\nproxies:\n${written.join('\n')}\n`
  const { config } = await parseConfig(yaml, { file: 'hotspare.yaml', env: {}, hostname: 'h' })
  const news: WorkerNews[] = []
  const surroundings = { clock: systemClock, random: systemRandom, logger: silentLogger, tell: (each: WorkerNews) => void news.push(each) }
  const worker = composeWorker(config, surroundings)
  onTestFinished(() => worker.stop())
  await worker.start()
  const ask = (proxy: string, request: string) =>
    new Promise<string>((resolve) => {
      let received = ''
      const socket = connect(worker.listens().get(proxy)?.port ?? 0, '127.0.0.1', () => socket.write(request))
      socket.on('data', (data) => (received += data.toString('latin1'))).on('error', () => {})
      socket.once('close', () => resolve(received))
    })
  return { worker, news, ask }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: test/1 "x"\r\nConnection: close\r\n\r\n`

async function scraped({ worker, news }: Running): Promise<string> {
  worker.hear({ type: 'report-wanted', id: 7, withMetrics: true })
  await until(() => news.some((each) => each.type === 'report'), 'the report')
  return JSON.stringify(news.find((each) => each.type === 'report'))
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hotspare-access-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const lines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [])

it('every request of every proxy is a line of the log that it has, once the worker has stopped', async () => {
  const [json, plus] = [join(folder(), 'a.json'), join(folder(), 'b.log')]
  const shared = `accessLog: { file: ${json}, format: json }`
  const running = await start((await startOrigin('a')).url, [
    shared,
    shared,
    `accessLog: { file: ${plus}, format: combined+ }`,
    'attempts: 1',
  ])
  for (const proxy of ['web-0', 'web-1', 'web-2', 'web-3']) expect(await running.ask(proxy, get(`/${proxy}`))).toMatch(/^HTTP\/1\.1 200 /)
  await running.ask('web-2', 'what is this\r\n\r\n')
  await running.worker.stop()
  expect(lines(json).map((line) => JSON.parse(line))).toMatchObject([
    { 'url.original': '/web-0', 'hotspare.proxy': 'web-0', 'hotspare.target': 'shop/a', 'user_agent.original': 'test/1 "x"' },
    { 'url.original': '/web-1', 'hotspare.proxy': 'web-1' },
  ])
  expect(lines(plus)).toEqual([
    expect.stringMatching(/"GET \/web-2 HTTP\/1\.1" 200 \d+ "-" "test\/1 \\x22x\\x22" 0\.\d{3} 0\.\d{3} "shop\/a" 1 answered -$/),
    expect.stringMatching(/"what is this" 400 \d+ "-" "-" 0\.\d{3} - "-" 0 refused bad-request$/),
  ])
})

it('a log that cannot be written costs no request, and its lines are counted', async () => {
  const running = await start((await startOrigin('a')).url, ['accessLog: { file: /dev/full }'])
  for (let count = 0; count < 3; count += 1) expect(await running.ask('web-0', get('/'))).toMatch(/^HTTP\/1\.1 200 /)
  expect(await scraped(running)).toMatch(/"hotspare_access_log_lines_total".*?"value":3/)
})

it('limits of the file hold: a body is too large, and a target is full', async () => {
  const origin = await startOrigin('a', () => new Promise(() => {}))
  const limits = 'limits: { body: 10B, connectionsPerTarget: 1, waitingPerTarget: 0 }, attempts: 1, timeouts: { drain: 0s }'
  const running = await start(origin.url, [limits])
  expect(await running.ask('web-0', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n')).toMatch(/^HTTP\/1\.1 413 /)
  void running.ask('web-0', get('/slow'))
  await until(() => origin.served() === 1, 'the request is there')
  expect(await running.ask('web-0', get('/'))).toMatch(/^HTTP\/1\.1 503 /)
  const metrics = await scraped(running)
  expect(metrics).toContain('"reason":"body-too-large","blame":"client"')
  expect(metrics).toContain('"target":"shop/a","result":"full"')
})
