import { silentLogger, type TargetState } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import type { EngineEvent, EngineFailure, EngineMember, EngineSynced } from '@hotspare/proxy/haproxy'
import { expect, it } from 'vitest'
import type { PoolConfig } from '../config/config.ts'
import { EngineKeeper } from './engine-keeper.ts'
import type { AppEngineEvent } from './events.ts'

const done: EngineSynced = { ok: true, changes: [], pending: [] }
const failed: EngineFailure = { ok: false, reason: 'unreachable', detail: 'nobody listens' }

function setUp(
  options: {
    states?: Readonly<Record<string, TargetState>>
    answer?: (signal: AbortSignal | undefined) => Promise<EngineSynced | EngineFailure>
  } = {},
) {
  const clock = new TestClock()
  const calls: string[] = []
  const events: AppEngineEvent[] = []
  let emit: (event: EngineEvent) => void = () => {}
  const answer = options.answer ?? (() => Promise.resolve(done))
  const target = (name: string) => ({ id: `shop/${name}`, name, host: '10.0.0.1', port: 80, weight: 1, tier: 0 })
  const pool = { name: 'shop', targets: [target('a'), target('b')], panic: true, panicThreshold: 0 } as unknown as PoolConfig
  const keeper = new EngineKeeper({
    config: { type: 'haproxy', name: 'web', pool: 'shop', intervalMs: 2_000, options: { backend: 'web', socket: '/s' } },
    pool,
    clock,
    logger: silentLogger,
    record: (event) => events.push(event),
    states: options.states && new Map(Object.entries(options.states)),
    driver: {
      engine: {
        type: 'haproxy',
        sync(members: readonly EngineMember[], { signal } = {}) {
          calls.push(members.map(({ id, state }) => `${id} ${state}`).join(', '))
          return answer(signal)
        },
        observe: () => Promise.resolve(failed),
        subscribe(listener) {
          emit = listener
          return () => {}
        },
      },
      stats: () => Promise.resolve([]),
    },
  })
  const state = (name: string, now: TargetState) => keeper.hear({ type: 'target-state', targetId: `shop/${name}`, state: now })
  return { clock, calls, events, keeper, state, emit: (event: EngineEvent) => emit(event) }
}

it('touches nothing until every target is judged, and then all at once', async () => {
  const { clock, calls, keeper, state } = setUp()
  keeper.start()
  state('a', 'up')
  await clock.advance(5_000)
  expect(calls).toEqual([])
  expect(keeper.status.state).toBe('waiting')
  state('b', 'down')
  await clock.advance(0)
  expect(calls).toEqual(['a serve, b off'])
  expect(keeper.status).toMatchObject({ state: 'synced', because: expect.stringContaining('1 down') })
})

it('does not wait for ever for a target that nobody can judge', async () => {
  const { clock, calls, keeper, state } = setUp()
  keeper.start()
  state('a', 'up')
  await clock.advance(10_000)
  expect(calls).toEqual(['a serve, b spare'])
})

it('goes on at once where the control before it has left what it knew', async () => {
  const { clock, calls, keeper } = setUp({ states: { 'shop/a': 'down', 'shop/b': 'up' } })
  keeper.start()
  await clock.advance(0)
  expect(calls).toEqual(['a off, b serve'])
})

it('looks once for the changes of one moment, and again every interval', async () => {
  const { clock, calls, keeper, state } = setUp({ states: { 'shop/a': 'up', 'shop/b': 'up' } })
  keeper.start()
  await clock.advance(0)
  state('a', 'down')
  state('b', 'down')
  state('a', 'up')
  keeper.hear({ type: 'target-state', targetId: 'blog/x', state: 'down' })
  await clock.advance(0)
  expect(calls).toEqual(['a serve, b serve', 'a serve, b off'])
  await clock.advance(4_000)
  expect(calls).toHaveLength(4)
})

it('looks again at once for what changes while it looks', async () => {
  const gates: (() => void)[] = []
  const answer = () => new Promise<EngineSynced>((resolve) => gates.push(() => resolve(done)))
  const { clock, calls, keeper, state } = setUp({ states: { 'shop/a': 'up', 'shop/b': 'up' }, answer })
  keeper.start()
  await clock.advance(0)
  state('a', 'draining')
  state('b', 'down')
  await clock.advance(100)
  expect(calls).toHaveLength(1)
  gates[0]!()
  await clock.advance(0)
  expect(calls).toEqual(['a serve, b serve', 'a drain, b serve'])
})

it('says since when an engine fails and why, tries again, and survives one that throws', async () => {
  const answers = [() => Promise.resolve(failed), () => Promise.reject(new Error('a bug')), () => Promise.resolve(done)]
  const { clock, keeper } = setUp({ states: { 'shop/a': 'up', 'shop/b': 'up' }, answer: () => answers.shift()!() })
  keeper.start()
  await clock.advance(0)
  const first = keeper.status
  expect(first).toMatchObject({ state: 'failing', because: 'nobody listens' })
  await clock.advance(2_000)
  expect(keeper.status).toMatchObject({ state: 'failing', because: 'a bug', since: first.since })
  await clock.advance(2_000)
  expect(keeper.status).toMatchObject({ state: 'synced', since: first.since + 4_000 })
  expect(keeper.syncs).toEqual({ done: 1, failed: 2, changed: 0 })
})

it('tells what befalls an engine in the words of the app', () => {
  const { events, emit } = setUp()
  emit({ type: 'engine-failed', at: 1, reason: 'denied', detail: 'needs "level admin"' })
  emit({ type: 'engine-changed', at: 2, cause: 'drift', changes: ['a is off'] })
  expect(events).toEqual([
    { type: 'engine-failed', at: 1, engine: 'web', pool: 'shop', reason: 'denied', because: 'needs "level admin"' },
    { type: 'engine-changed', at: 2, engine: 'web', pool: 'shop', cause: 'drift', changes: ['a is off'] },
  ])
})

it('leaves the engine as it is when it stops, ends what is under way, and leaves no timer', async () => {
  const answer = (signal: AbortSignal | undefined) =>
    new Promise<EngineSynced>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('given up')), { once: true }))
  const { clock, calls, keeper, state } = setUp({ states: { 'shop/a': 'up', 'shop/b': 'up' }, answer })
  keeper.start()
  await clock.advance(0)
  await keeper.stop()
  state('a', 'down')
  await clock.advance(60_000)
  expect(calls).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
})
