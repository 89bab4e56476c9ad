import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { MaintenanceDesk, type MaintenanceEvent } from './maintenance-desk.ts'
import type { MaintenanceWord, WorkerOrder } from './process/messages.ts'

const poolOf = (name: string, on = false) => ({ name, maintenance: { on, allow: [], retryAfterMs: 1 } })

function deskOf(words?: ReadonlyMap<string, MaintenanceWord>) {
  const clock = new TestClock()
  const events: MaintenanceEvent[] = []
  const orders: WorkerOrder[] = []
  const desk = new MaintenanceDesk({
    pools: [poolOf('shop'), poolOf('fixed', true)],
    clock,
    startedAt: 7,
    record: (event) => events.push(event),
    tellWorker: (order) => orders.push(order),
    words,
  })
  desk.start()
  return { desk, clock, events, orders }
}

it('ends nothing that is not there, and says nothing of it', () => {
  const { desk, events, orders } = deskOf()
  desk.end('shop', 'x')
  expect([events, orders, desk.get('shop')]).toEqual([[], [], undefined])
})

it('knows what the file says, which no word changes', () => {
  const { desk } = deskOf()
  expect([desk.isFromFile('fixed'), desk.isFromFile('shop'), desk.get('fixed')]).toEqual([
    true,
    false,
    { since: 7, because: 'the file says so' },
  ])
})

it('tells the worker first, and people, and ends by itself when its time is over', async () => {
  const { desk, clock, events, orders } = deskOf()
  const at = clock.wallMs()
  desk.set('shop', 'new shelves', 60_000)
  const word = { since: at, because: 'new shelves', until: at + 60_000 }
  expect(desk.get('shop')).toEqual(word)
  await clock.advance(59_999)
  expect(orders).toEqual([{ type: 'pool-maintenance', pool: 'shop', word }])
  await clock.advance(1)
  expect(orders[1]).toEqual({ type: 'pool-maintenance', pool: 'shop', word: undefined })
  expect(events).toEqual([
    { type: 'pool-maintenance-started', at, pool: 'shop', because: 'new shelves', until: at + 60_000 },
    { type: 'pool-maintenance-ended', at: at + 60_000, pool: 'shop', because: 'its time is over' },
  ])
  expect([desk.get('shop'), clock.pendingTimers]).toEqual([undefined, 0])
})

it('lets a later word replace one before, end and all', async () => {
  const { desk, clock, events } = deskOf()
  desk.set('shop', 'one', 1_000)
  desk.set('shop', 'two', undefined)
  await clock.advance(10_000)
  expect(desk.get('shop')).toMatchObject({ because: 'two', until: undefined })
  desk.end('shop', 'done')
  expect(events.map(({ type, because }) => `${type} ${because}`)).toEqual([
    'pool-maintenance-started one',
    'pool-maintenance-started two',
    'pool-maintenance-ended done',
  ])
})

it('goes on with what was said to the control before it, and ends what has ended meanwhile', async () => {
  const base = new TestClock().wallMs()
  const words = new Map([
    ['shop', { since: 1, because: 'x', until: base - 1 }],
    ['gone', { since: 1, because: 'x' }],
  ])
  const { desk, clock, events } = deskOf(words)
  expect([desk.get('shop'), desk.get('gone')]).toMatchObject([{ because: 'x' }, undefined])
  await clock.advance(0)
  expect(events).toMatchObject([{ type: 'pool-maintenance-ended', pool: 'shop' }])
})

it('leaves no timer when it is stopped', () => {
  const { desk, clock } = deskOf()
  desk.set('shop', 'x', 1_000)
  desk.stop()
  expect(clock.pendingTimers).toBe(0)
})
