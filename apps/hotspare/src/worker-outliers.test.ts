import type { RequestListener } from 'node:http'
import { seededRandom, silentLogger, type TargetState } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { type OutlierOptions, outlierOptionsSchema } from '@hotspare/health/outliers'
import { Agent, request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startOrigin } from './compose.fixture.ts'
import { composeWorker, type Worker } from './compose-worker.ts'
import { parseConfig } from './config/load.ts'
import type { WorkerNews } from './process/messages.ts'
import { isOutlierEvent } from './traffic-sentences.ts'
import { fails, limits, scripted, works } from './worker-outliers.fixture.ts'

interface Site {
  readonly worker: Worker
  readonly clock: TestClock
  readonly news: readonly WorkerNews[]
  /** Sends so many requests one after the other. @returns how many had which status */
  readonly send: (count: number) => Promise<Readonly<Record<number, number>>>
  /** What detectors told, as `type target`. */
  readonly told: () => string[]
  /** The ids on the last list that control was told. */
  readonly aside: () => Promise<readonly string[] | undefined>
}

interface SiteOptions {
  readonly outliers?: OutlierOptions | undefined
  readonly switchedOff?: boolean
  /** Of the targets, in their order. Default: all 0 */
  readonly tiers?: readonly number[]
}

/** A worker with a real proxy in front of real servers, called `shop/0`, `shop/1` ..., all up. Time stands still until the test moves it. */
async function siteOf(targets: readonly { readonly url: string }[], options: SiteOptions = {}): Promise<Site> {
  const { outliers = {}, switchedOff = false, tiers = [] } = options
  const list = targets.map(({ url }, index) => `{ name: "${index}", url: "${url}", tier: ${tiers[index] ?? 0} }`).join(', ')
  const yaml = `
pools: { shop: { targets: [${list}], balance: round-robin } }
proxies: [{ name: web, listen: "127.0.0.1:0", pool: shop }]`
  const { config } = await parseConfig(yaml, { file: 'hotspare.yaml', env: {}, hostname: 'h' })
  const rules = switchedOff ? undefined : outlierOptionsSchema.parse(outliers)
  const clock = new TestClock()
  const news: WorkerNews[] = []
  const worker = composeWorker(
    { ...config, pools: config.pools.map((pool) => ({ ...pool, outliers: rules })) },
    {
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      tell: (each) => news.push(each),
      states: new Map(targets.map((_, index) => [`shop/${index}`, 'up'])),
    },
  )
  await worker.start()
  const agent = new Agent()
  onTestFinished(async () => {
    await agent.destroy()
    const stopped = worker.stop()
    await clock.advance(60_000)
    await stopped
  })
  const send = async (count: number) => {
    const statuses: Record<number, number> = {}
    for (let index = 0; index < count; index++) {
      const { statusCode, body } = await request(`http://127.0.0.1:${worker.listens().get('web')?.port}/`, { dispatcher: agent })
      await body.dump()
      statuses[statusCode] = (statuses[statusCode] ?? 0) + 1
    }
    return statuses
  }
  const told = () =>
    news.flatMap((each) =>
      each.type === 'traffic-event' && isOutlierEvent(each.event) ? [`${each.event.type} ${each.event.targetId}`] : [],
    )
  const aside = async () => {
    await clock.advance(1_000)
    return news.findLast((each) => each.type === 'targets-aside')?.targets.map(({ targetId, state }) => `${targetId} ${state}`)
  }
  return { worker, clock, news, send, told, aside }
}

function stateOf(targetId: string, state: TargetState) {
  return { type: 'target-state', targetId, state } as const
}

describe('nobody is put aside', () => {
  it('where the file has switched it off', async () => {
    const [bad, good] = [await scripted(fails), await scripted()]
    const { send, told, aside } = await siteOf([bad, good], { switchedOff: true })
    expect(await send(40)).toEqual({ 200: 20, 500: 20 })
    expect([told(), await aside()]).toEqual([[], []])
  })

  it('where both of two fail: moving helps nobody, and the operator hears of it', async () => {
    const both = [await scripted(fails), await scripted(fails)]
    const { send, told } = await siteOf(both)
    expect(await send(40)).toEqual({ 500: 40 })
    expect(both.map(({ served }) => served())).toEqual([20, 20])
    expect(new Set(told())).toEqual(new Set(['ejection-withheld shop/0', 'ejection-withheld shop/1']))
  })

  it('where it is the only one', async () => {
    const { send, told } = await siteOf([await scripted(fails)])
    expect(await send(20)).toEqual({ 500: 20 })
    expect(told()).toEqual(['ejection-withheld shop/0'])
  })

  it.each(['down', 'draining', 'maintenance'] as const)('where the other one is %s: it is nobody to fall back on', async (state) => {
    const [bad, good] = [await scripted(fails), await scripted()]
    const { worker, send, told } = await siteOf([bad, good])
    worker.hear(stateOf('shop/1', state))
    expect(await send(20)).toEqual({ 500: 20 })
    expect(told()).toEqual(['ejection-withheld shop/0'])
  })

  it('for answers that are about the request: 4xx, 501 and 505', async () => {
    const odd: RequestListener = (_request, response) => void response.writeHead([400, 404, 499, 501, 505][turn++ % 5] ?? 400).end()
    let turn = 0
    const { send, told } = await siteOf([await scripted(odd), await scripted()])
    await send(60)
    expect(told()).toEqual([])
  })

  it('for 429: who asks for less is left alone for as long as it says, and then served again', async () => {
    const [busy, other, third] = [await scripted(limits), await scripted(), await scripted()]
    const { clock, send, told, aside } = await siteOf([busy, other, third])
    expect(await send(60)).toEqual({ 429: 5, 200: 55 })
    expect(busy.served()).toBe(5)
    expect([told(), await aside()]).toEqual([['back-off-started shop/0'], ['shop/0 backing-off']])
    busy.answer = works
    await clock.advance(5_999)
    await send(30)
    expect(busy.served()).toBe(0)
    await clock.advance(1)
    expect(told()).toEqual(['back-off-started shop/0', 'back-off-ended shop/0'])
    expect(await send(30)).toEqual({ 200: 30 })
    expect(busy.served()).toBeGreaterThan(5)
  })

  it('where all ask for less: they are served on, each as often as the others', async () => {
    const all = [await scripted(limits), await scripted(limits)]
    const { send, told } = await siteOf(all)
    await send(40)
    expect(told()).not.toContain('target-ejected shop/0')
    expect(all.map(({ served }) => served()).every((count) => count > 0)).toBe(true)
  })
})

describe('a target that stands out', () => {
  it('with 500s is put aside after five in a row, its pool serves on without an error, and after its time it is back', async () => {
    const [bad, good, third] = [await scripted(fails), await scripted(), await scripted()]
    const { clock, news, send, told, aside } = await siteOf([good, bad, third])
    expect(await send(15)).toEqual({ 200: 10, 500: 5 })
    expect(told()).toEqual(['target-ejected shop/1'])
    expect(await aside()).toEqual(['shop/1 ejected'])
    bad.served()
    expect(await send(60)).toEqual({ 200: 60 })
    expect(bad.served()).toBe(0)
    bad.answer = works
    // Half a minute, and up to a tenth of it for the jitter.
    await clock.advance(33_000)
    expect(told()).toEqual(['target-ejected shop/1', 'target-returned shop/1'])
    expect(await aside()).toEqual([])
    expect(await send(30)).toEqual({ 200: 30 })
    expect(bad.served()).toBeGreaterThan(5)
    expect(news.findLast(({ type }) => type === 'targets-aside')).toEqual({ type: 'targets-aside', targets: [] })
  })

  it('in a pool of two goes too, and the other one stays whatever it answers then', async () => {
    const [bad, good] = [await scripted(fails), await scripted()]
    const { send, told } = await siteOf([bad, good])
    expect(await send(10)).toEqual({ 200: 5, 500: 5 })
    good.answer = fails
    expect(await send(20)).toEqual({ 500: 20 })
    expect(told()).toEqual(['target-ejected shop/0', 'ejection-withheld shop/1'])
  })

  it('makes way for the spare of the next tier', async () => {
    const [bad, spare] = [await scripted(fails), await scripted()]
    const { send, told } = await siteOf([bad, spare], { tiers: [0, 1] })
    expect(await send(20)).toEqual({ 500: 5, 200: 15 })
    expect(told()).toEqual(['target-ejected shop/0'])
  })

  it('by being slow is put aside after three intervals, where its two peers agree', async () => {
    const [slow, other, third] = [await scripted(), await scripted(), await scripted()]
    const site = await siteOf([slow, other, third], { outliers: { latencyMinRequests: 10 } })
    slow.answer = (_request, response) => void site.clock.advance(200).then(() => response.end())
    for (let interval = 0; interval < 3; interval++) {
      expect(site.told()).toEqual([])
      const startedMs = site.clock.monotonicMs()
      // Ten for each, of which the slow one's take two seconds.
      await site.send(30)
      await site.clock.advance(10_000 - (site.clock.monotonicMs() - startedMs))
    }
    expect(site.told()).toEqual(['target-ejected shop/0'])
    slow.served()
    expect(await site.send(30)).toEqual({ 200: 30 })
    expect(slow.served()).toBe(0)
  })

  it('comes back at once when the other one is drained, or gets no weight: a bad one is better than none', async () => {
    const [bad, good] = [await scripted(fails), await scripted()]
    for (const order of [stateOf('shop/1', 'draining'), { type: 'target-weight', targetId: 'shop/1', weight: 0 }] as const) {
      const { worker, send, told } = await siteOf([bad, good])
      await send(20)
      expect(told()).toEqual(['target-ejected shop/0'])
      worker.hear(order)
      expect(told()).toEqual(['target-ejected shop/0', 'target-returned shop/0'])
      expect(await send(3)).toEqual({ 500: 3 })
    }
  })

  it('because nobody answers there is back as soon as a probe has passed; one that answers badly is not', async () => {
    const [dead, bad, good] = [await startOrigin('a'), await scripted(fails), await scripted()]
    await dead.kill()
    const { worker, send, told } = await siteOf([dead, bad, good], { outliers: { maxEjectedPercent: 100 } })
    // What is refused at one is repeated at another.
    const statuses = await send(40)
    expect(Object.keys(statuses)).toEqual(['200', '500'])
    expect(new Set(told())).toEqual(new Set(['target-ejected shop/0', 'target-ejected shop/1']))
    worker.hear({ type: 'probe-passed', targetId: 'shop/0' })
    worker.hear({ type: 'probe-passed', targetId: 'shop/1' })
    worker.hear({ type: 'probe-passed', targetId: 'shop/stranger' })
    expect(told().slice(2)).toEqual(['target-returned shop/0'])
  })

  it('is forgotten by the next worker, which says so to control', async () => {
    const [bad, good] = [await scripted(fails), await scripted()]
    const first = await siteOf([bad, good])
    await first.send(20)
    expect(await first.aside()).toEqual(['shop/0 ejected'])
    const second = await siteOf([bad, good])
    expect(await second.aside()).toEqual([])
    expect(second.news[0]).toEqual({ type: 'weights-wanted' })
    expect(await second.send(4)).toEqual({ 200: 2, 500: 2 })
  })

  it('is told with its end, which another process can read', async () => {
    const [bad, good] = [await scripted(fails), await scripted()]
    const { clock, news, send } = await siteOf([bad, good])
    const sinceMs = clock.wallMs()
    await send(20)
    await clock.advance(0)
    const [target] = structuredClone(news).findLast((each) => each.type === 'targets-aside')?.targets ?? []
    expect(target).toEqual({
      targetId: 'shop/0',
      state: 'ejected',
      since: sinceMs,
      until: expect.any(Number),
      because: '5 requests in a row failed',
    })
    expect(target?.until).toBeGreaterThanOrEqual(sinceMs + 30_000)
    expect(target?.until).toBeLessThanOrEqual(sinceMs + 33_000)
  })
})

describe('the weight of a target', () => {
  it('is a share of the one in the file: half, none, and all of it again', async () => {
    const [a, b] = [await scripted(), await scripted()]
    const { worker, send } = await siteOf([a, b])
    const shares = async (weight: number) => {
      worker.hear({ type: 'target-weight', targetId: 'shop/0', weight })
      await send(12)
      return [a.served(), b.served()]
    }
    expect(await shares(0.5)).toEqual([4, 8])
    expect(await shares(0)).toEqual([0, 12])
    expect(await shares(2)).toEqual([8, 4])
    expect(await shares(1)).toEqual([6, 6])
  })

  it('of a stranger changes nothing', async () => {
    const { worker, send } = await siteOf([await scripted()])
    worker.hear({ type: 'target-weight', targetId: 'shop/stranger', weight: 0 })
    expect(await send(3)).toEqual({ 200: 3 })
  })
})
