import { describe, expect, it } from 'vitest'
import { AnsweringWorld, WWW } from './answering/answering.fixture.ts'

const two = { main: {}, backup: { compareAndSwap: 'none', atomicBatch: false } } as const

describe('createAnswering with two providers for one name', () => {
  it('decides once, and brings each of them there on its own', async () => {
    const world = new AnsweringWorld(two)
    const answering = await world.up()
    expect([world.shown('main'), world.shown('backup')]).toEqual(['1 2 3', '1 2 3'])
    answering.report('t1', 'down')
    await world.clock.advance(0)
    expect([world.shown('main'), world.shown('backup')]).toEqual(['2 3', '2 3'])
    expect(world.kinds).toEqual(['record-changed', 'record-changed'])
    expect(new Set(world.events.map((event) => 'provider' in event && event.provider))).toEqual(new Set(['main', 'backup']))
    expect(answering.snapshot().records[0]).toMatchObject({
      isSameEverywhere: true,
      providers: [{ provider: 'main' }, { provider: 'backup' }],
    })
  })

  it('goes on at one while the other does not work, tells that they differ, and tells when they are the same again', async () => {
    const world = new AnsweringWorld(two)
    const answering = await world.up()
    world.zones['backup']?.fail('unavailable', { changes: true, times: 1_000 })
    answering.report('t1', 'down')
    await world.clock.advance(20_000)
    expect([world.shown('main'), world.shown('backup')]).toEqual(['2 3', '1 2 3'])
    expect(world.kinds).toEqual(['record-changed', 'provider-failed'])
    await world.clock.advance(110_000)
    expect(world.events.slice(2)).toMatchObject([
      {
        type: 'drift-found',
        provider: 'backup',
        other: 'main',
        text: 'www.example.com A is not the same: 192.0.2.2, 192.0.2.3 at main, 192.0.2.1, 192.0.2.2, 192.0.2.3 at backup',
      },
    ])
    expect(answering.snapshot().records[0]?.isSameEverywhere).toBe(false)
    answering.report('t1', 'up')
    await world.clock.advance(60_000)
    expect(answering.snapshot().records[0]?.isSameEverywhere).toBe(true)
    const ofBackup = world.events.flatMap((event) => ('provider' in event && event.provider === 'backup' ? [event.type] : []))
    expect(ofBackup).toEqual(['provider-failed', 'drift-found', 'drift-ended', 'provider-recovered'])
  })

  it('repairs at each what was edited there', async () => {
    const world = new AnsweringWorld(two)
    await world.up()
    world.put('9', 'backup')
    await world.clock.advance(60_000)
    expect([world.shown('main'), world.shown('backup')]).toEqual(['1 2 3', '1 2 3'])
    expect(world.changes('main')).toBe(1)
    expect(world.events).toMatchObject([
      { type: 'drift-found', provider: 'backup' },
      { type: 'record-changed', provider: 'backup' },
      { type: 'drift-ended', provider: 'backup' },
    ])
  })

  it('mends after a start what a crash between the two has left', async () => {
    const world = new AnsweringWorld(two)
    world.put('2 3', 'main')
    world.put('1 2 3', 'backup')
    const answering = world.answering()
    await answering.start()
    answering.report('t1', 'down')
    answering.report('t2', 'up')
    answering.report('t3', 'up')
    await answering.reconcile()
    expect([world.shown('main'), world.shown('backup')]).toEqual(['2 3', '2 3'])
    expect([world.changes('main'), world.changes('backup')]).toEqual([0, 1])
  })

  it('starts at one while the other cannot be reached', async () => {
    const world = new AnsweringWorld(two)
    world.zones['main']?.fail('hang', { times: 1 })
    const answering = world.answering()
    await answering.start()
    for (const id of ['t1', 't2']) answering.report(id, 'up')
    await world.clock.advance(11_000)
    expect(world.shown('backup')).toBe('1 2')
    await world.clock.advance(60_000)
    expect(world.zones['main']?.get(WWW)?.values).toHaveLength(2)
  })
})
