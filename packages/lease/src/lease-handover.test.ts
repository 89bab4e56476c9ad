import { describe, expect, it } from 'vitest'
import { granted, RIGHT_MS, setUp, TTL_MS } from './contenders.fixture.ts'
import { gate } from './scripted-register.fixture.ts'

/** One holds it, two waits for it; what one hands over, and what two is invited with. */
async function twoContenders() {
  const made = setUp()
  const [one, two] = [made.contender('one'), made.contender('two')]
  const right = await granted(made.clock, one.lease)
  const stop = async () => {
    const stopped = Promise.all([one.lease.stop(), two.lease.stop()])
    // A call that hangs has its time.
    await made.clock.advance(TTL_MS)
    await stopped
  }
  return { ...made, one, two, right, stop }
}

describe('a handover', () => {
  it('is not made for an invitation that makes no sense, and the right stays', async () => {
    const { right, stop } = await twoContenders()
    for (const nonsense of [undefined, null, 'yes', {}, { id: 7 }, { id: 'x'.repeat(200) }])
      expect(await right.handOver(nonsense)).toBeUndefined()
    expect(right.isValid()).toBe(true)
    await stop()
  })
  it('is not made while the register is silent, for what an unanswered call has written nobody knows', async () => {
    const { clock, one, two, right, stop } = await twoContenders()
    one.register.fate = 'lost'
    await clock.advance(TTL_MS / 6 + TTL_MS / 8)
    const asked = right.handOver(two.lease.invite())
    await clock.advance(TTL_MS / 8)
    expect([await asked, right.isValid()]).toEqual([undefined, true])
    one.register.fate = 'answered'
    await stop()
  })
  it('is not made after a gap in time before the register has confirmed the right', async () => {
    const { clock, suspend, one, two, right, stop } = await twoContenders()
    one.register.fate = 'lost'
    suspend(TTL_MS / 10)
    const asked = right.handOver(two.lease.invite())
    await clock.advance(TTL_MS / 8)
    expect([await asked, one.lease.verdict().state]).toEqual([undefined, 'unconfirmed'])
    one.register.fate = 'answered'
    await stop()
  })
  it('is not made where too little of the right is left for an heir with an old invitation', async () => {
    const { two, right, stop } = await twoContenders()
    expect(await right.handOver(two.lease.invite(), { ageMs: RIGHT_MS - TTL_MS / 4 })).toBeUndefined()
    expect(right.isValid()).toBe(true)
    await stop()
  })
  it('is not made by a right that has ended, nor twice', async () => {
    const { two, right, stop } = await twoContenders()
    expect(await right.handOver(two.lease.invite())).toBeDefined()
    expect(await right.handOver(two.lease.invite())).toBeUndefined()
    expect(await right.release()).toBe(false)
    await stop()
  })
  it('waits for the renewal that is under way, so that no write of the former holder comes after it', async () => {
    const { clock, one, two, right, stop } = await twoContenders()
    const late = gate()
    one.register.fate = { answeredAfter: late.opened }
    await clock.advance(TTL_MS / 6)
    let handover: unknown = 'not yet'
    void right.handOver(two.lease.invite()).then((answer) => (handover = answer))
    // A second one has nothing to hand over.
    expect(await right.handOver(two.lease.invite())).toBeUndefined()
    await clock.advance(1)
    expect([handover, right.isValid()]).toEqual(['not yet', true])
    late.open()
    await clock.advance(1)
    expect(handover).toMatchObject({ record: { holder: 'one', token: right.token } })
    expect(right.isValid()).toBe(false)
    await stop()
  })
  it('ends the wait of a holder that is stopped meanwhile', async () => {
    const { clock, one, two, right, stop } = await twoContenders()
    one.register.fate = 'lost'
    await clock.advance(TTL_MS / 6)
    const asked = right.handOver(two.lease.invite())
    await stop()
    expect(await asked).toBeUndefined()
  })

  it('makes the heir act without a call to the register, and renews there a breath later', async () => {
    const { clock, one, two, right, stop } = await twoContenders()
    two.lease.start()
    await clock.advance(1)
    const calls = [one.register.calls.length, two.register.calls.length] as const
    const handover = await right.handOver(two.lease.invite())
    expect([right.isValid(), one.lease.verdict().state]).toEqual([false, 'elsewhere'])
    const inherited = await two.lease.acquire({ handover: JSON.parse(JSON.stringify(handover)) as unknown })
    expect([inherited.isValid(), inherited.token]).toEqual([true, right.token + 1])
    expect(two.register.calls.length).toBe(calls[1])
    await clock.advance(TTL_MS / 40)
    expect([one.register.calls.slice(calls[0]), two.register.calls.slice(calls[1])]).toEqual([[], ['swap']])
    expect(await one.register.store.read('shop')).toMatchObject({ holder: 'two', token: right.token + 1 })
    expect(await inherited.confirm()).toBe(true)
    await clock.advance(10 * TTL_MS)
    expect(inherited.isValid()).toBe(true)
    expect(one.events.at(-1)).toMatchObject({ type: 'lease-holder-changed', holder: 'two' })
    await stop()
  })
  it('leaves the heir no more than was left of the right, counted from its invitation', async () => {
    const { clock, two, right, stop } = await twoContenders()
    const invitation = two.lease.invite()
    await clock.advance(100)
    const left = right.deadlineMs - clock.monotonicMs()
    const handover = await right.handOver(invitation)
    await clock.advance(200)
    two.register.fate = 'lost'
    const inherited = await two.lease.acquire({ handover })
    expect(inherited.deadlineMs - clock.monotonicMs()).toBeCloseTo(left - 300, 3)
    await clock.advance(left - 301)
    expect(inherited.isValid()).toBe(true)
    await clock.advance(1)
    expect(inherited.isValid()).toBe(false)
    two.register.fate = 'answered'
    await stop()
  })
  it('is passed over where it comes too late, for another invitation, a second time, or makes no sense', async () => {
    const { clock, two, right, stop } = await twoContenders()
    const first = two.lease.invite()
    const handover = await right.handOver(first)
    const refuses = async (said: unknown) => {
      const wait = new AbortController()
      const ended = two.lease.acquire({ signal: wait.signal, handover: said }).catch((error: unknown) => error)
      await clock.advance(1)
      expect(two.lease.verdict().state).toBe('elsewhere')
      wait.abort(new Error('called off'))
      expect(await ended).toMatchObject({ message: 'called off' })
    }
    for (const nonsense of ['mine', {}, { ...handover, restMs: Infinity }, { ...handover, record: null }]) await refuses(nonsense)
    two.lease.invite()
    await refuses(handover)
    await refuses(handover)
    await stop()

    const late = await twoContenders()
    const invitation = late.two.lease.invite()
    const tooLate = await late.right.handOver(invitation)
    await late.clock.advance(RIGHT_MS)
    void late.two.lease.acquire({ handover: tooLate }).catch(() => {})
    expect(late.two.lease.verdict().state).toBe('elsewhere')
    await late.stop()
  })
  it('is passed over after a gap in time, for nobody knows how long ago the invitation was', async () => {
    const { clock, suspend, two, right, stop } = await twoContenders()
    two.lease.start()
    await clock.advance(1)
    const handover = await right.handOver(two.lease.invite())
    suspend(TTL_MS / 10)
    void two.lease.acquire({ handover }).catch(() => {})
    await clock.advance(1)
    expect(two.lease.verdict().state).toBe('elsewhere')
    await stop()
  })
  it('that nobody accepts is over after a ttl, for everybody: also for the one that made it', async () => {
    const { clock, one, two, right, stop } = await twoContenders()
    await right.handOver(two.lease.invite())
    const again = one.lease.acquire()
    await clock.advance(TTL_MS - 1)
    expect([one.lease.verdict().state, await one.register.store.read('shop')]).toEqual([
      'elsewhere',
      expect.objectContaining({ token: right.token }),
    ])
    await clock.advance(1)
    expect((await again).token).toBeGreaterThan(right.token + 1)
    await stop()
  })
  it('leaves nothing behind that a stop of the former holder would give back', async () => {
    const { clock, one, two, right, stop } = await twoContenders()
    const handover = await right.handOver(two.lease.invite())
    const calls = one.register.calls.length
    await one.lease.stop()
    expect(one.register.calls.slice(calls)).toEqual([])
    const inherited = await two.lease.acquire({ handover })
    expect(inherited.isValid()).toBe(true)
    await clock.advance(1)
    await stop()
  })
  it('is taken by an heir whose own view is old: the lease was free when it last looked', async () => {
    const { clock, contender } = setUp()
    const [one, two] = [contender('one'), contender('two')]
    const before = await granted(clock, one.lease)
    await before.release()
    two.lease.start()
    await clock.advance(1)
    expect(two.lease.verdict().state).toBe('free')
    const right = await one.lease.acquire()
    const handover = await right.handOver(two.lease.invite())
    // At once, and not after a swap of what it has seen, which would fail.
    const calls = two.register.calls.length
    const inherited = await two.lease.acquire({ handover })
    expect([inherited.token, two.register.calls.length]).toEqual([right.token + 1, calls])
    await Promise.all([one.lease.stop(), two.lease.stop()])
  })
})
