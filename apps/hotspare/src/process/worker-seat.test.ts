import { silentLogger, systemClock } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import { programThat } from './seats.fixture.ts'
import { WorkerSeat } from './worker-seat.ts'

const PROGRAM = `
if (message.type === 'start') {
  const before = message.certificates.get('web')
  if (before) say({ type: 'log', level: 'info', fields: { pid: process.pid, message: { type: 'begins with ' + before[0].cert } }, message: '' })
  say({ type: 'certificates-shown', proxy: 'web', certificates: [{ cert: 'PEM', key: 'KEY' }] })
}
if (message.type === 'start' && message.states.get('site/a') !== 'down') started()
if (message.type === 'retire' || message.type === 'stop') setTimeout(() => process.exit(0), 100)
`

interface Seat {
  readonly workers: WorkerSeat
  /** `pid type` of all that a worker was told; a star where the worker served when it said so. */
  readonly told: string[]
  readonly retired: number[]
  readonly config: Config
  readonly pid: () => number | undefined
  /** What control has said of each target. */
  readonly states: Map<string, 'up' | 'down'>
}

async function seatOf(): Promise<Seat> {
  const yaml = 'pools: { site: { targets: ["http://10.0.0.1"] } }\nproxies: [ { name: web, listen: ":0", pool: site } ]'
  const { config } = await parseConfig(yaml, { file: 'x.yaml', env: {}, hostname: 'web-1' })
  const told: string[] = []
  const retired: number[] = []
  const states = new Map<string, 'up' | 'down'>()
  const workers = new WorkerSeat({
    program: programThat(PROGRAM),
    clock: systemClock,
    random: { next: () => 0 },
    logger: silentLogger,
    begin(send, terms, knows, certificates) {
      const known = new Map([...states].filter(([id]) => knows(id)))
      send({ type: 'start', config: terms.config, states: known, ticketKeys: new Uint8Array(), certificates })
    },
    hear(news, serves) {
      if (news.type !== 'log') return
      const { pid, message } = news.fields as { pid: number; message: { type: string; order?: { targetId?: string } } }
      told.push(`${pid} ${message.type}${message.order?.targetId ? ` ${message.order.targetId}` : ''}${serves ? '*' : ''}`)
    },
    ended: (because) => told.push(`ended: ${because}`),
    startedAgain: () => told.push('started again'),
    retired: (pid) => retired.push(pid),
  })
  onTestFinished(async () => {
    workers.kill()
    await workers.end('the test has ended')
  })
  return { workers, told, retired, config, states, pid: () => workers.facts()[0]?.pid }
}

const terms = (config: Config, ...same: string[]) => ({ config, sockets: new Map(), sameTargets: new Set(same) })
const patience = () => ({ signal: AbortSignal.timeout(20_000) })

it('leaves the worker that serves alone when the next one does not come up, and nothing of that one', async () => {
  const { workers, told, config, states, pid } = await seatOf()
  await workers.start(terms(config))
  const first = pid()
  states.set('site/a', 'down')
  const stop = new AbortController()
  const prepared = workers.prepare(terms(config, 'site/a'), stop)
  let candidate = 0
  await until(() => {
    candidate = Number(told.find((line) => line.endsWith(' start') && !line.startsWith(String(first)))?.split(' ')[0] ?? 0)
    return candidate > 0
  }, 'the next one, which does not come up')
  stop.abort(new Error('the daemon stops'))
  await expect(prepared).rejects.toThrow('the daemon stops')
  await until(() => !isThere(candidate), 'its end')
  expect([pid(), workers.facts().length]).toEqual([first, 1])
  expect(told.filter((line) => /ended|again/.test(line))).toEqual([])
})

it('has the last one drain once the next one is at work, and tells each what is true of its own targets', async () => {
  const { workers, told, retired, config, states, pid } = await seatOf()
  await workers.start(terms(config))
  const first = pid()
  // Under the same name, another target: nothing is known of it.
  states.set('site/a', 'down')
  await workers.prepare(terms(config, 'site/b'), patience())
  expect(pid()).toBe(first)
  for (const targetId of ['site/a', 'site/b']) workers.tell({ type: 'target-state', targetId, state: 'down' })
  workers.follow(['web'], new Set(['site/b']))
  const second = pid()
  expect(second).not.toBe(first)
  expect(workers.facts().map(({ name, pid: each }) => [name, each])).toEqual([
    ['worker', second],
    ['worker-retiring-1', first],
  ])
  for (const targetId of ['site/a', 'site/b']) workers.tell({ type: 'probe-passed', targetId })
  workers.tell({ type: 'report-wanted', id: 1, withMetrics: false })
  await until(() => retired.length === 1, 'the end of the last one')
  await until(() => told.filter((line) => line.startsWith(`${second} from`)).length === 4, 'all that the next one was told')
  const linesOf = (of: number | undefined) =>
    told.filter((line) => line.startsWith(`${of} `)).map((line) => line.replace(`${of} `, '').replace('*', ''))
  expect(linesOf(first)).toEqual(['start', 'from-control site/a', 'from-control site/b', 'retire', 'from-control site/b'])
  expect(linesOf(second)).toEqual(['start', 'from-control site/b', 'from-control site/a', 'from-control site/b', 'from-control'])
  // Whoever drains does not speak for the daemon any more, and nobody starts it again.
  expect(told).toContain(`${first} retire`)
  expect(retired).toEqual([first])
  expect(told.filter((line) => /ended|again/.test(line))).toEqual([])
})

it('gives a worker that is started again what it has shown, and none that follows it', async () => {
  const { workers, told, config, pid } = await seatOf()
  await workers.start(terms(config))
  process.kill(pid() ?? 0, 'SIGKILL')
  await until(() => told.includes('started again'), 'the next life')
  const shown = () => told.filter((line) => line.includes(' begins with '))
  expect(shown()).toEqual([`${pid()} begins with PEM*`])
  await workers.prepare(terms(config), patience())
  expect(shown()).toHaveLength(1)
})

it('has nobody serve where there is nothing to serve any more', async () => {
  const { workers, retired, config, pid } = await seatOf()
  await workers.start(terms(config))
  const first = pid()
  await workers.prepare(terms({ ...config, proxies: [] }), patience())
  workers.follow([], new Set())
  await until(() => retired.length === 1, 'its end')
  expect([retired, workers.facts()]).toEqual([[first], []])
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
