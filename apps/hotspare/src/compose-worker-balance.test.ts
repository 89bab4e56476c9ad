import { createServer } from 'node:http'
import { seededRandom, silentLogger, type TargetState } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { Agent, request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { composeWorker, type Worker } from './compose-worker.ts'
import { parseConfig } from './config/load.ts'
import type { WorkerNews } from './process/messages.ts'

interface Held {
  readonly url: string
  /** Requests that wait for `release`. */
  readonly waiting: () => number
  readonly release: () => void
}

/** An origin that answers with its name; below `/hold` when the test says so. */
async function origin(name: string): Promise<Held> {
  const held: (() => void)[] = []
  const server = createServer(({ url = '' }, response) => {
    if (url.startsWith('/hold')) held.push(() => response.end(name))
    else response.end(name)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, waiting: () => held.length, release: () => held.splice(0).forEach((answer) => answer()) }
}

interface Running {
  readonly worker: Worker
  readonly clock: TestClock
  readonly news: WorkerNews[]
  readonly setState: (name: string, state: TargetState) => void
  /** Who answers; a status, where it is the proxy itself. */
  readonly ask: (headers?: Readonly<Record<string, string>>, path?: string) => Promise<string>
  /** How often each of so many requests, one after the other, was answered by whom. */
  readonly shares: (count: number) => Promise<Readonly<Record<string, number>>>
}

/** A worker of the clock of the test, with real requests; all targets are up. */
async function start(targets: string, rest: string): Promise<Running> {
  const yaml = `
pools: { shop: { targets: [${targets}], outliers: false, ${rest} } }
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop }]`
  const { config } = await parseConfig(yaml, { file: 'f', env: {}, hostname: 'h' })
  const clock = new TestClock()
  const news: WorkerNews[] = []
  const states = new Map(config.pools[0]!.targets.map(({ id }) => [id, 'up' as const]))
  const worker = composeWorker(config, { clock, random: seededRandom(1), logger: silentLogger, tell: (each) => news.push(each), states })
  await worker.start()
  const agent = new Agent()
  onTestFinished(async () => {
    await agent.destroy()
    const stopping = worker.stop()
    // Its pauses are of the clock of the test.
    for (let count = 0; count < 5; count++) await clock.advance(60_000)
    await stopping
  })
  const ask: Running['ask'] = async (headers = {}, path = '/') => {
    const { statusCode, body } = await request(`http://127.0.0.1:${worker.listens().get('web')?.port}${path}`, {
      dispatcher: agent,
      headers,
    })
    const text = await body.text()
    return statusCode === 200 ? text : String(statusCode)
  }
  return {
    worker,
    clock,
    news,
    ask,
    setState: (name, state) => worker.hear({ type: 'target-state', targetId: `shop/${name}`, state }),
    async shares(count) {
      const counted: Record<string, number> = {}
      for (let each = 0; each < count; each++) {
        await clock.advance(1)
        const who = await ask()
        counted[who] = (counted[who] ?? 0) + 1
      }
      return counted
    },
  }
}

const target = (name: string, { url }: Held, more = '') => `{ name: ${name}, url: "${url}"${more} }`

describe('a limit', () => {
  it('without a queue costs who comes too many a 503; the reason is told', async () => {
    const a = await origin('a')
    const { ask, clock, news } = await start(target('a', a, ', limit: 1'), 'balance: round-robin')
    const first = ask({}, '/hold')
    await until(() => a.waiting() === 1, 'the request is there')
    expect(await ask()).toBe('503')
    a.release()
    expect(await first).toBe('a')
    expect(await ask()).toBe('a')
    await clock.advance(1_000)
    const failed = news.flatMap((each) => (each.type === 'traffic-event' && each.event.type === 'requests-failed' ? [each.event] : []))
    expect(failed).toMatchObject([{ proxy: 'web', count: 1, because: 'pool shop: no target may be used, or none has room' }])
  })

  it('with a queue costs nobody anything while a slot frees in time', async () => {
    const a = await origin('a')
    const { ask } = await start(target('a', a, ', limit: 2'), 'queue: { size: 10, timeout: 20s }')
    let answered = 0
    const all = Array.from({ length: 8 }, async () => {
      const who = await ask({}, '/hold')
      answered += 1
      return who
    })
    while (answered < all.length) {
      await until(() => a.waiting() === Math.min(2, all.length - answered), 'as many as may are there')
      const before = answered
      a.release()
      await until(() => answered > before, 'an answer')
      // Never more than two at a time.
      expect(a.waiting()).toBeLessThanOrEqual(2)
    }
    expect(await Promise.all(all)).toEqual(Array(8).fill('a'))
  })

  it('sends away who finds the queue full, and who has waited for too long', async () => {
    const a = await origin('a')
    const { ask, clock, worker, news } = await start(target('a', a, ', limit: 1'), 'queue: { size: 1, timeout: 5s }')
    const first = ask({}, '/hold')
    await until(() => a.waiting() === 1, 'the request is there')
    const second = ask()
    const report = () => {
      worker.hear({ type: 'report-wanted', id: 1, withMetrics: false })
      const last = news.at(-1)
      return last?.type === 'report' ? last.report.pools[0] : undefined
    }
    await until(() => report()?.waiting === 1, 'the second waits')
    expect(await ask()).toBe('503')
    await clock.advance(5_000)
    expect(await second).toBe('503')
    a.release()
    expect(await first).toBe('a')
  })
})

describe('a slow start', () => {
  it('gives a target that comes back a share that rises, and the others the rest', async () => {
    const [a, b] = [await origin('a'), await origin('b')]
    const { shares, setState, clock } = await start(`${target('a', a)}, ${target('b', b)}`, 'balance: round-robin, slowStart: 100s')
    expect(await shares(20)).toEqual({ a: 10, b: 10 })
    setState('b', 'down')
    expect(await shares(10)).toEqual({ a: 10 })
    setState('b', 'up')
    const rising: number[] = []
    for (const advanceMs of [0, 25_000, 25_000, 50_000]) {
      await clock.advance(advanceMs)
      rising.push((await shares(60))['b'] ?? 0)
    }
    // Weights of 0.1, 0.25, 0.5 and 1 beside 1.
    for (const [index, expected] of [5.5, 12, 20, 30].entries()) expect(Math.abs(rising[index]! - expected)).toBeLessThanOrEqual(2)
  })

  it('gives a tier its traffic back step by step, also where keys decide; no key goes there and back again', async () => {
    const [a, spare] = [await origin('a'), await origin('spare')]
    const key = 'balance: { algorithm: maglev, key: { from: header, name: x-user } }'
    const { ask, setState, clock } = await start(`${target('a', a)}, ${target('spare', spare, ', tier: 1')}`, `${key}, slowStart: 100s`)
    setState('a', 'down')
    setState('a', 'up')
    const back = new Set<number>()
    const gone: number[] = []
    const counts: number[] = []
    for (const advanceMs of [0, 50_000, 50_000]) {
      await clock.advance(advanceMs)
      for (let user = 0; user < 100; user++) {
        const who = await ask({ 'x-user': `user ${user}` })
        if (who === 'a') back.add(user)
        else if (back.has(user)) gone.push(user)
      }
      counts.push(back.size)
    }
    expect(gone).toEqual([])
    expect(counts[0]).toBeLessThan(30)
    expect(counts[1]).toBeGreaterThan(30)
    expect(counts[1]).toBeLessThan(70)
    expect(counts[2]).toBe(100)
  })
})

describe('tiers and zones', () => {
  it('share as the factor says, once too few of a tier are healthy', async () => {
    const names = ['a', 'b', 'spare']
    const origins = await Promise.all(names.map(origin))
    const targets = names.map((name, index) => target(name, origins[index]!, index === 2 ? ', tier: 1' : '')).join(', ')
    const { shares, setState } = await start(targets, 'balance: round-robin, overprovisioningFactor: 1.4')
    expect(await shares(10)).toEqual({ a: 5, b: 5 })
    setState('b', 'down')
    expect(await shares(100)).toEqual({ a: 70, spare: 30 })
  })

  it('divide by the weights of the zones', async () => {
    const [a, b] = [await origin('a'), await origin('b')]
    const { shares } = await start(
      `${target('a', a, ', zone: fra')}, ${target('b', b, ', zone: ams')}`,
      'balance: round-robin, zones: { fra: 3, ams: 1 }',
    )
    expect(await shares(40)).toEqual({ a: 30, b: 10 })
  })

  it('try nobody who is down where the file says so', async () => {
    const a = await origin('a')
    const calm = await start(target('a', a), 'panic: false')
    calm.setState('a', 'down')
    expect(await calm.ask()).toBe('503')
    const usual = await start(target('a', a), 'panic: true')
    usual.setState('a', 'down')
    expect(await usual.ask()).toBe('a')
  })
})

describe('what algorithms learn', () => {
  it('peak-ewma: who fails quickly draws no traffic', async () => {
    const works = await origin('works')
    const broken = createServer((_request, response) => response.writeHead(500).end())
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      broken.close()
      broken.closeAllConnections()
    })
    const address = broken.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    const { shares } = await start(`${target('works', works)}, { name: broken, url: "${url}" }`, 'balance: peak-ewma')
    const counted = await shares(50)
    // Once it has answered, it is known.
    expect(counted['500'] ?? 0).toBeLessThanOrEqual(1)
    expect(counted['works']).toBeGreaterThanOrEqual(49)
  })

  it('least-request: who has requests under way gets fewer', async () => {
    const [a, b] = [await origin('a'), await origin('b')]
    const { ask, shares } = await start(`${target('a', a)}, ${target('b', b)}`, 'balance: least-request')
    const held = ask({}, '/hold')
    await until(() => a.waiting() + b.waiting() === 1, 'the request is there')
    const [busy, idle] = a.waiting() === 1 ? [a, 'b'] : [b, 'a']
    expect(await shares(20)).toEqual({ [idle]: 20 })
    busy.release()
    await held
  })

  it('bounded load: a key that is much asked for goes elsewhere as well', async () => {
    const [a, b] = [await origin('a'), await origin('b')]
    const bounded = 'balance: { algorithm: rendezvous, boundedLoad: 100, key: { from: header, name: x-user } }'
    const { ask } = await start(`${target('a', a)}, ${target('b', b)}`, bounded)
    const held = Array.from({ length: 6 }, () => ask({ 'x-user': 'popular' }, '/hold'))
    await until(() => a.waiting() + b.waiting() === 6, 'all are there')
    expect([a.waiting(), b.waiting()]).toEqual([3, 3])
    a.release()
    b.release()
    await Promise.all(held)
  })
})
