import { silentLogger, systemClock, systemRandom } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { startOrigin, startReceiver } from './compose.fixture.ts'
import { composeControl, type Control } from './compose-control.ts'
import { parseConfig } from './config/load.ts'
import type { LastWord, LastWords, WorkerOrder } from './process/messages.ts'

interface Running {
  readonly control: Control
  readonly orders: WorkerOrder[]
  readonly words: LastWord[]
}

async function start(targets: string, more: { alerts?: string; lastWords?: LastWords; initial?: string } = {}): Promise<Running> {
  const yaml = `
api: { listen: "127.0.0.1:0" }
pools: { shop: { targets: [${targets}], health: { ${more.initial ?? ''}type: http, path: /healthz, interval: 50ms, timeout: 5s, fall: 2, rise: 2 } } }
${more.alerts ?? ''}`
  const { config, redactor } = await parseConfig(yaml, { file: 'hotspare.yaml', env: {}, hostname: 'h' })
  const orders: WorkerOrder[] = []
  const words: LastWord[] = []
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
    lastWords: more.lastWords,
    remember: (word) => words.push(structuredClone(word)),
  })
  onTestFinished(async () => {
    await control.drain('the test is over')
    await control.stop()
  })
  await control.start()
  return { control, orders, words }
}

const url = ({ url: origin }: { readonly url: string }, name: string) => `{ name: ${name}, url: "${origin}" }`
const states = (orders: readonly WorkerOrder[]) =>
  orders.flatMap((order) => (order.type === 'target-state' ? [`${order.targetId} ${order.state}`] : []))

it('a control that has only been started tells the worker nothing of what it does not know', async () => {
  const [a, b] = [await startOrigin('a'), await startOrigin('b')]
  await b.kill()
  const { orders, control } = await start(`${url(a, 'a')}, ${url(b, 'b')}`)
  await until(() => control.timeline.entries().some(({ type }) => type === 'daemon-ready'), 'all known')
  expect(states(orders).toSorted()).toEqual(['shop/a up', 'shop/b down'])
  expect(orders).toContainEqual(expect.objectContaining({ targetId: 'shop/b', downBecause: expect.stringContaining('connection refused') }))
})

it('what people have decided before stands from the first moment, and what they decide now is remembered', async () => {
  const a = await startOrigin('a')
  const verdict = { state: 'draining', since: 5, because: 'drained through the API' } as const
  const { control, orders, words } = await start(url(a, 'a'), {
    lastWords: { admin: new Map([['shop/a', verdict]]), firing: new Map() },
  })
  await control.open()
  const target = async (method = 'GET') =>
    (
      await fetch(`http://127.0.0.1:${control.apiAddress?.port}/api/v1/targets/shop%2Fa${method === 'GET' ? '' : '/drain'}`, { method })
    ).json()
  expect(await target()).toMatchObject({ target: verdict })
  await until(() => states(orders).length > 0, 'a verdict')
  expect(states(orders)).toEqual(['shop/a draining'])
  await target('DELETE')
  await target('POST')
  expect(words).toMatchObject([
    { type: 'admin-set', targetId: 'shop/a', verdict: undefined },
    { type: 'admin-set', targetId: 'shop/a', verdict: { state: 'draining' } },
  ])
})

it('an alarm is remembered when somebody has it, and not before', async () => {
  const [a, receiver] = [await startOrigin('a'), await startReceiver()]
  const alerts = `alerts: { channels: { ops: { type: webhook, url: "${receiver.url}" }, nobody: { type: webhook, url: "http://127.0.0.1:1/" } }, routes: [{ match: { severity: critical }, to: [nobody] }, { match: { severity: warning }, to: [ops, nobody] }] }`
  const b = await startOrigin('b')
  const { control, words } = await start(`${url(a, 'a')}, ${url(b, 'b')}`, { alerts })
  await until(() => control.timeline.entries().some(({ type }) => type === 'daemon-ready'), 'all known')
  await a.kill()
  await until(() => words.length > 0, 'the word for the next control')
  await b.kill()
  await until(() => control.timeline.entries().filter(({ type }) => type === 'alert-delayed').length >= 2, 'two that did not arrive')
  expect(words).toEqual([{ type: 'alert-firing', key: 'target/shop/a', severity: 'warning' }])
})

it('an alarm of the control before is not raised again, and its end is told', async () => {
  const [a, receiver] = [await startOrigin('a'), await startReceiver()]
  const alerts = `alerts: { channels: { ops: { type: webhook, url: "${receiver.url}" } } }`
  await a.kill()
  const { control, words } = await start(url(a, 'a'), {
    alerts,
    lastWords: { admin: new Map(), firing: new Map([['target/shop/a', 'critical']]) },
  })
  await until(() => control.timeline.entries().some(({ type }) => type === 'target-down'), 'it is down')
  await a.start()
  await until(() => receiver.alerts.length > 0, 'the all-clear')
  expect(receiver.alerts).toMatchObject([{ status: 'resolved', severity: 'critical' }])
  await until(() => words.length > 0, 'the word for the next control')
  expect(words).toEqual([{ type: 'alert-firing', key: 'target/shop/a', severity: undefined }])
})

it('a state that the file begins with is told at once, and only where nobody knows better', async () => {
  const [a, b] = [await startOrigin('a'), await startOrigin('b')]
  await b.kill()
  const initial = 'initial: up, '
  const fresh = await start(`${url(a, 'a')}, ${url(b, 'b')}`, { initial })
  expect(states(fresh.orders)).toEqual(['shop/a up', 'shop/b up'])
  expect(fresh.control.timeline.entries().some(({ type }) => type === 'daemon-ready')).toBe(true)
  await until(() => states(fresh.orders).includes('shop/b down'), 'the dead one is found out')

  const known = new Map([
    ['shop/a', 'up'],
    ['shop/b', 'down'],
  ] as const)
  const second = await start(`${url(a, 'a')}, ${url(b, 'b')}`, {
    initial,
    lastWords: { admin: new Map(), firing: new Map(), states: known },
  })
  await second.control.open()
  const target = async () => (await fetch(`http://127.0.0.1:${second.control.apiAddress?.port}/api/v1/targets/shop%2Fb`)).json()
  await until(async () => ((await target()) as { history: unknown[] }).history.length >= 1, 'the next control has looked')
  expect(await target()).toMatchObject({ target: { state: 'down' } })
  expect(states(second.orders)).toEqual([])
  await b.start()
  await until(() => states(second.orders).includes('shop/b up'), 'it is up again')
})
