import { type HealthState, type Logger, silentLogger, type Verdict } from '@hotspare/core'
import { recordingLogger, TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BoardEvent, TargetBoard } from './target-board.ts'

interface Told {
  readonly board: TargetBoard
  readonly clock: TestClock
  /** What the health checks do: they change their verdict, and tell if the state is another one. */
  readonly setHealth: (id: string, state: 'up' | 'down', because: string) => void
  /** `type subject`, in order: the subject of a pool's event is the pool. */
  readonly told: string[]
  readonly events: BoardEvent[]
}

function boardOf(ids: readonly string[], logger: Logger = silentLogger): Told {
  const clock = new TestClock()
  const verdicts = new Map<string, Verdict<HealthState>>()
  const board = new TargetBoard({ clock, logger, healthOf: (id) => verdicts.get(id) })
  for (const id of ids) {
    verdicts.set(id, { state: 'unknown', since: clock.wallMs(), because: 'not proven' })
    board.add({ id, pool: poolOf(id) })
  }
  const told: string[] = []
  const events: BoardEvent[] = []
  board.subscribe((event) => {
    events.push(event)
    told.push(`${event.type} ${event.type.startsWith('pool') ? event.pool : event.targetId}`)
  })
  const setHealth: Told['setHealth'] = (id, state, because) => {
    const { state: from = 'unknown', since = 0 } = verdicts.get(id) ?? {}
    const at = clock.wallMs()
    verdicts.set(id, { state, since: from === state ? since : at, because })
    if (from !== state) board.healthChanged({ type: `target-${state}`, at, targetId: id, from, because })
  }
  return { board, clock, setHealth, told, events }
}

function poolOf(id: string): string {
  return id.split('/')[0] ?? ''
}

describe('a target', () => {
  it('that nobody knows changes nothing and tells nobody', () => {
    const { board, told, setHealth } = boardOf(['shop/a'])
    setHealth('shop/x', 'down', 'gone')
    expect(board.setAdmin('shop/x', 'draining', 'by mistake')).toBe(false)
    expect(board.get('shop/x')).toBeUndefined()
    expect(board.list().map(({ id }) => id)).toEqual(['shop/a'])
    expect(told).toEqual([])
  })

  it('is unknown until somebody has looked, and does not serve', () => {
    const { board, clock } = boardOf(['shop/a'])
    expect(board.get('shop/a')).toMatchObject({
      verdict: { state: 'unknown', since: clock.wallMs(), because: 'not proven' },
      admin: undefined,
    })
    expect(board.isServed('shop')).toBe(false)
  })

  it.each(['up', 'down'] as const)('goes from unknown to %s once, with its reason and the time', async (state) => {
    const { board, clock, events, setHealth } = boardOf(['shop/a', 'shop/b'])
    await clock.advance(500)
    setHealth('shop/a', state, 'seen')
    await clock.advance(500)
    setHealth('shop/a', state, 'seen again')
    const since = clock.wallMs() - 500
    expect(events).toEqual([{ type: `target-${state}`, at: since, targetId: 'shop/a', pool: 'shop', from: 'unknown', because: 'seen' }])
    // The words are those of the last look, and nobody is told for that.
    expect(board.get('shop/a')?.verdict).toEqual({ state, since, because: 'seen again' })
  })

  it('obeys people before its health, and goes back to its health when they let go', async () => {
    const { board, clock, events, setHealth } = boardOf(['shop/a'])
    setHealth('shop/a', 'up', 'answers')
    const upSince = clock.wallMs()
    await clock.advance(10)
    expect(board.setAdmin('shop/a', 'draining', 'new kernel')).toBe(true)
    expect(board.get('shop/a')).toMatchObject({
      health: { state: 'up', since: upSince },
      verdict: { state: 'draining', since: upSince + 10, because: 'new kernel' },
    })
    expect(board.isServed('shop')).toBe(false)
    setHealth('shop/a', 'down', 'rebooting')
    expect(board.get('shop/a')).toMatchObject({ health: { state: 'down' }, verdict: { state: 'draining' } })
    expect(board.setAdmin('shop/a', undefined, 'done')).toBe(true)
    expect(board.get('shop/a')).toMatchObject({ admin: undefined, verdict: { state: 'down', because: 'rebooting' } })
    expect(events.at(-1)).toMatchObject({ type: 'target-undrained', because: 'done' })
  })

  it('that is drained twice, or undrained without a drain, is told of once and keeps the first reason', () => {
    const { board, told } = boardOf(['shop/a', 'shop/b'])
    board.setAdmin('shop/a', undefined, 'nothing to take back')
    board.setAdmin('shop/a', 'draining', 'first')
    board.setAdmin('shop/a', 'draining', 'second')
    expect(told).toEqual(['target-drained shop/a'])
    expect(board.get('shop/a')?.verdict.because).toBe('first')
  })

  it('has its own wish heard, where people have said nothing: they stand above it', () => {
    const wishes = new Map<string, Verdict<'draining' | 'maintenance'>>()
    const [clock, up] = [new TestClock(), { state: 'up', since: 0, because: 'answers' } as const]
    const board = new TargetBoard({ clock, logger: silentLogger, healthOf: () => up, wishOf: (id) => wishes.get(id) })
    board.add({ id: 'shop/a', pool: 'shop' })
    const told: string[] = []
    board.subscribe(({ type }) => told.push(`${type} ${board.get('shop/a')?.verdict.state}`))
    const wish = { state: 'maintenance', since: 0, because: 'it asks for it itself' } as const
    wishes.set('shop/a', wish)
    board.wishChanged('shop/a', 1, wish)
    expect(board.get('shop/a')).toMatchObject({ admin: undefined, wish, health: up, verdict: wish })
    expect(board.isServed('shop')).toBe(false)
    board.setAdmin('shop/a', 'draining', 'by hand')
    expect(board.get('shop/a')?.verdict.because).toBe('by hand')
    // What it asks for meanwhile changes nothing.
    wishes.delete('shop/a')
    board.wishChanged('shop/a', 2, undefined)
    board.setAdmin('shop/a', undefined, 'done')
    expect(told).toEqual([
      'target-wish maintenance',
      'pool-exhausted maintenance',
      'target-drained draining',
      'target-undrained up',
      'pool-recovered up',
    ])
  })

  it('reaches every listener even when one of them throws', () => {
    const logger = recordingLogger()
    const { board, setHealth } = boardOf(['shop/a'], logger)
    const heard: string[] = []
    board.subscribe(() => {
      throw new Error('a bad listener')
    })
    const leave = board.subscribe(({ type }) => heard.push(type))
    setHealth('shop/a', 'up', 'answers')
    leave()
    setHealth('shop/a', 'down', 'silent')
    expect(heard).toEqual(['target-up'])
    expect(logger.records.every(({ level }) => level === 'error')).toBe(true)
  })
})

describe('a pool', () => {
  it('that starts with all its targets down is exhausted once, when the last one has been looked at', () => {
    const { told, setHealth } = boardOf(['shop/a', 'shop/b'])
    setHealth('shop/a', 'down', 'refused')
    setHealth('shop/b', 'down', 'refused')
    setHealth('shop/b', 'up', 'answers')
    setHealth('shop/a', 'up', 'answers')
    expect(told).toEqual([
      'target-down shop/a',
      'target-down shop/b',
      'pool-exhausted shop',
      'target-up shop/b',
      'pool-recovered shop',
      'target-up shop/a',
    ])
  })

  it('that starts with one target up has lost nothing and recovers from nothing', () => {
    const { told, setHealth } = boardOf(['shop/a', 'shop/b'])
    setHealth('shop/a', 'down', 'refused')
    setHealth('shop/b', 'up', 'answers')
    setHealth('shop/a', 'up', 'answers')
    expect(told).toEqual(['target-down shop/a', 'target-up shop/b', 'target-up shop/a'])
  })

  // Once told of twice, because the first loss came before every target had been looked at.
  it('that loses its only proven target while another is still unknown is exhausted once and recovers once', () => {
    const { told, setHealth } = boardOf(['shop/a', 'shop/b'])
    setHealth('shop/a', 'up', 'answers')
    setHealth('shop/a', 'down', 'refused')
    setHealth('shop/b', 'down', 'refused')
    setHealth('shop/a', 'up', 'answers')
    expect(told).toEqual([
      'target-up shop/a',
      'target-down shop/a',
      'pool-exhausted shop',
      'target-down shop/b',
      'target-up shop/a',
      'pool-recovered shop',
    ])
  })

  // Once the recovery was not told, for the same reason.
  it('that recovers while a target is still unknown says so', () => {
    const { told, setHealth } = boardOf(['shop/a', 'shop/b'])
    setHealth('shop/a', 'up', 'answers')
    setHealth('shop/a', 'down', 'refused')
    setHealth('shop/a', 'up', 'answers')
    expect(told.filter((line) => line.startsWith('pool'))).toEqual(['pool-exhausted shop', 'pool-recovered shop'])
  })

  it('is exhausted by the drain of its last target and recovers with the end of the drain', () => {
    const { board, told, setHealth } = boardOf(['shop/a', 'shop/b'])
    setHealth('shop/a', 'up', 'answers')
    setHealth('shop/b', 'down', 'refused')
    board.setAdmin('shop/a', 'draining', 'by hand')
    board.setAdmin('shop/b', 'draining', 'by hand')
    board.setAdmin('shop/b', undefined, 'by hand')
    board.setAdmin('shop/a', undefined, 'by hand')
    expect(told.slice(2)).toEqual([
      'target-drained shop/a',
      'pool-exhausted shop',
      'target-drained shop/b',
      'target-undrained shop/b',
      'target-undrained shop/a',
      'pool-recovered shop',
    ])
  })

  it('does not recover when a drained target comes up', () => {
    const { board, told, setHealth } = boardOf(['shop/a'])
    board.setAdmin('shop/a', 'maintenance', 'by hand')
    setHealth('shop/a', 'up', 'answers')
    expect(told).toEqual(['target-drained shop/a', 'target-up shop/a', 'pool-exhausted shop'])
    board.setAdmin('shop/a', undefined, 'by hand')
    expect(told.at(-1)).toBe('pool-recovered shop')
  })

  it('has no part in what befalls another', () => {
    const { board, told, setHealth } = boardOf(['shop/a', 'blog/a'])
    setHealth('shop/a', 'up', 'answers')
    setHealth('blog/a', 'down', 'refused')
    expect(told).toEqual(['target-up shop/a', 'target-down blog/a', 'pool-exhausted blog'])
    expect([board.isServed('shop'), board.isServed('blog'), board.isServed('none')]).toEqual([true, false, false])
  })
})

describe('whatever happens', () => {
  const ids = ['shop/a', 'shop/b', 'shop/c', 'blog/a']
  const operation = fc.record({
    id: fc.constantFrom(...ids, 'shop/unknown'),
    to: fc.constantFrom('up', 'down', 'draining', 'maintenance', undefined),
  })

  it('a pool is served if and only if one of its targets is up and in use, and its events alternate', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const { board, events, setHealth } = boardOf(ids)
        const health = new Map<string, string>(ids.map((id) => [id, 'unknown']))
        const admin = new Map<string, string>()
        for (const { id, to } of operations) {
          const before = events.length
          const isHealth = to === 'up' || to === 'down'
          const known = isHealth ? health.has(id) : board.setAdmin(id, to, 'x')
          if (isHealth) setHealth(id, to, 'x')
          expect(known).toBe(health.has(id))
          expect(known || events.length === before).toBe(true)
          if (known && isHealth) health.set(id, to)
          else if (known && to) admin.set(id, to)
          else if (known) admin.delete(id)
          for (const pool of ['shop', 'blog']) {
            const served = ids.some((each) => poolOf(each) === pool && health.get(each) === 'up' && !admin.has(each))
            expect(board.isServed(pool)).toBe(served)
            const last = events.findLast((event) => event.pool === pool && event.type.startsWith('pool'))?.type
            expect(last === 'pool-exhausted' && served).toBe(false)
            expect(last === 'pool-recovered' && !served).toBe(false)
          }
          for (const each of ids) expect(board.get(each)?.verdict.state).toBe(admin.get(each) ?? health.get(each))
        }
        for (const pool of ['shop', 'blog']) {
          const own = events.filter((event) => event.pool === pool && event.type.startsWith('pool')).map(({ type }) => type)
          expect(own).toEqual(own.map((_type, index) => (index % 2 === 0 ? 'pool-exhausted' : 'pool-recovered')))
        }
      }),
      { numRuns: 300 },
    )
  })
})
