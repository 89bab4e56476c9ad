import { describe, expect, it } from 'vitest'
import { AnsweringWorld } from './answering/answering.fixture.ts'
import type { AnsweringRecord } from './answering/options.ts'

/** So many records with two targets each, of two data centres. */
function records(count: number): readonly AnsweringRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `r${index}.example.com`,
    type: 'A',
    ttlSeconds: 30,
    targets: [
      { id: `a${index}`, values: [`192.0.2.${index}`] },
      { id: `b${index}`, values: [`198.51.100.${index}`] },
    ],
  }))
}

async function tenUp(world: AnsweringWorld) {
  const answering = world.set(records(10))
  await answering.start()
  for (let index = 0; index < 10; index++) for (const site of ['a', 'b']) answering.report(`${site}${index}`, 'up')
  await world.pass(120_000)
  world.events.length = 0
  const valuesOf = () => world.main.sets().reduce((sum, { values }) => sum + values.length, 0)
  return { answering, valuesOf }
}

describe('createAnsweringSet', () => {
  it('refuses that more than half of everything disappears at once, and says what to call', async () => {
    const world = new AnsweringWorld()
    const { answering, valuesOf } = await tenUp(world)
    const before = world.changes()
    for (let index = 0; index < 10; index++) answering.report(`a${index}`, 'down')
    await world.pass()
    expect(valuesOf()).toBe(10)
    // The other data centre begins to go too: nobody believes that.
    for (let index = 0; index < 3; index++) answering.report(`a${index}`, 'up')
    for (let index = 0; index < 3; index++) answering.report(`b${index}`, 'down')
    await world.pass()
    expect(valuesOf()).toBe(10)
    expect(world.changes()).toBe(before + 10)
    expect(world.events.filter(({ type }) => type === 'mass-change-refused')).toMatchObject([
      {
        held: 3,
        names: ['r0.example.com A', 'r1.example.com A', 'r2.example.com A'],
        withdrawn: 10,
        published: 17,
        text: expect.stringContaining('call force()'),
      },
    ])
    expect(answering.snapshot()).toMatchObject({ massChange: { held: 3 }, records: { length: 10 } })
    expect(answering.snapshot().records[0]).toMatchObject({ held: { values: ['192.0.2.0'] }, because: expect.stringContaining('force') })
  })

  it('does it once people have said so', async () => {
    const world = new AnsweringWorld()
    const { answering, valuesOf } = await tenUp(world)
    for (let index = 0; index < 10; index++) answering.report(`a${index}`, 'down')
    await world.pass()
    for (let index = 0; index < 10; index++) {
      answering.report(`a${index}`, 'up')
      answering.report(`b${index}`, 'down')
    }
    await world.pass()
    expect(world.kinds).toContain('mass-change-refused')
    expect(world.main.get({ name: 'r0.example.com', type: 'A' })?.values).toEqual(['198.51.100.0'])
    answering.force()
    await world.pass()
    expect(valuesOf()).toBe(10)
    expect(world.main.get({ name: 'r0.example.com', type: 'A' })?.values).toEqual(['192.0.2.0'])
  })

  it('goes on with records that only get more', async () => {
    const world = new AnsweringWorld()
    const answering = world.set(records(10), { blastRadius: { share: 0.1, withinMs: 0 } })
    await answering.start()
    for (let index = 0; index < 10; index++) for (const site of ['a', 'b']) answering.report(`${site}${index}`, 'up')
    await world.pass(1_000)
    answering.report('a0', 'down')
    await world.pass(1_000)
    expect(world.main.get({ name: 'r0.example.com', type: 'A' })?.values).toHaveLength(1)
    answering.report('a0', 'up')
    for (let index = 1; index < 10; index++) answering.report(`a${index}`, 'down')
    await world.pass(1_000)
    expect(world.main.get({ name: 'r0.example.com', type: 'A' })?.values).toHaveLength(2)
    expect(world.main.get({ name: 'r1.example.com', type: 'A' })?.values).toHaveLength(2)
    answering.force()
    await world.pass(1_000)
    expect(world.main.get({ name: 'r1.example.com', type: 'A' })?.values).toHaveLength(1)
    expect(answering.snapshot()).toMatchObject({ massChange: undefined, forcedMs: 59_000 })
  })

  it('refuses a mass change right after a restart too, by what it finds', async () => {
    const world = new AnsweringWorld()
    const { answering, valuesOf } = await tenUp(world)
    await answering.stop()
    const slow = {
      ...world.main,
      read: async (...call: Parameters<typeof world.main.read>) => {
        await new Promise<void>((resolve) => void world.clock.schedule(100, resolve))
        return world.main.read(...call)
      },
    }
    const again = world.set(records(10), { providers: { main: slow }, blastRadius: { share: 0.3 } })
    await again.start()
    for (let index = 0; index < 10; index++) {
      again.report(`a${index}`, 'down')
      again.report(`b${index}`, 'up')
    }
    await world.pass(60_000)
    expect(valuesOf()).toBe(20)
    expect(world.kinds).toEqual(['mass-change-refused'])
  })

  it('holds what was refused until less of it is left', async () => {
    const world = new AnsweringWorld()
    const answering = world.set(records(10), { blastRadius: { share: 0.3, withinMs: 10_000 } })
    await answering.start()
    for (let index = 0; index < 10; index++) for (const site of ['a', 'b']) answering.report(`${site}${index}`, 'up')
    await world.pass(20_000)
    for (let index = 0; index < 7; index++) answering.report(`a${index}`, 'down')
    await world.pass(20_000)
    expect(world.main.get({ name: 'r0.example.com', type: 'A' })?.values).toHaveLength(2)
    answering.report('a6', 'up')
    await world.pass()
    expect(world.main.get({ name: 'r0.example.com', type: 'A' })?.values).toHaveLength(1)
    expect(world.main.get({ name: 'r6.example.com', type: 'A' })?.values).toHaveLength(2)
  })

  it('looks at many records as often as the provider has room for', async () => {
    const world = new AnsweringWorld()
    const asked: number[] = []
    const provider = {
      ...world.main,
      capabilities: { ...world.main.capabilities, rate: { perSecond: 1, burst: 5, source: '' } },
      read: (...call: Parameters<typeof world.main.read>) => {
        asked.push(world.clock.monotonicMs())
        return world.main.read(...call)
      },
    }
    const answering = world.set(records(50), { providers: { main: provider } })
    await answering.start()
    await world.clock.advance(199_000)
    expect(asked).toHaveLength(50)
    await world.clock.advance(2_000)
    expect(asked).toHaveLength(100)
    await answering.stop()
  })

  it('writes a change before the looks that wait', async () => {
    const world = new AnsweringWorld()
    const order: string[] = []
    const provider = {
      ...world.main,
      read: async (...call: Parameters<typeof world.main.read>) => {
        order.push(call[0].name)
        await new Promise<void>((resolve) => void world.clock.schedule(1_000, resolve))
        return world.main.read(...call)
      },
    }
    const answering = world.set(records(50), { providers: { main: provider } })
    await answering.start()
    for (let index = 0; index < 50; index++) answering.report(`a${index}`, 'up')
    await world.pass(120_000)
    // Another round of looks has just begun.
    order.length = 0
    answering.report('b40', 'up')
    await world.pass(1_000)
    expect(order.slice(0, 8)).toContain('r40.example.com')
    await answering.stop()
  })
})
