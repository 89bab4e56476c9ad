import { silentLogger, systemClock, systemRandom, type TargetState } from '@hotspare/core'
import { Agent, request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from './api-server.fixture.ts'
import { type Origin, startOrigin } from './compose.fixture.ts'
import { composeWorker, type Worker } from './compose-worker.ts'
import { parseConfig } from './config/load.ts'
import type { WorkerNews } from './process/messages.ts'

interface Running {
  readonly worker: Worker
  readonly news: WorkerNews[]
  readonly ask: (path?: string) => Promise<string>
}

async function start(origins: readonly Origin[], states?: ReadonlyMap<string, TargetState>): Promise<Running> {
  const targets = origins.map(({ url }, index) => `{ name: "${index}", url: "${url}" }`).join(', ')
  const yaml = `
pools: { shop: { targets: [${targets}], balance: round-robin } }
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop }]`
  const { config } = await parseConfig(yaml, { file: 'hotspare.yaml', env: {}, hostname: 'h' })
  const news: WorkerNews[] = []
  const worker = composeWorker(config, {
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    tell: (each) => news.push(each),
    states,
  })
  onTestFinished(() => worker.stop())
  await worker.start()
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  const ask = async (path = '/') => {
    const answer = await request(`http://127.0.0.1:${worker.listens().get('web')?.port}${path}`, { dispatcher: agent })
    return answer.body.text()
  }
  return { worker, news, ask }
}

const traffic = (news: readonly WorkerNews[]) => news.flatMap((each) => (each.type === 'traffic' ? [`${each.targetId} ${each.ok}`] : []))

describe('a worker', () => {
  it('tells of a success once, of every failure, and of the first success after one', async () => {
    const origin = await startOrigin('a')
    const { news, ask } = await start([origin])
    for (let count = 0; count < 5; count++) await ask()
    expect(traffic(news)).toEqual(['shop/0 true'])
    await origin.kill()
    for (let count = 0; count < 2; count++) await ask()
    expect(
      traffic(news)
        .slice(1)
        .every((line) => line === 'shop/0 false'),
    ).toBe(true)
    expect(traffic(news).length).toBeGreaterThan(2)
    const failures = traffic(news).length
    await origin.start()
    for (let count = 0; count < 5; count++) await ask()
    expect(traffic(news).slice(failures)).toEqual(['shop/0 true'])
  })

  it('believes from its start what was last known, and goes on with it when nobody tells it anything', async () => {
    const [a, b] = [await startOrigin('a'), await startOrigin('b')]
    const { ask } = await start(
      [a, b],
      new Map([
        ['shop/0', 'draining'],
        ['shop/1', 'up'],
        ['shop/gone', 'up'],
      ]),
    )
    for (let count = 0; count < 6; count++) expect(await ask()).toBe('b')
  })

  it('moves the requests that wait at a target which has just gone down', async () => {
    const [a, b] = [await startOrigin('a', () => new Promise(() => {})), await startOrigin('b')]
    const { worker, ask } = await start(
      [a, b],
      new Map([
        ['shop/0', 'up'],
        ['shop/1', 'down'],
      ]),
    )
    const waiting = ask('/slow')
    await until(() => a.served() === 1, 'the request is there')
    worker.hear({ type: 'target-state', targetId: 'shop/1', state: 'up' })
    worker.hear({ type: 'target-state', targetId: 'shop/0', state: 'down', downBecause: 'it died' })
    expect(await waiting).toBe('b')
  })

  it('says how it is doing when it is asked, with what it counted where that is wanted', async () => {
    const origin = await startOrigin('a')
    const { worker, news, ask } = await start([origin])
    await ask()
    worker.hear({ type: 'report-wanted', id: 1, withMetrics: false })
    worker.hear({ type: 'report-wanted', id: 2, withMetrics: true })
    await until(() => news.filter(({ type }) => type === 'report').length === 2, 'both answers')
    // Nothing in it that another process could not be sent.
    expect(structuredClone(news).filter(({ type }) => type === 'report')).toMatchObject([
      {
        id: 1,
        report: {
          pools: [{ name: 'shop', loads: [{ id: 'shop/0', picks: 1 }] }],
          proxies: [{ name: 'web', active: 0 }],
          metrics: undefined,
        },
      },
      {
        id: 2,
        report: {
          metrics: [
            {
              metrics: expect.arrayContaining([
                expect.objectContaining({ descriptor: expect.objectContaining({ name: 'hotspare_requests_total' }) }),
              ]),
            },
          ],
        },
      },
    ])
  })
})
