import type { Outcome, Plan, Step } from '@hotspare/core/plan'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { executePlan, failureOf, type StepRecord } from './execute.ts'
import { active, instructions, service } from './facts.fixture.ts'
import { makePlan } from './make-plan.ts'

const plan = makePlan(
  service(),
  active(),
  { type: 'hand-over', purpose: 'switchover', from: 'a', to: 'b', because: 'asked' },
  instructions(500),
)
const done: Outcome = { ok: true, detail: 'done' }

async function run(perform: (step: Step, signal: AbortSignal) => Promise<Outcome>, options: { plan?: Plan; signal?: AbortSignal } = {}) {
  const clock = new TestClock()
  const told: StepRecord[] = []
  const running = executePlan(options.plan ?? plan, { perform, clock, signal: options.signal, onStep: (record) => told.push(record) })
  running.catch(() => {})
  await clock.advance(10_000)
  const record = await running
  expect(clock.pendingTimers).toBe(0)
  expect(told).toEqual(record.steps)
  return record
}

describe('executePlan', () => {
  it('refuses a plan that could not be printed, before it does anything', async () => {
    const broken = { ...plan, steps: plan.steps.map((step) => ({ ...step, manual: [] })) }
    await expect(run(async () => done, { plan: broken })).rejects.toMatchObject({ code: 'HOTSPARE_CORE_PLAN' })
  })

  it('stops at the first step that fails', async () => {
    const record = await run(async ({ action }) => (action.type === 'take-lease' ? { ok: false, because: 'taken', retryable: true } : done))
    expect(record.ok).toBe(false)
    expect(record.steps.map(({ outcome }) => outcome.ok)).toEqual([true, true, false])
    expect(failureOf(record)).toBe('3 take-lease on b: taken')
  })

  it('takes whatever a step throws for its failure', async () => {
    const record = await run(() => Promise.reject(new Error('no such device')))
    expect(failureOf(record)).toBe('1 prepare on b: no such device')
    const thrown = await run(() => {
      throw new Error('at once')
    })
    expect(failureOf(thrown)).toBe('1 prepare on b: at once')
  })

  it('gives a step its time and no more, and tells it', async () => {
    const signals: AbortSignal[] = []
    const record = await run((_, signal) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    expect(failureOf(record)).toBe('1 prepare on b: 1 prepare on b: no answer within 500 ms')
    expect(record).toMatchObject({ tookMs: 500, steps: [{ tookMs: 500 }] })
    expect(signals[0]?.aborted).toBe(true)
  })

  it('gives up when it is told to: the step that runs is told, and no other begins', async () => {
    const abort = new AbortController()
    const record = await run(
      async ({ action }, signal) => {
        if (action.type !== 'give-lease') return done
        abort.abort(new Error('the engine stops'))
        expect(signal.aborted).toBe(true)
        return new Promise(() => {})
      },
      { signal: abort.signal },
    )
    expect(failureOf(record)).toBe('2 give-lease on a: the engine stops')
    const before = await run(async () => done, { signal: AbortSignal.abort(new Error('too late')) })
    expect(failureOf(before)).toBe('1 prepare on b: too late')
  })

  it('runs every step in order', async () => {
    const order: string[] = []
    const record = await run(async ({ id }) => {
      order.push(id)
      return done
    })
    expect(order).toEqual(plan.steps.map(({ id }) => id))
    expect(record.ok).toBe(true)
    expect(failureOf(record)).toBeUndefined()
  })
})
