import type { TargetState } from '@hotspare/core'
import { seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createDependencyGraph,
  createDependencyTracker,
  type DependencyEvent,
  type DependencyOptions,
  type DependencyTracker,
} from './dependencies.ts'

/** A rack with a switch, two machines behind it, and an application on either machine that needs any of two databases. */
const names = ['switch', 'm1', 'm2', 'db1', 'db2', 'app']
const dependencies: Readonly<Record<string, DependencyOptions>> = {
  m1: { on: ['switch'] },
  m2: { on: ['switch'] },
  app: { on: ['db1', 'db2'], need: 'any' },
  db1: { on: ['m1'] },
  db2: { on: ['m2'] },
}

async function setUp(initially: TargetState = 'up', graph = { names, dependencies }) {
  const clock = new TestClock()
  const tracker = createDependencyTracker({ ...graph, clock })
  const events: DependencyEvent[] = []
  tracker.subscribe((event) => events.push(event))
  for (const name of graph.names) tracker.update(name, { state: initially, because: 'as told' })
  await clock.advance(100_000)
  events.length = 0
  const set = (state: TargetState, ...targets: string[]) => {
    for (const name of targets) tracker.update(name, { state, because: `${state}, as told` })
  }
  /** Who was called down for good, in the order of it: whom an alert would name. */
  const alarms = () => events.filter(({ verdict }) => verdict.state === 'down' && verdict.settled).map(({ targetId }) => targetId)
  return { clock, tracker, events, set, alarms }
}

function states(tracker: DependencyTracker): Record<string, string> {
  return Object.fromEntries([...tracker.list()].map(([name, { state, settled }]) => [name, settled ? state : `${state}?`]))
}

describe('a graph of dependencies', () => {
  it('refuses a cycle, and shows it', () => {
    const looped = { a: { on: ['b'] }, b: { on: ['c', 'x'] }, c: { on: ['a'] }, leaf: { on: ['a'] } }
    expect(() => createDependencyGraph(['leaf', 'a', 'b', 'c', 'x'], looped)).toThrow(
      'dependencies: a.on: leans on itself: a -> b -> c -> a',
    )
    expect(() => createDependencyGraph(['a'], { a: { on: ['a'] } })).toThrow('a -> a')
  })

  it('refuses every name that it does not know, on either side', () => {
    expect(() => createDependencyGraph(['a', 'b'], { a: { on: ['b', 'routr'] }, z: { on: ['a'] } })).toThrow(
      'dependencies: a.on.1: there is no target "routr"; z: there is no target of this name',
    )
  })

  it.each([
    { dependency: { on: [] }, says: 'a.on' },
    { dependency: { on: ['b', 'b'] }, says: 'a.on: holds a name twice' },
    { dependency: { on: ['b'], need: 2 }, says: 'a.need: is more than there are names in on' },
    { dependency: { on: ['b'], need: 0 }, says: 'a.need' },
    { dependency: { on: ['b'], needs: 'all' }, says: 'needs' },
  ])('refuses $dependency', ({ dependency, says }) => {
    expect(() => createDependencyGraph(['a', 'b'], { a: dependency })).toThrow(says)
  })

  it('is read from parents to children, a chain of thousands too', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `n${index}`)
    const chain = Object.fromEntries(many.slice(1).map((name, index) => [name, { on: [`n${index}`] }]))
    expect(createDependencyGraph(many.toReversed(), chain).order).toEqual(many)
    expect(() => createDependencyGraph(many, { ...chain, n0: { on: ['n9999'] } })).toThrow('leans on itself')
  })
})

describe('what a failure means', () => {
  it('is one down with the root cause where everything below it fails after it', async () => {
    const { clock, tracker, set, alarms } = await setUp()
    for (const name of names) {
      set('down', name)
      await clock.advance(500)
    }
    await clock.advance(60_000)
    expect(alarms()).toEqual(['switch'])
    expect(states(tracker)).toEqual({
      switch: 'down',
      m1: 'unreachable',
      m2: 'unreachable',
      db1: 'unreachable',
      db2: 'unreachable',
      app: 'unreachable',
    })
    expect(tracker.get('app')).toMatchObject({ rootCause: ['switch'], because: 'it takes 1 of db1, db2, and db1, db2 do not work' })
    expect(tracker.get('db1')).toMatchObject({ rootCause: ['switch'], because: 'it leans on m1, which does not work' })
  })

  it('is the same where the effects are noticed first', async () => {
    const { clock, tracker, set, alarms } = await setUp()
    for (const name of names.toReversed()) {
      set('down', name)
      await clock.advance(500)
    }
    // Down at once for whoever sends traffic, and not settled for whoever would be woken.
    expect(states(tracker)).toMatchObject({ switch: 'down', app: 'unreachable' })
    await clock.advance(60_000)
    expect(alarms()).toEqual(['switch'])
    expect(tracker.get('app')?.rootCause).toEqual(['switch'])
  })

  it('is a down that is held back for a window where only the effect is seen, and settles then', async () => {
    const { clock, tracker, events, set, alarms } = await setUp()
    set('down', 'db1')
    expect(tracker.get('db1')).toEqual({ state: 'down', settled: false, rootCause: ['db1'], because: 'down, as told' })
    await clock.advance(4_999)
    expect(alarms()).toEqual([])
    await clock.advance(1)
    expect(alarms()).toEqual(['db1'])
    expect(events.map(({ from, verdict }) => `${from} > ${verdict.state} ${verdict.settled}`)).toEqual([
      'up > down false',
      'down > down true',
    ])
  })

  it('settles at once where what it leans on passes a probe that was started later', async () => {
    const { clock, tracker, set, alarms } = await setUp()
    set('down', 'db1')
    await clock.advance(100)
    tracker.passed('m1', 200)
    await clock.advance(0)
    expect(alarms()).toEqual([])
    tracker.passed('m1', 50)
    await clock.advance(0)
    expect(alarms()).toEqual(['db1'])
  })

  it('is settled at once for what leans on nothing', async () => {
    const { clock, set, alarms } = await setUp()
    set('down', 'switch')
    await clock.advance(0)
    expect(alarms()).toEqual(['switch'])
  })

  it('leaves alone what answers, and what needs only one of two', async () => {
    const { clock, tracker, set } = await setUp()
    set('down', 'm1', 'db1')
    await clock.advance(60_000)
    expect(states(tracker)).toEqual({ switch: 'up', m1: 'down', m2: 'up', db1: 'unreachable', db2: 'up', app: 'up' })
    set('down', 'app')
    await clock.advance(60_000)
    // One of the two databases is there: the fault is its own.
    expect(tracker.get('app')).toMatchObject({ state: 'down', rootCause: ['app'] })
  })

  it('has several roots where several things have failed', async () => {
    const { clock, tracker, set, alarms } = await setUp()
    set('down', 'm1', 'm2', 'db1', 'db2', 'app')
    await clock.advance(60_000)
    expect(alarms()).toEqual(['m1', 'm2'])
    expect(tracker.get('app')?.rootCause).toEqual(['m1', 'm2'])
  })

  it('keeps the fault of its own where something below it fails much later', async () => {
    const { clock, tracker, set, alarms } = await setUp()
    set('down', 'db1')
    await clock.advance(3_600_000)
    set('down', 'm1')
    await clock.advance(60_000)
    expect(tracker.get('db1')).toMatchObject({ state: 'down', rootCause: ['db1'] })
    expect(alarms()).toEqual(['db1', 'm1'])
  })

  it('raises no alarm for the effects when the cause is mended before they are seen to answer', async () => {
    const { clock, tracker, set, alarms } = await setUp()
    set('down', ...names)
    await clock.advance(3_600_000)
    set('up', 'switch')
    await clock.advance(2_000)
    expect(tracker.get('m1')).toMatchObject({
      state: 'unreachable',
      rootCause: ['switch'],
      because: 'what it leans on has only just come back',
    })
    set('up', 'm1', 'm2')
    await clock.advance(3_000)
    expect(states(tracker)).toMatchObject({ m1: 'up', db1: 'unreachable', app: 'unreachable' })
    set('up', 'db1', 'db2', 'app')
    await clock.advance(60_000)
    expect(alarms()).toEqual(['switch'])
    expect(new Set(Object.values(states(tracker)))).toEqual(new Set(['up']))
  })

  it('is a fault of its own where it does not come back with its cause', async () => {
    const { clock, tracker, set, alarms } = await setUp()
    set('down', 'switch', 'm1')
    await clock.advance(60_000)
    set('up', 'switch')
    await clock.advance(4_999)
    expect(tracker.get('m1')?.state).toBe('unreachable')
    await clock.advance(1)
    expect(tracker.get('m1')).toMatchObject({ state: 'down', rootCause: ['m1'], settled: true })
    expect(alarms()).toEqual(['switch', 'm1'])
  })

  it('stays the effect of another while one cause gives way to the next', async () => {
    const both = { names: ['a', 'b', 'child'], dependencies: { child: { on: ['a', 'b'] } } }
    const { clock, tracker, set, alarms } = await setUp('up', both)
    set('down', 'a', 'child')
    await clock.advance(60_000)
    set('up', 'a')
    await clock.advance(2_000)
    set('down', 'b')
    await clock.advance(60_000)
    expect(tracker.get('child')).toMatchObject({ state: 'unreachable', rootCause: ['b'] })
    expect(alarms()).toEqual(['a', 'b'])
  })

  it('calls unreachable what is unknown behind a failure, and only unknown what is not', async () => {
    const { clock, tracker, set } = await setUp('unknown')
    expect(tracker.get('m1')?.state).toBe('unknown')
    set('down', 'switch')
    await clock.advance(0)
    expect(states(tracker)).toMatchObject({ switch: 'down', m1: 'unreachable', app: 'unreachable' })
  })

  it('does not wake anybody for what is behind a target in maintenance; draining still carries', async () => {
    const { clock, tracker, set, alarms } = await setUp()
    set('maintenance', 'm1')
    set('draining', 'm2')
    set('down', 'db1', 'db2')
    await clock.advance(60_000)
    expect(tracker.get('db1')).toMatchObject({ state: 'unreachable', rootCause: ['m1'] })
    expect(alarms()).toEqual(['db2'])
  })

  it('lets a listener ask and report, in order, and ends its timer with stop()', async () => {
    const { clock, tracker, events, set } = await setUp()
    const seen: (string | undefined)[] = []
    tracker.subscribe(({ targetId, verdict }) => {
      if (targetId === 'switch' && verdict.state === 'down') {
        set('up', 'switch')
        seen.push(tracker.get('switch')?.state)
      }
    })
    set('down', 'switch', 'm1')
    await clock.advance(1)
    expect(events.map(({ targetId, verdict }) => `${targetId} ${verdict.state}`)).toEqual(['switch down', 'm1 unreachable', 'switch up'])
    expect(seen).toEqual(['up'])
    await tracker.stop()
    expect(clock.pendingTimers).toBe(0)
    set('down', 'm2')
    expect(clock.pendingTimers).toBe(0)
    expect(tracker.get('m2')?.state).toBe('down')
  })
})

it('a tracker that a listener stops tells nothing more', async () => {
  const { clock, tracker, events, set } = await setUp()
  tracker.subscribe(() => void tracker.stop())
  set('down', 'switch', 'm1', 'm2')
  await clock.advance(60_000)
  expect(events).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
})

describe('any outage in any graph, noticed in any order within the window', () => {
  /** Names `n0`..: each leans on earlier ones only. */
  const anyGraph = fc
    .array(
      fc.record({ parents: fc.uniqueArray(fc.nat({ max: 20 }), { maxLength: 3 }), need: fc.constantFrom<'all' | 'any'>('all', 'any') }),
      { minLength: 1, maxLength: 12, size: 'max' },
    )
    .map((nodes) => {
      const graph: Record<string, DependencyOptions> = {}
      for (const [index, { parents, need }] of nodes.entries()) {
        const on = parents.filter((parent) => parent < index).map((parent) => `n${parent}`)
        if (on.length > 0) graph[`n${index}`] = { on, need }
      }
      return { names: nodes.map((_, index) => `n${index}`), dependencies: graph }
    })

  it('ends in one down for each root, unreachable for all behind them, alarms for the roots alone, and none on the way back', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyGraph,
        fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 3 }),
        fc.integer(),
        async (graph, picks, seed) => {
          const random = seededRandom(seed)
          const roots = new Set(picks.map((pick) => `n${pick % graph.names.length}`))
          // What is dead in truth: a root, or what has too few parents left.
          const dead = new Set<string>()
          const explained = new Set<string>()
          for (const name of graph.names) {
            const { on = [], need } = graph.dependencies[name] ?? {}
            const left = on.filter((parent) => !dead.has(parent)).length
            if (on.length > 0 && left < (need === 'any' ? 1 : on.length)) explained.add(name)
            if (roots.has(name) || explained.has(name)) dead.add(name)
          }
          const { clock, tracker, set, alarms } = await setUp('up', graph)
          const noticed = (state: TargetState) =>
            [...dead].map((name) => ({ name, atMs: Math.floor(random.next() * 4_999), state })).toSorted((a, b) => a.atMs - b.atMs)
          const play = async (state: TargetState) => {
            let playedMs = 0
            for (const { name, atMs } of noticed(state)) {
              await clock.advance(atMs - playedMs)
              playedMs = atMs
              set(state, name)
            }
            await clock.advance(20_000)
          }
          await play('down')
          const expected = [...dead].filter((name) => !explained.has(name))
          expect(alarms().toSorted()).toEqual(expected.toSorted())
          for (const name of graph.names) {
            const verdict = tracker.get(name)!
            expect(verdict.state).toBe(dead.has(name) ? (explained.has(name) ? 'unreachable' : 'down') : 'up')
            expect(verdict.rootCause.every((root) => expected.includes(root))).toBe(true)
            expect(verdict.rootCause.length > 0).toBe(dead.has(name))
          }
          await play('up')
          expect(alarms()).toHaveLength(expected.length)
          expect([...tracker.list().values()].every(({ state }) => state === 'up')).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })
})
