import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { granted, RIGHT_MS, setUp, timeOf, TTL_MS } from './contenders.fixture.ts'
import { createLease } from './lease.ts'
import { timingChain } from './timing-chain.ts'
import { gate, scriptedRegister } from './scripted-register.fixture.ts'

describe('createLease', () => {
  it.each<[string, object]>([
    ['name', { name: '/shop' }],
    ['holder', { holder: '' }],
    ['ttlMs', { ttlMs: 1 }],
    ['register', { register: {} }],
    ['pollMs', { pollMs: 0 }],
    ['color', { color: 'red' }],
  ])('refuses a wrong %s and names it', (option, wrong) => {
    const options = { register: scriptedRegister(), name: 'shop', holder: 'one', ttlMs: TTL_MS, ...wrong }
    expect(() => createLease(options)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS', message: expect.stringContaining(option) }),
    )
  })
  it('refuses times that do not fit together, and shows which', () => {
    const options = { register: scriptedRegister(), name: 'shop', holder: 'one', ttlMs: TTL_MS, renewMs: 1_900 }
    expect(() => createLease(options)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_LEASE_TIMING', message: expect.stringContaining('BROKEN  renew') }),
    )
  })
  it('looks at once when it is told of a change, also when a poll of before the change is still under way', async () => {
    const { clock, contender } = setUp()
    const [one, two] = [contender('one'), contender('two')]
    const right = await granted(clock, one.lease)
    const next = two.lease.acquire()
    await clock.advance(1)
    await right.release()
    two.lease.look()
    await clock.advance(0)
    expect((await next).token).toBeGreaterThan(right.token)

    // The poll that is under way answers with what was there before.
    const late = gate()
    const waiting = one.lease.acquire()
    await clock.advance(1)
    one.register.fate = { answeredAfter: late.opened }
    await clock.advance(TTL_MS / 10)
    await (await next).release()
    one.lease.look()
    one.register.fate = 'answered'
    late.open()
    await clock.advance(0)
    expect(one.lease.verdict().state).toBe('held')
    await (await waiting).release()
    await Promise.all([one.lease.stop(), two.lease.stop()])
  })
  it('has nothing to look for while it is held, and before it is started', async () => {
    const { clock, contender } = setUp()
    const { lease, register } = contender('one')
    lease.look()
    const right = await granted(clock, lease)
    const calls = register.calls.length
    lease.look()
    await clock.advance(0)
    expect(register.calls.length).toBe(calls)
    await right.release()
    await lease.stop()
  })
  it('does nothing before it is started', async () => {
    const { clock, contender } = setUp()
    const { lease, register } = contender('one')
    await clock.advance(10 * TTL_MS)
    expect([register.calls, clock.pendingTimers, lease.verdict().state]).toEqual([[], 0, 'unknown'])
    await lease.stop()
    await expect(lease.acquire()).rejects.toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_STOPPED' }))
  })
})

describe('a takeover', () => {
  it('of a name without a record waits a ttl too: the record may have been lost under a holder', async () => {
    const { clock, contender } = setUp()
    const { lease } = contender('one')
    let held = false
    void lease.acquire().then(() => (held = true))
    await clock.advance(TTL_MS - 1)
    expect([held, lease.verdict().state]).toEqual([false, 'unknown'])
    await clock.advance(1)
    expect([held, lease.verdict().state]).toEqual([true, 'held'])
    await lease.stop()
  })

  it('happens a ttl after the last renewal that was seen, with the next token, and not before', async () => {
    const { clock, contender } = setUp()
    const one = contender('one')
    const two = contender('two')
    const first = await granted(clock, one.lease)
    const second = two.lease.acquire()
    await clock.advance(5 * TTL_MS)
    expect(two.lease.verdict()).toMatchObject({ state: 'elsewhere', because: `one has token ${first.token}` })
    one.register.fate = 'lost'
    await clock.advance(RIGHT_MS)
    expect([first.signal.aborted, first.isValid()]).toEqual([true, false])
    await clock.advance(TTL_MS - RIGHT_MS + TTL_MS / 10)
    expect((await second).token).toBeGreaterThan(first.token)
    for (const { lease } of [one, two]) await lease.stop()
  })

  it('happens within what the timing chain says, whenever the holder dies', async () => {
    const { takeoverMs } = timingChain({ ttlMs: TTL_MS })
    for (let phaseMs = 0; phaseMs < TTL_MS / 6; phaseMs += 23) {
      const { clock, contender } = setUp()
      const one = contender('one')
      const two = contender('two')
      await granted(clock, one.lease)
      const second = two.lease.acquire()
      await clock.advance(TTL_MS + phaseMs)
      one.register.fate = 'lost'
      await clock.advance(takeoverMs)
      expect(two.lease.verdict().state).toBe('held')
      await second
      one.register.fate = 'answered'
      for (const { lease } of [one, two]) await lease.stop()
    }
  })

  it('of a released lease needs no wait', async () => {
    const { clock, contender } = setUp()
    const one = contender('one')
    const two = contender('two')
    const first = await granted(clock, one.lease)
    const second = two.lease.acquire()
    await clock.advance(10)
    expect(await first.release()).toBe(true)
    expect(first.signal.aborted).toBe(true)
    await clock.advance(TTL_MS / 10)
    expect((await second).token).toBeGreaterThan(first.token)
    for (const { lease } of [one, two]) await lease.stop()
  })

  it('by the same holder in a new process waits, since the old process may still run', async () => {
    const { clock, contender } = setUp()
    const before = contender('one')
    const first = await granted(clock, before.lease)
    const after = contender('one')
    const second = after.lease.acquire()
    await clock.advance(RIGHT_MS)
    expect([first.isValid(), after.lease.verdict().state]).toEqual([true, 'elsewhere'])
    before.register.fate = 'lost'
    await clock.advance(2 * TTL_MS)
    expect((await second).token).toBeGreaterThan(first.token)
    for (const { lease } of [before, after]) await lease.stop()
  })
})

describe('a held lease', () => {
  it('goes on as long as it is renewed', async () => {
    const { clock, contender } = setUp()
    const { lease, events } = contender('one')
    const right = await granted(clock, lease)
    const { deadlineMs } = right
    await clock.advance(100 * TTL_MS)
    expect([right.isValid(), right.signal.aborted, right.deadlineMs - deadlineMs]).toEqual([true, false, expect.closeTo(100 * TTL_MS, -3)])
    expect(events.map(({ type }) => type)).toEqual(['lease-holder-changed', 'lease-holder-changed', 'lease-granted'])
    await lease.stop()
  })

  it('is over at its deadline, to the millisecond', async () => {
    const { clock, contender } = setUp({ gapMs: 10_000 })
    const { lease, register } = contender('one')
    const right = await granted(clock, lease)
    register.fate = 'lost'
    await clock.advance(right.deadlineMs - clock.monotonicMs() - 1)
    expect(right.isValid()).toBe(true)
    await clock.advance(1)
    expect([right.isValid(), right.signal.aborted]).toEqual([false, true])
    expect(right.signal.reason).toMatchObject({ code: 'HOTSPARE_LEASE_ENDED' })
    await lease.stop()
  })

  it('a renewal that is answered after its deadline prolongs nothing', async () => {
    const { clock, contender } = setUp()
    const one = contender('one')
    const right = await granted(clock, one.lease)
    const late = gate()
    one.register.fate = { answeredAfter: late.opened }
    await clock.advance(right.deadlineMs - clock.monotonicMs())
    expect(right.signal.aborted).toBe(true)
    one.register.fate = 'answered'
    late.open()
    await clock.advance(1)
    expect(right.isValid()).toBe(false)
    expect(one.events).toContainEqual(expect.objectContaining({ type: 'lease-ended', reason: 'expired' }))
    expect(one.types()).toContain('register-reachable')
    await one.lease.stop()
  })

  it('a renewal whose answer was lost is not taken for one, nor for a loss: the next goes on from what has arrived', async () => {
    const { clock, contender } = setUp()
    const { lease, register, types } = contender('one')
    const right = await granted(clock, lease)
    const { deadlineMs } = right
    register.fate = 'answer-lost'
    await clock.advance(TTL_MS / 6 + TTL_MS / 8)
    expect(right.deadlineMs).toBe(deadlineMs)
    register.fate = 'answered'
    await clock.advance(10 * TTL_MS)
    expect([right.isValid(), right.token]).toEqual([true, right.token])
    expect(types()).not.toContain('lease-ended')
    await lease.stop()
  })

  it.each(['etcdserver: no leader', 'lease lost', 'revision mismatch', 'not the leader: somebody else holds it'])(
    'the error text %j ends nothing: only what the register holds does (Patroni #3572)',
    async (throws) => {
      const { clock, contender } = setUp()
      const { lease, register, types } = contender('one')
      const right = await granted(clock, lease)
      register.fate = { throws }
      await clock.advance(RIGHT_MS / 2)
      expect(right.isValid()).toBe(true)
      register.fate = 'answered'
      await clock.advance(TTL_MS)
      expect([right.isValid(), types().includes('lease-ended')]).toEqual([true, false])
      expect(types()).toEqual(expect.arrayContaining(['register-unreachable', 'register-reachable']))
      await lease.stop()
    },
  )

  it('is lost at once when the register shows somebody else', async () => {
    const { clock, register, contender } = setUp()
    const one = contender('one')
    const right = await granted(clock, one.lease)
    const current = await register.read('shop')
    await register.compareAndSwap('shop', current, { holder: 'admin', token: right.token + 5, ttlMs: 1_000, revision: 'by-hand.1' })
    await clock.advance(TTL_MS / 6)
    expect(right.signal.aborted).toBe(true)
    expect(one.events.at(-1)).toMatchObject({
      type: 'lease-ended',
      reason: 'lost',
      because: `the register shows admin with token ${right.token + 5}`,
    })
    await one.lease.stop()
  })

  it('confirm() asks the register anew, and tells the truth when it does not answer', async () => {
    const { clock, contender } = setUp()
    const { lease, register } = contender('one')
    const right = await granted(clock, lease)
    const calls = register.calls.length
    expect(await right.confirm()).toBe(true)
    expect(register.calls.length).toBe(calls + 1)
    register.fate = 'lost'
    const confirmed = right.confirm()
    await clock.advance(TTL_MS / 4)
    expect([await confirmed, right.isValid()]).toEqual([false, true])
    const aborted = right.confirm({ signal: AbortSignal.abort(new Error('enough')) })
    await expect(aborted).rejects.toThrow('enough')
    await clock.advance(TTL_MS)
    expect(await right.confirm()).toBe(false)
    await lease.stop()
  })

  it('answers several confirm() at once by calls that began after each of them', async () => {
    const { clock, contender } = setUp()
    const { lease, register } = contender('one')
    const right = await granted(clock, lease)
    const calls = register.calls.length
    const slow = gate()
    register.fate = { answeredAfter: slow.opened }
    const first = right.confirm()
    await clock.advance(5)
    const second = right.confirm()
    register.fate = 'answered'
    slow.open()
    expect(await Promise.all([first, second])).toEqual([true, true])
    expect(register.calls.length).toBe(calls + 2)
    await lease.stop()
  })
})

describe('after a gap in time', () => {
  it('a process that was blocked past its deadline knows it before any timer has run (moleculer#918)', async () => {
    const { clock, contender } = setUp()
    let blockedMs = 0
    const { lease } = contender('one', undefined, { ...timeOf(clock), monotonicMs: () => clock.monotonicMs() + blockedMs })
    const right = await granted(clock, lease)
    blockedMs = RIGHT_MS
    expect([right.isValid(), right.signal.aborted]).toEqual([false, true])
    await lease.stop()
  })

  it('nothing is valid until the register has confirmed it', async () => {
    const { clock, contender } = setUp()
    const { lease, register, types } = contender('one')
    const right = await granted(clock, lease)
    register.fate = 'lost'
    clock.stepWall(3_600_000)
    expect([right.isValid(), right.signal.aborted, lease.verdict().state]).toEqual([false, false, 'unconfirmed'])
    register.fate = 'answered'
    await clock.advance(TTL_MS / 2)
    expect([right.isValid(), lease.verdict().state]).toEqual([true, 'held'])
    expect(types().slice(-4)).toEqual(['lease-unconfirmed', 'register-unreachable', 'register-reachable', 'lease-confirmed'])
    await lease.stop()
  })

  it('a suspend longer than the right ends it, though the monotonic clock has stood still', async () => {
    const { clock, contender, suspend } = setUp()
    const { lease } = contender('one')
    const right = await granted(clock, lease)
    suspend(RIGHT_MS)
    expect([right.isValid(), right.signal.aborted]).toEqual([false, true])
    await lease.stop()
  })

  it('an answer that waited through the gap does not count', async () => {
    const { clock, contender, suspend } = setUp()
    const { lease, register } = contender('one')
    const right = await granted(clock, lease)
    const waiting = gate()
    register.fate = { answeredAfter: waiting.opened }
    await clock.advance(TTL_MS / 6)
    suspend(TTL_MS / 4)
    register.fate = 'lost'
    waiting.open()
    await setImmediate()
    expect(right.isValid()).toBe(false)
    register.fate = 'answered'
    await clock.advance(TTL_MS / 4)
    expect(right.isValid()).toBe(true)
    await lease.stop()
  })
})

describe('a candidate', () => {
  it('outlives an outage of the register and is granted the lease afterwards (no zombie, etcd Campaign)', async () => {
    const { clock, contender } = setUp()
    const { lease, register, types } = contender('one')
    register.fate = { throws: 'connection refused' }
    const right = lease.acquire()
    await clock.advance(100 * TTL_MS)
    expect(lease.verdict()).toMatchObject({ state: 'unknown', because: 'the register does not answer: connection refused' })
    register.fate = 'answered'
    await clock.advance(TTL_MS + TTL_MS / 10)
    expect((await right).isValid()).toBe(true)
    expect(types().filter((type) => type === 'register-unreachable')).toHaveLength(1)
    await lease.stop()
  })

  it('that is called off holds nothing, even when its attempt has arrived all the same', async () => {
    const { clock, contender } = setUp()
    const one = contender('one')
    const two = contender('two')
    const slow = gate()
    const controller = new AbortController()
    const given = one.lease.acquire({ signal: controller.signal })
    await clock.advance(TTL_MS - 1)
    one.register.fate = { answeredAfter: slow.opened }
    await clock.advance(1)
    controller.abort(new Error('changed my mind'))
    await expect(given).rejects.toThrow('changed my mind')
    one.register.fate = 'answered'
    slow.open()
    const second = two.lease.acquire()
    await clock.advance(TTL_MS / 5)
    expect((await second).isValid()).toBe(true)
    expect(one.types()).not.toContain('lease-granted')
    for (const { lease } of [one, two]) await lease.stop()
  })

  it('is one: a second acquire() is refused', async () => {
    const { clock, contender } = setUp()
    const { lease } = contender('one')
    const right = lease.acquire()
    await expect(lease.acquire()).rejects.toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_IN_USE' }))
    await clock.advance(TTL_MS)
    await right
    await expect(lease.acquire()).rejects.toThrow('release it first')
    await lease.stop()
  })

  it('may ask again after its right has ended, and gets a new token at once when nobody else has it', async () => {
    const { clock, contender } = setUp()
    const { lease, register } = contender('one')
    const first = await granted(clock, lease)
    register.fate = 'lost'
    await clock.advance(TTL_MS)
    register.fate = 'answered'
    await clock.advance(TTL_MS / 4)
    const second = await lease.acquire()
    expect([second.token > first.token, first.isValid(), second.isValid()]).toEqual([true, false, true])
    await lease.stop()
  })
})

describe('stop()', () => {
  it('gives back what is held, and leaves no timer', async () => {
    const { clock, contender, register } = setUp()
    const { lease } = contender('one')
    const right = await granted(clock, lease)
    await Promise.all([lease.stop(), lease.stop()])
    expect(right.signal.aborted).toBe(true)
    expect(await register.read('shop')).toMatchObject({ holder: null, token: right.token })
    expect(clock.pendingTimers).toBe(0)
    expect(lease.verdict()).toMatchObject({ state: 'unknown', because: 'the lease was stopped' })
  })
  it('ends a wait, and does not wait for a register that hangs', async () => {
    const { clock, contender } = setUp()
    const { lease, register } = contender('one')
    register.fate = 'lost'
    const refusal = lease.acquire().catch((error: unknown) => error)
    const stopped = lease.stop()
    await clock.advance(TTL_MS / 4)
    await stopped
    expect(await refusal).toMatchObject({ code: 'HOTSPARE_LEASE_STOPPED' })
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a register that loses its data', () => {
  it('ends the right, and the next one waits a ttl and gets a greater token', async () => {
    const { clock, contender } = setUp()
    const one = contender('one')
    const first = await granted(clock, one.lease)
    const wiped = contender('two', scriptedRegister())
    one.register.store = wiped.register
    await clock.advance(TTL_MS / 6)
    expect(one.events.at(-1)).toMatchObject({ type: 'lease-ended', reason: 'lost', because: 'the record has gone' })
    const second = wiped.lease.acquire()
    await clock.advance(TTL_MS)
    expect((await second).token).toBeGreaterThan(first.token)
    for (const { lease } of [one, wiped]) await lease.stop()
  })
})
