import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

function fired(delayMs: number): Promise<number> {
  const startMs = systemClock.monotonicMs()
  return new Promise((resolve) => systemClock.schedule(delayMs, () => resolve(systemClock.monotonicMs() - startMs)))
}

/** Timers that keep the process alive. */
function activeTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}

test('a delay that is longer than a timer of Node can hold does not fire at once', async () => {
  // setTimeout(2 ** 31) fires after 1 ms: a fail-back in 30 days would have come now.
  let calls = 0
  const timers = [2 ** 31, 1e12, Infinity].map((delayMs) => systemClock.schedule(delayMs, () => calls++))
  await fired(30)
  for (const timer of timers) timer.cancel()
  expect(calls).toBe(0)
})

test('a cancelled timer never fires', async () => {
  let calls = 0
  const timer = systemClock.schedule(1, () => calls++)
  timer.cancel()
  timer.cancel()
  await fired(20)
  expect(calls).toBe(0)
})

test('cancelling after the call has no effect', async () => {
  let calls = 0
  const timer = systemClock.schedule(0, () => calls++)
  await fired(10)
  timer.cancel()
  expect(calls).toBe(1)
})

test('the monotonic clock never goes back', () => {
  let lastMs = systemClock.monotonicMs()
  for (let reading = 0; reading < 10_000; reading++) {
    const nowMs = systemClock.monotonicMs()
    expect(nowMs).toBeGreaterThanOrEqual(lastMs)
    lastMs = nowMs
  }
})

test('a step of the wall clock does not touch the monotonic one', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 })
  const beforeMs = systemClock.monotonicMs()
  vi.setSystemTime(86_400_000)
  expect(systemClock.wallMs()).toBe(86_400_000)
  expect(systemClock.monotonicMs() - beforeMs).toBeLessThan(60_000)
})

test('a real timer fires once, not before its time', async () => {
  // Node rounds to whole milliseconds, so a timer may look up to one early by a finer clock.
  expect(await fired(15)).toBeGreaterThanOrEqual(14)
})

test('a timer keeps the process alive unless it is unref-ed', () => {
  const before = activeTimers()
  const quiet = systemClock.schedule(60_000, () => {}, { unref: true })
  expect(activeTimers()).toBe(before)
  const holding = systemClock.schedule(60_000, () => {})
  expect(activeTimers()).toBe(before + 1)
  holding.cancel()
  quiet.cancel()
  expect(activeTimers()).toBe(before)
})
