import { TestClock } from '@hotspare/core/testing'
import type { OutlierEvent } from '@hotspare/health/outliers'
import { expect, it } from 'vitest'
import { OutlierTally } from './traffic-outlier-tally.ts'

function tallyOf(): { tally: OutlierTally; clock: TestClock; told: OutlierEvent[] } {
  const clock = new TestClock(0)
  const told: OutlierEvent[] = []
  return { tally: new OutlierTally({ clock, record: (event) => told.push(event) }), clock, told }
}

const ejected = (at: number, targetId = 'shop/a'): OutlierEvent => ({
  type: 'target-ejected',
  at,
  targetId,
  cause: 'consecutive-errors',
  because: 'it fails',
  forMs: 1,
  ejections: 1,
})
const returned = (at: number): OutlierEvent => ({ type: 'target-returned', at, targetId: 'shop/a', because: 'its time is over' })
const withheld = (at: number): OutlierEvent => ({
  type: 'ejection-withheld',
  at,
  targetId: 'shop/a',
  cause: 'latency',
  because: 'it is the last one that is left',
})

it('tells what is rare at once, and sets no timer for it', async () => {
  const { tally, clock, told } = tallyOf()
  for (let count = 0; count < 20; count++) {
    tally.add(ejected(count))
    await clock.advance(15_000)
    tally.add(returned(count))
    await clock.advance(15_000)
  }
  expect(told).toHaveLength(40)
  expect(clock.pendingTimers).toBe(0)
})

it('tells of a target that comes and goes all the time six times, then once in ten seconds, and how it is in the end', async () => {
  const { tally, clock, told } = tallyOf()
  for (let second = 0; second < 60; second++) {
    tally.add(ejected(second))
    tally.add(returned(second))
    await clock.advance(1_000)
  }
  await clock.advance(10_000)
  expect(told.length).toBeGreaterThanOrEqual(6 + 5)
  expect(told.length).toBeLessThanOrEqual(6 + 7)
  expect(told.at(-1)).toEqual(returned(59))
  expect(clock.pendingTimers).toBe(0)
})

it('drops what is no change where there is too much, and hides no change by it', async () => {
  const { tally, clock, told } = tallyOf()
  for (let count = 0; count < 100; count++) tally.add(withheld(count))
  tally.add(ejected(100))
  tally.add(withheld(101))
  expect(told).toHaveLength(6)
  await clock.advance(10_000)
  expect(told.slice(6)).toEqual([ejected(100)])
})

it('does not let one target wait for another', () => {
  const { tally, told } = tallyOf()
  for (let count = 0; count < 100; count++) tally.add(withheld(count))
  tally.add(ejected(1, 'shop/b'))
  expect(told.at(-1)).toEqual(ejected(1, 'shop/b'))
})

it('has told the latest of each when it is flushed, and leaves no timer', () => {
  const { tally, clock, told } = tallyOf()
  for (let count = 0; count < 10; count++) tally.add(ejected(count))
  tally.flush()
  expect(told.at(-1)).toEqual(ejected(9))
  expect(clock.pendingTimers).toBe(0)
})
