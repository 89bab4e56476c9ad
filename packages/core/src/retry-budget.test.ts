import { array, assert, constantFrom, integer, oneof, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { RetryBudget } from './retry-budget.ts'
import { TestClock } from './testing/test-clock.ts'

/** How many retries are granted in a row. */
function drain(budget: RetryBudget): number {
  let granted = 0
  while (granted < 100_000 && budget.tryRetry()) granted++
  return granted
}

test('an exhausted budget refuses, and a refusal is not charged', () => {
  const budget = new RetryBudget({ minimumPerSecond: 0, ratio: 0.5, clock: new TestClock() })
  budget.recordRequest()
  expect(budget.tryRetry()).toBe(false)
  expect(budget.tryRetry()).toBe(false)
  budget.recordRequest()
  expect(budget.remaining()).toBe(1)
  expect(budget.tryRetry()).toBe(true)
  expect(budget.tryRetry()).toBe(false)
  expect(budget.remaining()).toBe(0)
})

test('nothing is granted where the floor and the ratio are 0', () => {
  const budget = new RetryBudget({ minimumPerSecond: 0, ratio: 0, clock: new TestClock() })
  for (let request = 0; request < 1_000; request++) budget.recordRequest()
  expect(drain(budget)).toBe(0)
})

test('a quiet service may retry 10 times a second over 10 seconds (the floor of Finagle)', () => {
  expect(drain(new RetryBudget({ clock: new TestClock() }))).toBe(100)
})

test.each([5, 15, 100, 1_000, 12_345])('after %i requests, 20 %% of them come on top', (requests) => {
  const budget = new RetryBudget({ clock: new TestClock() })
  for (let request = 0; request < requests; request++) budget.recordRequest()
  expect(drain(budget)).toBe(100 + requests / 5)
})

test('a clock that stands still grants no more than one window', async () => {
  const clock = new TestClock()
  const budget = new RetryBudget({ clock })
  expect(drain(budget)).toBe(100)
  await clock.advance(0)
  expect(drain(budget)).toBe(0)
})

test('a step of the wall clock gives nothing back', () => {
  const clock = new TestClock()
  const budget = new RetryBudget({ clock })
  drain(budget)
  clock.stepWall(3_600_000)
  expect(drain(budget)).toBe(0)
  clock.stepWall(-7_200_000)
  expect(drain(budget)).toBe(0)
})

test('requests and retries leave the count together when their window has passed', async () => {
  const clock = new TestClock()
  const budget = new RetryBudget({ minimumPerSecond: 0, clock })
  for (let request = 0; request < 50; request++) budget.recordRequest()
  expect(drain(budget)).toBe(10)
  await clock.advance(8_999)
  expect(budget.remaining()).toBe(0)
  for (let request = 0; request < 5; request++) budget.recordRequest()
  expect(drain(budget)).toBe(1)
  await clock.advance(1_001)
  // The first fifty have gone, with their ten retries; the last five and their one retry still count.
  expect(budget.remaining()).toBe(0)
  budget.recordRequest()
  expect(budget.remaining()).toBeCloseTo(0.2)
})

test.each([10_000, 10_001, 25_000, 10_000_000])('after %i ms of silence the budget is as new', async (silenceMs) => {
  const clock = new TestClock()
  const budget = new RetryBudget({ clock })
  for (let request = 0; request < 500; request++) budget.recordRequest()
  drain(budget)
  await clock.advance(silenceMs)
  expect(budget.remaining()).toBe(100)
  expect(drain(budget)).toBe(100)
})

test('it starts clean on a clock that has been running for long', async () => {
  const clock = new TestClock()
  await clock.advance(987_654_321)
  const budget = new RetryBudget({ clock })
  expect(drain(budget)).toBe(100)
  await clock.advance(10_000)
  expect(drain(budget)).toBe(100)
})

test('whatever happens, retries in nine tenths of a window never exceed the floor and the share of the requests in a window', () => {
  const action = oneof(
    record({ kind: constantFrom('request' as const, 'retry' as const), times: integer({ min: 1, max: 60 }) }),
    record({ kind: constantFrom('wait' as const), times: integer({ min: 0, max: 4_000 }) }),
  )
  assert(
    property(array(action, { maxLength: 60 }), (actions) => {
      let nowMs = 0
      const budget = new RetryBudget({
        ratio: 0.2,
        minimumPerSecond: 2,
        clock: { monotonicMs: () => nowMs, wallMs: () => 0, schedule: () => ({ cancel() {} }) },
      })
      const requestsAt: number[] = []
      const retriesAt: number[] = []
      for (const { kind, times } of actions) {
        if (kind === 'wait') nowMs += times
        if (kind === 'wait') continue
        for (let time = 0; time < times; time++) {
          if (kind === 'request') {
            budget.recordRequest()
            requestsAt.push(nowMs)
            continue
          }
          if (!budget.tryRetry()) break
          retriesAt.push(nowMs)
          const retries = retriesAt.filter((at) => at > nowMs - 9_000).length
          const requests = requestsAt.filter((at) => at > nowMs - 10_000).length
          expect(retries).toBeLessThanOrEqual(20 + 0.2 * requests + 1e-9)
        }
      }
    }),
  )
})
