import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { createLease, type Lease } from './lease.ts'
import { memoryRegister } from './memory.ts'
import type { LeaseOptions } from './options.ts'
import type { LeaseRegister } from './register.ts'
import { gate, scriptedRegister } from './scripted-register.fixture.ts'

const TTL_MS = 2_000

function setUp(register: LeaseRegister = memoryRegister(), options: Partial<LeaseOptions> = {}) {
  const clock = new TestClock()
  const base = { register, name: 'shop', ttlMs: TTL_MS, clock, bootMs: () => clock.monotonicMs() }
  const open = (holder: string) => createLease({ ...base, holder, ...options })
  return { clock, open }
}

async function granted(clock: TestClock, lease: Lease) {
  const right = lease.acquire()
  await clock.advance(TTL_MS)
  return right
}

describe('listeners that call back', () => {
  it('cannot take the lease again while it is being stopped: the right was valid for ever', async () => {
    const { clock, open } = setUp()
    const lease = open('one')
    const refusals: unknown[] = []
    lease.subscribe(({ type }) => {
      if (type === 'lease-ended') void lease.acquire().catch((error: unknown) => refusals.push(error))
    })
    const right = await granted(clock, lease)
    await lease.stop()
    expect(refusals).toEqual([expect.objectContaining({ code: 'HOTSPARE_LEASE_STOPPED' })])
    expect([right.isValid(), clock.pendingTimers]).toEqual([false, 0])
  })

  it('see the clocks as they are: a listener that works for long is no longer valid after it', async () => {
    const clock = new TestClock()
    let workedMs = 0
    const register = scriptedRegister()
    const slow = { monotonicMs: () => clock.monotonicMs() + workedMs, wallMs: () => clock.wallMs() + workedMs }
    const lease = createLease({
      register,
      name: 'shop',
      holder: 'one',
      ttlMs: TTL_MS,
      clock: { ...slow, schedule: (delayMs, callback) => clock.schedule(delayMs, callback) },
      bootMs: slow.monotonicMs,
    })
    const right = await granted(clock, lease)
    const seen: boolean[] = []
    lease.subscribe(({ type }) => {
      if (type !== 'register-unreachable') return
      workedMs = TTL_MS
      seen.push(right.isValid())
    })
    register.fate = { throws: 'no' }
    await clock.advance(TTL_MS / 6)
    expect(seen).toEqual([false])
    register.fate = 'answered'
    await lease.stop()
  })

  it('see the verdict that goes with the event', async () => {
    const { clock, open } = setUp()
    const lease = open('one')
    const seen: string[] = []
    lease.subscribe(({ type }) => seen.push(`${type}: ${lease.verdict().state}`))
    const right = await granted(clock, lease)
    await right.release()
    expect(seen).toContain('lease-granted: held')
    expect(seen).toContain('lease-ended: free')
    await lease.stop()
  })
})

describe('a driver that returns garbage', () => {
  const garbage: readonly [string, () => unknown][] = [
    ['an empty object', () => ({})],
    ['a text', () => 'held'],
    ['nothing', () => undefined],
    ['a token that is no number', () => ({ holder: 'one', token: Number.NaN, ttlMs: 1_000, revision: 'a.1' })],
    ['a token beyond counting', () => ({ holder: 'one', token: Number.MAX_SAFE_INTEGER, ttlMs: 1_000, revision: 'a.1' })],
  ]
  it.each(garbage)('is a driver without an answer: %s', async (_, answer) => {
    const { clock, open } = setUp({ ...memoryRegister(), read: async () => answer() as never })
    const lease = open('one')
    const controller = new AbortController()
    const right = lease.acquire({ signal: controller.signal }).catch((error: unknown) => error)
    await clock.advance(5 * TTL_MS)
    expect(lease.verdict()).toMatchObject({ state: 'unknown', because: expect.stringContaining('not a lease record') })
    controller.abort(new Error('enough'))
    expect(await right).toMatchObject({ message: 'enough' })
    const stopped = lease.stop()
    await clock.advance(TTL_MS)
    await stopped
  })
  it('also when it answers a swap', async () => {
    const register = { ...memoryRegister(), compareAndSwap: async () => ({ swapped: false, current: {} }) as never }
    const { clock, open } = setUp(register)
    const lease = open('one')
    const right = lease.acquire().catch((error: unknown) => error)
    await clock.advance(5 * TTL_MS)
    expect(lease.verdict().because).toContain('not a lease record')
    const stopped = lease.stop()
    await clock.advance(TTL_MS)
    await stopped
    expect(await right).toMatchObject({ code: 'HOTSPARE_LEASE_STOPPED' })
  })
})

describe('a register that is slow', () => {
  it('grants the lease though each answer takes longer than a gap: a wait for an answer is none', async () => {
    const clock = new TestClock()
    const store = memoryRegister()
    const slow = <Answer>(answer: Promise<Answer>) => new Promise<Answer>((resolve) => clock.schedule(210, () => resolve(answer)))
    const register: LeaseRegister = {
      ...store,
      read: (name) => slow(store.read(name)),
      compareAndSwap: (name, expected, next) => slow(store.compareAndSwap(name, expected, next)),
    }
    const lease = createLease({
      register,
      name: 'shop',
      holder: 'one',
      ttlMs: TTL_MS,
      gapMs: 200,
      clock,
      bootMs: () => clock.monotonicMs(),
    })
    const right = lease.acquire()
    await clock.advance(2 * TTL_MS)
    expect((await right).isValid()).toBe(true)
    const stopped = lease.stop()
    await clock.advance(TTL_MS)
    await stopped
  })
})

describe('calls in a bad moment', () => {
  it('a signal that the driver aborts on the way leaves nothing held', async () => {
    const controller = new AbortController()
    const store = memoryRegister()
    const register: LeaseRegister = {
      ...store,
      read(name) {
        controller.abort(new Error('on the way'))
        return store.read(name)
      },
    }
    const { clock, open } = setUp(register)
    const lease = open('one')
    await expect(lease.acquire({ signal: controller.signal })).rejects.toThrow('on the way')
    await clock.advance(5 * TTL_MS)
    expect(lease.verdict().state).not.toBe('held')
    const right = await granted(clock, lease)
    expect(right.isValid()).toBe(true)
    await lease.stop()
  })

  it('acquire() can follow an abort, and the end of a right that no timer has told of yet, at once', async () => {
    const { clock, open } = setUp()
    const lease = open('one')
    const controller = new AbortController()
    const calledOff = lease.acquire({ signal: controller.signal }).catch(() => 'called off')
    controller.abort()
    const right = await granted(clock, lease)
    expect([await calledOff, right.isValid()]).toEqual(['called off', true])
    await lease.stop()
  })

  it('release() tells at once that it was overtaken by acquire()', async () => {
    const { clock, open } = setUp()
    const lease = open('one')
    const first = await granted(clock, lease)
    const released = first.release()
    const second = lease.acquire()
    expect(await released).toBe(false)
    expect((await second).token).toBeGreaterThan(first.token)
    await lease.stop()
  })

  it('a name that was seen empty long ago is not taken on that ground, when its record came and went in the meantime', async () => {
    const clock = new TestClock()
    const before = scriptedRegister()
    const open = (holder: string, register: LeaseRegister) =>
      createLease({ register, name: 'shop', holder, ttlMs: TTL_MS, clock, bootMs: () => clock.monotonicMs() })
    const late = before.another()
    const waiting = open('late', late)
    waiting.start()
    await clock.advance(1)
    late.fate = 'lost'
    const holder = open('holder', before)
    const right = await granted(clock, holder)
    await clock.advance(60_000)
    // The store loses its data; the holder is cut off and does not know yet, the other one is back.
    const wiped = scriptedRegister()
    before.fate = 'lost'
    late.store = wiped
    late.fate = 'answered'
    const taken = waiting.acquire()
    await clock.advance(TTL_MS - 500)
    expect(waiting.verdict().state).not.toBe('held')
    await clock.advance(TTL_MS)
    expect([right.isValid(), (await taken).token > right.token]).toEqual([false, true])
    before.fate = 'answered'
    for (const lease of [holder, waiting]) await lease.stop()
  })

  it.each(['release', 'stop'] as const)('%s() with a signal that has aborted ends the right all the same', async (how) => {
    const { clock, open } = setUp()
    const lease = open('one')
    const right = await granted(clock, lease)
    const options = { signal: AbortSignal.abort(new Error('no time')) }
    await (how === 'release' ? right.release(options) : lease.stop(options))
    expect([right.isValid(), right.signal.aborted]).toEqual([false, true])
    await lease.stop()
  })

  it('an answer that is held until the lease was stopped wakes nothing', async () => {
    const register = scriptedRegister()
    const { clock, open } = setUp(register)
    const lease = open('one')
    const held = gate()
    register.fate = { answeredAfter: held.opened }
    lease.start()
    await lease.stop()
    held.open()
    await clock.advance(10 * TTL_MS)
    expect(clock.pendingTimers).toBe(0)
  })
})
