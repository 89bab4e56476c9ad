import { describe, expect, it } from 'vitest'
import { AnsweringWorld, WWW } from './answering/answering.fixture.ts'

describe('createAnswering, when others edit its record or its provider fails,', () => {
  it('looks again by itself, and repairs what somebody has edited', async () => {
    const world = new AnsweringWorld()
    await world.up()
    world.put('9')
    await world.clock.advance(30_000)
    expect(world.shown()).toBe('1 2 3')
    expect(world.events).toMatchObject([
      {
        type: 'drift-found',
        policy: 'repair',
        found: ['192.0.2.9'],
        expected: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
        text: expect.stringContaining('somebody has edited www.example.com A at main: 192.0.2.9 (30 s) instead of'),
      },
      { type: 'record-changed', because: 'somebody has edited it' },
      { type: 'drift-ended' },
    ])
  })

  it.each([
    ['a TTL', (world: AnsweringWorld) => world.put('1 2 3', 'main', 3_600)],
    ['a record that is gone', (world: AnsweringWorld) => world.main.remove(WWW)],
  ])('repairs %s', async (_, edit) => {
    const world = new AnsweringWorld()
    await world.up()
    edit(world)
    await world.clock.advance(60_000)
    expect(world.main.get(WWW)).toMatchObject({ ttlSeconds: 30, values: { length: 3 } })
    expect(world.kinds).toContain('drift-found')
  })

  it('leaves an edit alone where that was asked for, whatever becomes of the targets, until it is put right', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up({ drift: 'report' })
    world.put('9')
    await world.clock.advance(60_000)
    answering.report('t1', 'down')
    await world.clock.advance(600_000)
    expect(world.shown()).toBe('9')
    expect(world.events).toMatchObject([{ type: 'drift-found', policy: 'report' }])
    world.put('2 3')
    await world.clock.advance(60_000)
    expect(world.kinds).toEqual(['drift-found', 'drift-ended'])
    answering.report('t1', 'up')
    await world.clock.advance(0)
    expect(world.shown()).toBe('1 2 3')
  })

  it('does not undo what another node has seen sooner', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    // The other one has taken out the first target, right before we look.
    world.put('2 3')
    void answering.reconcile()
    await world.clock.advance(2_000)
    expect(world.shown()).toBe('2 3')
    answering.report('t1', 'down')
    await world.clock.advance(60_000)
    expect(world.shown()).toBe('2 3')
    expect(world.events).toEqual([])
    expect(world.changes()).toBe(1)
  })

  it('puts an edit right that only looks like another node, a little later', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    world.put('2 3')
    void answering.reconcile()
    await world.clock.advance(5_000)
    expect(world.shown()).toBe('1 2 3')
    expect(world.kinds).toEqual(['drift-found', 'record-changed', 'drift-ended'])
  })

  it('gives in to somebody who edits it again and again: ever fewer writes', async () => {
    const world = new AnsweringWorld()
    await world.up()
    const before = world.changes()
    for (let minute = 0; minute < 60; minute++) {
      world.put('9')
      await world.clock.advance(60_000)
    }
    expect(world.changes() - before).toBeLessThan(16)
    expect(world.changes() - before).toBeGreaterThan(8)
  })

  it('does not take its own late write for an edit', async () => {
    const world = new AnsweringWorld({ main: { compareAndSwap: 'none' } })
    const answering = await world.up({ drift: 'report' })
    world.main.fail('late', { changes: true, lateMs: 40_000 })
    answering.report('t1', 'down')
    await world.clock.advance(20_000)
    answering.report('t2', 'down')
    await world.clock.advance(19_000)
    expect(world.shown()).toBe('3')
    await world.clock.advance(2_000)
    expect(world.shown()).toBe('2 3')
    await world.clock.advance(60_000)
    expect(world.shown()).toBe('3')
    expect(world.kinds).not.toContain('drift-found')
  })

  it('takes it for an edit when people put back what it has just replaced', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up({ drift: 'report' })
    answering.report('t1', 'down')
    await world.pass()
    world.put('1 2 3')
    await world.clock.advance(60_000)
    expect(world.shown()).toBe('1 2 3')
    expect(world.kinds).toEqual(['record-changed', 'drift-found'])
  })

  it('tells of a provider that fails once, waits ever longer, and tells when it works again', async () => {
    const world = new AnsweringWorld()
    const before = { isBroken: false, asked: 0 }
    const read: typeof world.main.read = (question, options) => {
      before.asked += 1
      return before.isBroken ? Promise.reject(new Error('no route')) : world.main.read(question, options)
    }
    const answering = await world.up({ providers: { main: { ...world.main, read } } })
    before.asked = 0
    before.isBroken = true
    answering.report('t1', 'down')
    await world.clock.advance(600_000)
    expect(world.events).toMatchObject([{ type: 'provider-failed', because: 'no route', retryInMs: expect.any(Number) }])
    // Four a minute at least, and far fewer than one a second.
    expect(before.asked).toBeGreaterThan(40)
    expect(before.asked).toBeLessThan(150)
    expect(answering.snapshot().records[0]?.providers[0]).toMatchObject({ state: 'failing', retryInMs: expect.any(Number) })
    before.isBroken = false
    await world.clock.advance(15_000)
    expect(world.kinds).toEqual(['provider-failed', 'provider-recovered', 'record-changed'])
    expect(world.shown()).toBe('2 3')
  })

  it('leaves a provider alone for as long as that wants it', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    const limited = Object.assign(new Error('too many'), { code: 'HOTSPARE_CLOUD_LIMITED', retryable: true, retryAfterMs: 300_000 })
    let asked = 0
    let waitMs = 0
    await answering.stop()
    const provider = {
      ...world.main,
      read: () => {
        asked += 1
        waitMs = 300_000
        return Promise.reject(limited)
      },
      waitMs: () => waitMs,
    }
    await world.answering({ providers: { main: provider } }).start()
    await world.clock.advance(299_000)
    expect(asked).toBe(1)
    await world.clock.advance(2_000)
    expect(asked).toBe(2)
  })

  it('tells of another who keeps changing it, and of nobody who was faster once', async () => {
    const world = new AnsweringWorld()
    const answering = await world.up()
    world.main.onChange(() => {
      world.main.onChange(undefined)
      world.put('2 3')
    })
    answering.report('t1', 'down')
    await world.clock.advance(10_000)
    expect(world.shown()).toBe('2 3')
    expect(world.kinds).not.toContain('record-conflict')
    let turn = 0
    // Always to what was there before, with another TTL: no edit that is left for later.
    world.main.onChange(() => world.put('2 3', 'main', 30 + (++turn % 2)))
    answering.report('t1', 'up')
    await world.clock.advance(120_000)
    expect(world.kinds.filter((kind) => kind === 'record-conflict')).toHaveLength(1)
    await answering.stop()
  })
})
