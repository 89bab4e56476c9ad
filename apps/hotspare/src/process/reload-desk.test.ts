import { HotspareError } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { failed, ReloadDesk, type ReloadDone } from './reload-desk.ts'

const done: ReloadDone = { result: { ok: true, because: 'all well', changes: ['x changed'], problems: [] }, isNews: true }

function deskOf(): { desk: ReloadDesk; clock: TestClock; told: string[] } {
  const clock = new TestClock()
  const told: string[] = []
  const desk = new ReloadDesk({ clock, tell: (event) => told.push('because' in event ? `${event.type}: ${event.because}` : event.type) })
  return { desk, clock, told }
}

it('does nothing before the daemon is at work, and nothing once it ends', async () => {
  const { desk, told } = deskOf()
  expect(await desk.run(async () => done, { wait: true })).toEqual(failed('the daemon is starting or stopping'))
  desk.open()
  await desk.close()
  expect(await desk.run(async () => done, { wait: true })).toEqual(failed('the daemon is starting or stopping'))
  expect(told).toEqual([])
})

it('answers with what went wrong, each problem of the file on its own', async () => {
  const { desk, told } = deskOf()
  desk.open()
  const wrong = new HotspareError({ code: 'HOTSPARE_CONFIG_INVALID', message: 'x.yaml:1:1: one\nx.yaml:2:1: two' })
  const file = desk.run(() => Promise.reject(wrong), { wait: false })
  expect(await file).toEqual({
    ok: false,
    because: 'the file cannot be used',
    changes: [],
    problems: ['x.yaml:1:1: one', 'x.yaml:2:1: two'],
  })
  // Nothing is left to do: the next one may come at once.
  expect(await desk.run(() => Promise.reject(new Error('no port')), { wait: false })).toEqual(failed('no port'))
  expect(told).toEqual(['reload-failed: x.yaml:1:1: one; x.yaml:2:1: two', 'reload-failed: no port'])
})

it('tells nobody of a file that says what it said', async () => {
  const { desk, told } = deskOf()
  desk.open()
  await desk.run(async () => ({ ...done, isNews: false }), { wait: false })
  expect(told).toEqual([])
})

it('answers first, and is busy until all is done; then one that waited begins, and of several one', async () => {
  const { desk, told, clock } = deskOf()
  desk.open()
  const order: string[] = []
  let finish: () => void = () => {}
  const afterwards = async () => {
    order.push('afterwards')
    await new Promise<void>((resolve) => (finish = resolve))
  }
  const first = desk.run(async () => ({ ...done, afterwards }), { wait: false }).then(() => order.push('answered'))
  expect(await desk.run(async () => done, { wait: false })).toEqual(failed('another reload is under way: ask again when it has ended'))
  const second = desk.run(
    async () => {
      order.push('second')
      return done
    },
    { wait: true },
  )
  expect(await desk.run(async () => done, { wait: true })).toEqual(failed('another reload waits already'))
  await first
  await clock.advance(0)
  expect(order).toEqual(['answered', 'afterwards'])
  finish()
  await second
  expect(order).toEqual(['answered', 'afterwards', 'second'])
  expect(told).toEqual(['reload-finished', 'reload-finished'])
})

it('takes what is under way back when the daemon ends', async () => {
  const { desk, told, clock } = deskOf()
  desk.open()
  const waits = desk.run((signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), {
    wait: false,
  })
  const closed = desk.close()
  expect(await waits).toEqual(failed('reload: the daemon is stopping'))
  await clock.advance(0)
  await closed
  expect(told).toEqual(['reload-failed: reload: the daemon is stopping'])
})
