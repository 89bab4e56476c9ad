import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { ControlLink } from './link.ts'
import type { ClusterEvent } from '../events.ts'
import type { ClusterAnswer, ClusterOrder, ClusterView } from '../messages.ts'

const ANSWER_MS = 120_000
const done = { ok: true, because: 'done', steps: [] } as const

function makeLink() {
  const clock = new TestClock()
  const orders: ClusterOrder[] = []
  const events: ClusterEvent[] = []
  const link = new ControlLink({ clock, tell: (order) => orders.push(structuredClone(order)), record: (event) => events.push(event) })
  /** Ids of the questions so far. */
  const ids = () => orders.flatMap((order) => (order.type === 'question' ? [order.id] : []))
  const answer = (reply: ClusterAnswer, id = ids().at(-1) ?? '') => link.hear({ type: 'answer', id, answer: reply })
  return { clock, orders, events, link, ids, answer }
}

/** Listens from now on, so that nothing is unhandled. */
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a question to the guard', () => {
  it('is given up in time, and a late answer is nobody\u2019s', async () => {
    const { clock, link, answer } = makeLink()
    const failure = failureOf(link.command('shop', { type: 'switchover' }))
    await clock.advance(ANSWER_MS)
    expect(await failure).toMatchObject({ code: 'HOTSPARE_CORE_TIMEOUT', retryable: true })
    answer({ type: 'command', result: done })
    expect(clock.pendingTimers).toBe(0)
  })

  it('fails as the guard failed, with its code', async () => {
    const { clock, link, answer } = makeLink()
    const failure = failureOf(link.setWord('hold', 'x'))
    answer({ type: 'failed', code: 'HOTSPARE_APP_STATE', message: 'the disk is full', retryable: true })
    expect(await failure).toMatchObject({ name: 'HotspareError', code: 'HOTSPARE_APP_STATE', message: 'the disk is full', retryable: true })
    expect(clock.pendingTimers).toBe(0)
  })

  it('that is answered with something else is a failure and no result', async () => {
    const { link, answer } = makeLink()
    for (const ask of [() => link.command('shop', { type: 'failover' }), () => link.plan('shop', { type: 'switchover' })]) {
      const failure = failureOf(ask())
      answer({ type: 'people', was: true })
      expect(await failure).toMatchObject({ code: 'HOTSPARE_APP_CLUSTER' })
    }
    const failure = failureOf(link.setWord('hold', undefined))
    answer({ type: 'command', result: done })
    expect(await failure).toMatchObject({ code: 'HOTSPARE_APP_CLUSTER' })
  })

  // Once both counted from one: what the guard had done for the control before was taken for what this one had asked.
  it('is not answered by what an earlier control had asked', async () => {
    const [earlier, later] = [makeLink(), makeLink()]
    const abandoned = failureOf(earlier.link.command('db', { type: 'failover' }))
    const command = failureOf(later.link.command('shop', { type: 'switchover' }))
    later.answer({ type: 'command', result: done }, earlier.ids()[0])
    await later.clock.advance(ANSWER_MS)
    expect(await command).toMatchObject({ code: 'HOTSPARE_CORE_TIMEOUT' })
    await earlier.clock.advance(ANSWER_MS)
    expect(await abandoned).toMatchObject({ code: 'HOTSPARE_CORE_TIMEOUT' })
  })

  it('is refused while too many wait, and asked again once they do not', async () => {
    const { clock, link, orders, answer } = makeLink()
    const waiting = Array.from({ length: 100 }, () => failureOf(link.plan('shop', { type: 'switchover' })))
    expect(await failureOf(link.plan('shop', { type: 'switchover' }))).toMatchObject({ code: 'HOTSPARE_APP_CLUSTER', retryable: true })
    expect(orders).toHaveLength(100)
    await clock.advance(ANSWER_MS)
    await Promise.all(waiting)
    const plan = link.plan('shop', { type: 'switchover' })
    answer({ type: 'plan', plan: undefined, because: 'nobody is well' })
    expect(await plan).toMatchObject({ because: 'nobody is well' })
  })

  it('gets its own answer, in whatever order they come', async () => {
    const { link, orders, ids, answer } = makeLink()
    const [moved, held] = [link.command('shop', { type: 'failover', to: 'web-2' }), link.setWord('maintenance', 'kernel')]
    const [first, second] = ids()
    answer({ type: 'people', was: true }, second)
    answer({ type: 'command', result: done }, first)
    expect([await moved, await held]).toEqual([done, true])
    expect(orders).toMatchObject([
      { question: { type: 'command', service: 'shop', command: { type: 'failover', to: 'web-2' } } },
      { question: { type: 'people', word: 'maintenance', because: 'kernel' } },
    ])
  })
})

it('keeps the last view, and passes events on', () => {
  const { link, events } = makeLink()
  expect(link.view).toBeUndefined()
  const view: ClusterView = { node: 'web-1', arbiter: 'etcd', hold: undefined, maintenance: undefined, peers: [], services: [], sites: [] }
  link.hear({ type: 'view', view: { ...view, node: 'web-0' } })
  link.hear({ type: 'view', view })
  link.hear({ type: 'event', event: { type: 'hold-lifted', at: 5 } })
  expect(link.view).toBe(view)
  expect(events).toEqual([{ type: 'hold-lifted', at: 5 }])
})
