import { createServer } from 'node:net'
import { silentLogger, systemClock, systemRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import { parseConfig } from '../config/load.ts'
import type { StandingChange } from './standings.ts'
import { openWatch, type Watch, type WatchOptions } from './watch.ts'

async function watchOf(
  yaml: string,
  options: Partial<WatchOptions> = {},
): Promise<{ readonly watch: Watch; readonly changes: StandingChange[] }> {
  const { config } = await parseConfig(yaml, { file: 'hotspare.yaml', env: {}, hostname: 'h' })
  const watch = openWatch({ config, clock: systemClock, random: systemRandom, logger: silentLogger, ...options })
  const changes: StandingChange[] = []
  watch.standings.subscribe((change) => changes.push(change))
  await watch.start()
  onTestFinished(() => watch.stop())
  return { watch, changes }
}

const healthOf = (changes: readonly StandingChange[]) =>
  changes.flatMap((change) => (change.type === 'health-changed' ? [change.verdict.state] : []))

it('a job is unknown until it reports, up while its report holds, late, and then missed', async () => {
  const clock = new TestClock()
  const { watch, changes } = await watchOf('checks: { backup: { type: push, ttl: 60s, grace: 20s, interval: 10s } }', { clock })
  await clock.advance(30_000)
  expect(watch.standings.get('backup')?.verdict.state).toBe('unknown')
  watch.jobs.get('backup')?.report({ outcome: 'pass', detail: '312 rows' })
  await clock.advance(50_000)
  expect(healthOf(changes)).toEqual(['up'])
  await clock.advance(60_000)
  expect(healthOf(changes)).toEqual(['up', 'degraded', 'down'])
  watch.jobs.get('backup')?.report({ outcome: 'fail', detail: 'disk full' })
  watch.jobs.get('backup')?.report({ outcome: 'pass' })
  await clock.advance(20_000)
  expect(healthOf(changes).at(-1)).toBe('up')
})

it('a report is as old after a restart of control as it was before', async () => {
  const clock = new TestClock()
  const reports = new Map([['backup', { outcome: 'pass', ageMs: 50_000 } as const]])
  const { watch } = await watchOf('checks: { backup: { type: push, ttl: 60s, interval: 1s } }', { clock, reports })
  await clock.advance(2_000)
  expect(watch.standings.get('backup')?.verdict.state).toBe('up')
  await clock.advance(10_000)
  expect(watch.standings.get('backup')?.verdict.state).toBe('down')
})

it('a limit makes what passes degraded, with hysteresis, and says so', async () => {
  const clock = new TestClock()
  const yaml = `checks: { import: { type: push, ttl: 1h, interval: 1s, thresholds: [{ name: rows, measure: rows-count, direction: below, enter: 100, leave: 150 }] } }`
  const { watch, changes } = await watchOf(yaml, { clock })
  const told: string[] = []
  watch.thresholds.subscribe(({ type, threshold, value }) => told.push(`${type} ${threshold} ${value}`))
  for (const rows of [200, 90, 120, 160]) {
    watch.jobs.get('import')?.report({ outcome: 'pass', measures: { 'rows-count': rows } })
    await clock.advance(3_000)
  }
  expect(told).toEqual(['threshold-exceeded rows 90', 'threshold-cleared rows 160'])
  expect(healthOf(changes)).toEqual(['up', 'degraded', 'up'])
  expect(watch.thresholds.list('import')).toMatchObject([{ state: 'normal', value: 160 }])
})

/** A server that says `word` to whoever connects, and what has been asked of it. */
async function agentSaying(word: () => string): Promise<{ readonly port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}).end(`${word()}\n`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0 }
}

it('an agent beside the probe is heard on weight, wish and down, and its silence is not', async () => {
  let word = '50%'
  const agent = await agentSaying(() => word)
  const target = await agentSaying(() => 'hello')
  const yaml = `pools: { shop: { targets: ["http://127.0.0.1:${target.port}"], health: { type: tcp, interval: 50ms, timeout: 5s, agent: { port: ${agent.port}, interval: 50ms } } } }`
  const { watch } = await watchOf(yaml)
  const id = `shop/127.0.0.1:${target.port}`
  const standing = () => watch.standings.get(id)!
  await until(() => standing().verdict.state === 'up' && standing().weight === 0.5, 'it is up with half its weight')
  word = 'maint'
  await until(() => standing().wish?.state === 'maintenance', 'it asks for maintenance')
  word = 'ready'
  await until(() => standing().wish === undefined, 'it is ready again')
  word = 'down #disk'
  await until(() => standing().verdict.state === 'down', 'its agent calls it down')
  expect(standing().verdict.because).toMatch(/^its agent says so: /)
  word = 'up 100%'
  await until(() => standing().verdict.state === 'up' && standing().weight === 1, 'it is up with all its weight')
  word = ''
  const before = standing().verdict
  await until(() => watch.agentOf(id)?.lastResult?.outcome === 'inconclusive', 'the agent is silent')
  expect(standing().verdict).toEqual(before)
})

it('a target whose agent cannot be asked is judged by its probe', async () => {
  const target = await agentSaying(() => 'hello')
  const yaml = `pools: { shop: { targets: ["http://127.0.0.1:${target.port}"], health: { type: tcp, interval: 50ms, timeout: 5s, agent: { port: 1, interval: 50ms } } } }`
  const { watch } = await watchOf(yaml)
  const standing = () => watch.standings.get(`shop/127.0.0.1:${target.port}`)
  await until(() => standing()?.verdict.state === 'up', 'it is up')
  expect(standing()?.weight).toBeUndefined()
})

it('what is taken to be down at the start is proven to be so, or not, like anything else', async () => {
  const target = await agentSaying(() => 'hello')
  const check = (name: string, port: number) =>
    `${name}: { type: tcp, address: "127.0.0.1:${port}", interval: 50ms, timeout: 5s, initial: down }`
  const { watch } = await watchOf(`checks: { ${check('dead', 1)}, ${check('alive', target.port)} }`)
  const standing = (name: string) => watch.standings.get(name)!
  expect([standing('dead').isProven, standing('alive').isProven]).toEqual([false, false])
  await until(() => standing('dead').isProven && standing('alive').isProven, 'both are proven')
  expect([standing('dead').verdict.state, standing('alive').verdict.state]).toEqual(['down', 'up'])
})
