import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { MemoryArbiter, MemoryLease, MemoryResource } from './cluster.fixture.ts'
import { engineDefaults } from './defaults.ts'
import { FactGatherer } from './fact-gatherer.ts'
import { facts, instructions, report, service, verdict } from './facts.fixture.ts'
import { GuestWork, refusalOf } from './guest-work.ts'
import { LocalSteps } from './local-steps.ts'
import type { PerformRequest } from './wire.ts'

const signal = new AbortController().signal

function make(onControlLoss: 'keep' | 'release' = 'release') {
  const clock = new TestClock()
  const arbiter = new MemoryArbiter()
  const lease = new MemoryLease('a', arbiter)
  const vip = new MemoryResource('vip')
  const parts = { definition: service({ onControlLoss }), lease, resources: [vip], instructions: instructions(), hasCheck: true }
  const { sick, hold, maintenance, peers } = facts()
  const gatherer = new FactGatherer({
    parts,
    host: { node: 'a', clock, nodeFacts: () => ({ sick, hold, maintenance, peers }), fence: undefined, askReport: async () => report() },
    changed: () => {},
    isBusy: () => false,
  })
  gatherer.keeper.start()
  gatherer.setCheck(verdict('up'))
  const work = new GuestWork({ run: 'one', peer: 'b', steps: new LocalSteps({ parts, gatherer, clock }), clock })
  const perform = (type: 'prepare' | 'take-lease' | 'acquire', last = false, next?: PerformRequest['next']) => {
    const action = type === 'acquire' ? ({ type, resource: 'vip' } as const) : ({ type } as const)
    return work.perform({ service: 'shop', run: 'one', action, allowedMs: 1_000, untilNextMs: 2_000, last, next }, signal)
  }
  return { arbiter, clock, lease, vip, gatherer, work, perform }
}

describe('refusalOf', () => {
  const ask = (type: 'prepare' | 'take-lease', run = 'one'): Pick<PerformRequest, 'run' | 'action'> => ({ run, action: { type } })
  const guest = { type: 'guest', run: 'one', peer: 'b', inStep: false } as const

  it('refuses another plan, a plan that did not begin here, and two steps at once', () => {
    expect(refusalOf({ type: 'own' }, ask('prepare'), 'b')).toBe('it is busy with another plan')
    expect(refusalOf(guest, ask('prepare', 'two'), 'b')).toBe('it is busy with another plan')
    expect(refusalOf(guest, ask('take-lease'), 'c')).toBe('it is busy with another plan')
    expect(refusalOf(undefined, ask('take-lease'), 'b')).toContain('did not begin with a look at this node')
    expect(refusalOf({ ...guest, inStep: true }, ask('take-lease'), 'b')).toBe('it is still at the step before')
  })

  it('lets a plan begin with a look, and go on', () => {
    expect(refusalOf(undefined, ask('prepare'), 'b')).toBeUndefined()
    expect(refusalOf(guest, ask('take-lease'), 'b')).toBeUndefined()
  })
})

describe('GuestWork', () => {
  it('refuses to be prepared where this node could not be active', async () => {
    const { gatherer, perform } = make()
    gatherer.setCheck(verdict('down', 'refused'))
    await expect(perform('prepare')).resolves.toMatchObject({ ok: false, because: 'its check says down: refused' })
  })

  it('is overdue when the next step has not come though all others have had their time', async () => {
    const { clock, perform, work } = make()
    await perform('prepare')
    await clock.advance(3_000 + engineDefaults.guestSlackMs - 1)
    expect(work.isOverdue()).toBe(false)
    await clock.advance(1)
    expect(work.isOverdue()).toBe(true)
  })

  // A guest whose plan had failed waited for all that its steps might have taken, and kept everybody from acting meanwhile.
  it('knows that the plan was given up once the peer says that it leaves no longer', async () => {
    const { perform, work } = make()
    const [before, leaving, after] = [{}, {}, {}]
    await perform('prepare')
    expect(work.isGivenUp(before, 'active')).toBe(false)
    expect(work.isGivenUp(leaving, 'leaving')).toBe(false)
    expect(work.isGivenUp(after, undefined)).toBe(false)
    expect(work.isGivenUp(after, 'standby')).toBe(false)
    expect(work.isGivenUp({}, 'standby')).toBe(true)
    expect(work.isGivenUp({}, 'leaving')).toBe(true)
  })

  it('of a peer that was never heard to leave, it believes what is said so late that it was not said before', async () => {
    const { clock, perform, work } = make()
    await perform('prepare')
    expect(work.isGivenUp({}, 'active')).toBe(false)
    expect(work.isGivenUp({}, 'active')).toBe(false)
    await clock.advance(engineDefaults.reportTimeoutMs)
    expect(work.isGivenUp(undefined, undefined)).toBe(false)
    expect(work.isGivenUp({}, 'active')).toBe(true)
  })

  it('takes back what it acquired when the right has gone by the end', async () => {
    const { lease, perform, vip } = make()
    await perform('take-lease')
    vip.onAcquire = async () => {
      lease.lose()
      return { ok: true, detail: 'done' }
    }
    await expect(perform('acquire', true)).resolves.toMatchObject({ ok: false, because: expect.stringContaining('the right was gone') })
    expect(vip.held).toBe(false)
  })

  it('asks again after a right that an arbiter has not confirmed in time, and goes without it when it never does', async () => {
    for (const [answersAfter, ok] of [
      [engineDefaults.confirmations - 1, true],
      [engineDefaults.confirmations, false],
    ] as const) {
      const { perform, vip, gatherer } = make()
      await perform('take-lease')
      const { right } = gatherer.keeper
      let asked = 0
      if (right) right.confirm = async () => asked++ >= answersAfter
      await expect(perform('acquire', true)).resolves.toMatchObject({ ok })
      expect(vip.held).toBe(ok)
    }
  })

  it('takes nothing away from a service that is to be kept because a plan was given up', async () => {
    const { perform, vip, work, gatherer } = make('keep')
    await perform('take-lease')
    const { right } = gatherer.keeper
    if (right) right.confirm = async () => Promise.reject(new Error('given up'))
    await expect(perform('acquire', true)).resolves.toMatchObject({ ok: false })
    expect([vip.held, work.acquired]).toEqual([true, true])
  })

  // A right was handed over, its heir was cut off from the arbiter, and let go of a site that nobody else had.
  it('nor because of what the arbiter said last, while it is silent; and takes back what somebody else has by its present word', async () => {
    for (const isSilent of [true, false]) {
      const { arbiter, gatherer, lease, perform, vip } = make('keep')
      await perform('take-lease')
      const { right } = gatherer.keeper
      if (right) right.confirm = async () => false
      lease.verdict = () => verdict('elsewhere', 'b has it')
      if (isSilent) arbiter.silence()
      await expect(perform('acquire', true)).resolves.toMatchObject({ ok: false })
      expect(vip.held).toBe(isSilent)
    }
  })

  it('ends a step that takes longer than it may', async () => {
    const { clock, perform, vip, work } = make()
    await perform('take-lease')
    vip.onAcquire = () => new Promise(() => {})
    const acquiring = perform('acquire')
    await clock.advance(1_000)
    await expect(acquiring).resolves.toMatchObject({ ok: false, because: expect.stringContaining('no answer within 1000 ms') })
    expect(work.inStep).toBe(false)
  })

  it('ends the step that is under way when it is abandoned, and never rejects', async () => {
    const { arbiter, perform, work } = make()
    arbiter.grant('somebody')
    const taking = perform('take-lease')
    expect(work.inStep).toBe(true)
    work.abandon()
    await expect(taking).resolves.toMatchObject({ ok: false, because: expect.stringContaining('the plan of b was given up') })
    expect(work.inStep).toBe(false)
  })

  const acquireNext = [{ action: { type: 'acquire', resource: 'vip' }, allowedMs: 1_000 }] as const

  it('goes ahead with the steps that follow here, and does none of them twice', async () => {
    const { vip, perform, work } = make()
    await perform('prepare')
    expect(await perform('take-lease', false, acquireNext)).toMatchObject({ ok: true })
    expect([vip.held, work.acquired]).toEqual([true, true])
    vip.held = false
    expect(await perform('acquire', true)).toMatchObject({ ok: true })
    expect(vip.held).toBe(false)
  })

  it('does not go ahead after a step that failed', async () => {
    const { vip, lease, perform } = make()
    await perform('prepare')
    lease.acquire = () => Promise.reject(new Error('somebody has it'))
    expect(await perform('take-lease', false, acquireNext)).toMatchObject({ ok: false })
    expect(vip.held).toBe(false)
  })
})
