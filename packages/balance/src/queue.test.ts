import { TestClock } from '@hotspare/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { setStates } from './pool.fixture.ts'
import { createPool } from './pool.ts'
import { createQueue, type QueueOutcome } from './queue.ts'
import type { PoolTarget } from './target.ts'

/** A pool of one target that takes one request, and a queue in front of it. */
function line(size = 2) {
  const clock = new TestClock()
  const pool = createPool<PoolTarget>({ targets: [{ id: 'a', limit: 1 }] })
  setStates(pool)
  return { clock, pool, queue: createQueue(pool, { size, timeoutMs: 1_000, clock }) }
}

function told(outcome: QueueOutcome<PoolTarget>): string {
  return outcome.ok ? outcome.pick.target.id : outcome.reason
}

test.each([
  { size: -1 },
  { size: 1.5 },
  { size: Infinity },
  { timeoutMs: 0 },
  { timeoutMs: Infinity },
  { tiemoutMs: 1 },
  { clock: Date as never },
])('%j is refused', (wrong) => {
  const pool = createPool({ targets: [] })
  expect(() => createQueue(pool, { size: 1, timeoutMs: 1, ...wrong })).toThrow(
    expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS', message: expect.stringContaining('balance: queue') }),
  )
})

describe('who is sent away', () => {
  test('who comes when as many wait as may', async () => {
    const { queue } = line(1)
    await queue.pick()
    void queue.pick()
    expect(queue.waiting).toBe(1)
    expect(told(await queue.pick())).toBe('full')
    expect(told(await line(0).queue.pick())).toBe('a')
  })

  test('who has waited for too long; the turn then goes to the next', async () => {
    const { clock, queue } = line()
    const first = await queue.pick()
    const second = queue.pick()
    await clock.advance(600)
    const third = queue.pick()
    await clock.advance(400)
    expect(told(await second)).toBe('timeout')
    if (first.ok) first.pick.done()
    expect(told(await third)).toBe('a')
    expect(clock.pendingTimers).toBe(0)
  })

  test('who gives up, with the reason of the signal, before or while waiting', async () => {
    const { clock, queue } = line()
    const reason = new Error('the client has left')
    await queue.pick()
    await expect(queue.pick(undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const waiting = queue.pick(undefined, { signal: controller.signal })
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect([queue.waiting, clock.pendingTimers]).toEqual([0, 0])
  })

  test('everybody, when it is closed, and it no longer listens to the pool', async () => {
    const { clock, pool: listened } = line()
    let listeners = 0
    const pool: typeof listened = {
      ...listened,
      watch(callback) {
        listeners += 1
        const unwatch = listened.watch(callback)
        return () => {
          listeners -= 1
          unwatch()
        }
      },
    }
    const queue = createQueue(pool, { size: 2, timeoutMs: 1_000, clock })
    const first = await queue.pick()
    const second = queue.pick()
    queue.close()
    expect(told(await second)).toBe('closed')
    expect(told(await queue.pick())).toBe('closed')
    if (first.ok) first.pick.done()
    expect([queue.waiting, clock.pendingTimers, pool.snapshot()[0]?.active]).toEqual([0, 0, 0])
    expect(listeners).toBe(0)
  })
})

describe('who is served', () => {
  test('at once, where nobody waits and a target is free', async () => {
    const { clock, queue } = line()
    expect(told(await queue.pick())).toBe('a')
    expect(clock.pendingTimers).toBe(0)
  })

  test('first come, first served, and nobody goes past who waits', async () => {
    const { pool, queue } = line(5)
    const served: number[] = []
    const first = await queue.pick()
    const later = [1, 2, 3].map(async (number) => {
      const outcome = await queue.pick()
      served.push(number)
      if (outcome.ok) outcome.pick.done()
    })
    if (first.ok) first.pick.done()
    await Promise.all(later)
    expect(served).toEqual([1, 2, 3])
    expect(pool.snapshot()[0]).toMatchObject({ active: 0, picks: 4 })
  })

  test('when a target comes back, or gets a weight', async () => {
    const { pool, queue } = line()
    pool.setState('a', 'draining')
    const first = queue.pick()
    pool.setState('a', 'up')
    const outcome = await first
    expect(told(outcome)).toBe('a')
    pool.setWeight('a', 0)
    if (outcome.ok) outcome.pick.done()
    const second = queue.pick()
    pool.setWeight('a', 1)
    expect(told(await second)).toBe('a')
  })

  test('with what was asked for', async () => {
    const targets = ['a', 'b'].map((id) => ({ id, limit: 1 }))
    const pool = createPool<PoolTarget>({ targets })
    setStates(pool)
    const queue = createQueue(pool, { size: 1, timeoutMs: 1_000, clock: new TestClock() })
    const picks = [pool.pick()!, pool.pick()!]
    const pick = vi.spyOn(pool, 'pick')
    const context = { sticky: 'b' }
    const waiting = queue.pick(context)
    picks[0]!.done()
    expect(told(await waiting)).toBe('a')
    expect(pick).toHaveBeenLastCalledWith(context)
  })
})
