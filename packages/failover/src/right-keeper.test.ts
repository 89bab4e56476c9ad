import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { MemoryArbiter, MemoryLease } from './cluster.fixture.ts'
import { engineDefaults } from './defaults.ts'
import { RightKeeper } from './right-keeper.ts'

function make() {
  const arbiter = new MemoryArbiter()
  const lease = new MemoryLease('a', arbiter)
  const clock = new TestClock()
  let changes = 0
  const keeper = new RightKeeper({ node: 'a', lease, clock, changed: () => (changes += 1) })
  keeper.start()
  return { arbiter, lease, clock, keeper, changes: () => changes }
}

const never = new AbortController().signal

describe('RightKeeper', () => {
  it('gives up when it is told to, and says why', async () => {
    const { arbiter, keeper } = make()
    arbiter.grant('b')
    const abort = new AbortController()
    const taking = keeper.take(abort.signal)
    abort.abort(new Error('the step took too long'))
    await expect(taking).resolves.toEqual({ ok: false, because: 'the lease could not be had: the step took too long', retryable: true })
    expect(keeper.right).toBeUndefined()
  })

  it('gives up when somebody else turns out to have it', async () => {
    const { arbiter, keeper } = make()
    arbiter.grant('b')
    const taking = keeper.take(never)
    arbiter.tell({ type: 'lease-holder-changed', holder: 'c' })
    await expect(taking).resolves.toMatchObject({ ok: false, because: expect.stringContaining('c has it') })
  })

  it('waits for the end of a right that a process before it left behind', async () => {
    const { arbiter, keeper } = make()
    arbiter.grant('a')
    const taking = keeper.take(never)
    arbiter.tell({ type: 'lease-holder-changed', holder: 'a' })
    arbiter.expire()
    await expect(taking).resolves.toEqual({ ok: true, detail: 'token 2' })
  })

  it('looks at the arbiter when it begins to wait, and takes nothing twice', async () => {
    const { keeper, lease } = make()
    await keeper.take(never)
    expect(lease.looks).toBe(1)
    await expect(keeper.take(never)).resolves.toEqual({ ok: true, detail: 'token 1, held already' })
    expect(lease.looks).toBe(1)
  })

  it('has no right any more once it has ended, and tells', async () => {
    const { keeper, lease, changes } = make()
    await keeper.take(never)
    const before = changes()
    lease.lose()
    expect(keeper.right).toBeUndefined()
    expect(changes()).toBe(before + 1)
  })

  it('gives back what it has, and says so when the arbiter has not confirmed it', async () => {
    const { arbiter, keeper } = make()
    await expect(keeper.give(never)).resolves.toMatchObject({ ok: true, detail: 'there was no right to give back' })
    await keeper.take(never)
    await expect(keeper.give(never)).resolves.toMatchObject({ ok: true })
    expect([arbiter.holder, keeper.right]).toEqual([null, undefined])
    await keeper.take(never)
    arbiter.silence()
    await expect(keeper.give(never)).resolves.toMatchObject({ ok: false, because: expect.stringContaining('has not confirmed it') })
    expect(keeper.right).toBeUndefined()
  })

  it('hands over what it has to an heir without the arbiter, and the heir takes it without it', async () => {
    const { arbiter, keeper } = make()
    const heir = new RightKeeper({ node: 'b', lease: new MemoryLease('b', arbiter), clock: new TestClock(), changed: () => {} })
    heir.start()
    await keeper.take(never)
    // Who has it is no heir.
    expect(keeper.invite()).toBeUndefined()
    const given = await keeper.give(never, { node: 'b', invitation: heir.invite(), ageMs: 5 })
    expect(given).toEqual({ ok: true, detail: 'it is handed over to b directly' })
    expect([keeper.right, arbiter.holder]).toEqual([undefined, 'a'])
    const handover = keeper.takeHandover()
    expect(keeper.takeHandover()).toBeUndefined()
    await expect(heir.take(never, handover)).resolves.toEqual({ ok: true, detail: 'token 2' })
    expect(arbiter.holder).toBe('b')
  })

  it('gives it back to the arbiter where it cannot be handed over', async () => {
    const { arbiter, keeper } = make()
    await keeper.take(never)
    const given = await keeper.give(never, { node: 'b', invitation: 'an old one', ageMs: 5 })
    expect(given).toEqual({ ok: true, detail: 'the arbiter has confirmed it' })
    expect([arbiter.holder, keeper.takeHandover()]).toEqual([null, undefined])
  })

  it('knows who holds it and whether the arbiter answers, by what it is told', () => {
    const { arbiter, keeper } = make()
    expect([keeper.holder, keeper.arbiterAnswers]).toEqual([null, true])
    arbiter.tell({ type: 'lease-holder-changed', holder: 'b' })
    arbiter.tell({ type: 'register-unreachable' })
    expect([keeper.holder, keeper.arbiterAnswers]).toEqual(['b', false])
    arbiter.tell({ type: 'register-reachable' })
    expect(keeper.arbiterAnswers).toBe(true)
  })

  it('believes a successor until its own look at the arbiter is certain to have been answered', async () => {
    const { clock, keeper, lease } = make()
    keeper.handedTo('b')
    expect(keeper.verdict()).toMatchObject({ state: 'elsewhere', because: 'b has just taken it over' })
    expect([keeper.holder, lease.looks]).toEqual(['b', 1])
    await clock.advance(engineDefaults.handedOverMs)
    expect(keeper.verdict().state).toBe('free')
  })

  it('believes the arbiter more than a successor: it may have given the lease back, or died', async () => {
    const { arbiter, keeper } = make()
    keeper.handedTo('b')
    arbiter.grant('b')
    arbiter.expire()
    expect(keeper.verdict().state).toBe('free')
  })

  it('listens no more once it was stopped', async () => {
    const { arbiter, keeper, lease, changes } = make()
    await keeper.stop()
    const before = changes()
    arbiter.tell({ type: 'lease-holder-changed', holder: 'b' })
    lease.hear({ type: 'register-unreachable' })
    expect(changes()).toBe(before)
  })
})
