import { array, assert, asyncProperty, integer } from 'fast-check'
import { expect, test } from 'vitest'
import { TestClock } from './test-clock.ts'

test('it stands still until it is moved, and never goes back', async () => {
  const clock = new TestClock()
  expect(clock.monotonicMs()).toBe(0)
  await clock.advance(10)
  await expect(clock.advance(-1)).rejects.toThrow('never goes back')
  await expect(clock.advance(Number.NaN)).rejects.toThrow('never goes back')
  expect(clock.monotonicMs()).toBe(10)
})

test('a delay that is no number is refused, where a real timer would fire at once', () => {
  expect(() => new TestClock().schedule(Number.NaN, () => {})).toThrow('no number')
})

test('a timer fires at its time, not before, and is then no longer pending', async () => {
  const clock = new TestClock()
  const firedAtMs: number[] = []
  clock.schedule(10, () => firedAtMs.push(clock.monotonicMs()))
  await clock.advance(9)
  expect(firedAtMs).toEqual([])
  expect(clock.pendingTimers).toBe(1)
  await clock.advance(5)
  expect(firedAtMs).toEqual([10])
  expect(clock.pendingTimers).toBe(0)
  expect(clock.monotonicMs()).toBe(14)
})

test('timers fire in order of their time, and of their scheduling where that is equal', async () => {
  await assert(
    asyncProperty(array(integer({ min: 0, max: 5 }), { maxLength: 30 }), async (delays) => {
      const clock = new TestClock()
      const fired: number[] = []
      for (const [index, delayMs] of delays.entries()) clock.schedule(delayMs, () => fired.push(index))
      const expected = delays
        .map((delayMs, index) => ({ delayMs, index }))
        .toSorted((a, b) => a.delayMs - b.delayMs || a.index - b.index)
        .map(({ index }) => index)
      await clock.advance(5)
      expect(fired).toEqual(expected)
    }),
  )
})

test('a cancelled timer does not fire, even when another one cancels it at the same moment', async () => {
  const clock = new TestClock()
  const fired: string[] = []
  clock.schedule(10, () => {
    fired.push('first')
    second.cancel()
  })
  const second = clock.schedule(10, () => fired.push('second'))
  await clock.advance(10)
  expect(fired).toEqual(['first'])
  expect(clock.pendingTimers).toBe(0)
})

test('a timer that a timer sets fires within the same advance, at its own time', async () => {
  const clock = new TestClock()
  const firedAtMs: number[] = []
  const tick = () => {
    firedAtMs.push(clock.monotonicMs())
    if (firedAtMs.length < 5) clock.schedule(10, tick)
  }
  clock.schedule(10, tick)
  await clock.advance(35)
  expect(firedAtMs).toEqual([10, 20, 30])
  await clock.advance(15)
  expect(firedAtMs).toEqual([10, 20, 30, 40, 50])
})

test('promises that a timer makes ready run before the next timer, though it falls due at the same moment', async () => {
  const clock = new TestClock()
  const order: string[] = []
  const wait = (delayMs: number) => new Promise<void>((resolve) => clock.schedule(delayMs, resolve))
  const chain = async (name: string) => {
    await wait(10)
    await Promise.resolve()
    await Promise.resolve()
    order.push(name)
  }
  void chain('first')
  clock.schedule(10, () => order.push('second'))
  await clock.advance(10)
  expect(order).toEqual(['first', 'second'])
})

test('a timer that a ready promise sets counts from before the move', async () => {
  const clock = new TestClock()
  let firedAtMs = -1
  void Promise.resolve().then(() => clock.schedule(10, () => (firedAtMs = clock.monotonicMs())))
  await clock.advance(10)
  expect(firedAtMs).toBe(10)
})

test('a step of the wall clock moves the wall alone, and fires nothing', async () => {
  const clock = new TestClock(1_000)
  let calls = 0
  clock.schedule(10, () => calls++)
  clock.stepWall(3_600_000)
  expect([clock.wallMs(), clock.monotonicMs(), calls]).toEqual([3_601_000, 0, 0])
  clock.stepWall(-7_200_000)
  await clock.advance(10)
  expect([clock.wallMs(), clock.monotonicMs(), calls]).toEqual([-3_598_990, 10, 1])
})

test('a delay of 0 or less fires at the next move, not at once', async () => {
  const clock = new TestClock()
  let calls = 0
  clock.schedule(0, () => calls++)
  clock.schedule(-5, () => calls++)
  expect(calls).toBe(0)
  await clock.advance(0)
  expect(calls).toBe(2)
  expect(clock.monotonicMs()).toBe(0)
})
