import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import type { TargetAside } from './traffic-aside.ts'
import { AsideTeller } from './worker-aside.ts'

const ejected: TargetAside = { targetId: 'shop/a', state: 'ejected', since: 1, until: 2, because: 'it fails' }

function tellerOf(): { teller: AsideTeller; clock: TestClock; list: TargetAside[]; told: number[] } {
  const clock = new TestClock()
  const list: TargetAside[] = []
  const told: number[] = []
  return { teller: new AsideTeller({ clock, list: () => list, tell: ({ length }) => told.push(length) }), clock, list, told }
}

it('says nothing again of nobody, and leaves no timer', async () => {
  const { teller, clock, told } = tellerOf()
  teller.changed()
  await clock.advance(60_000)
  expect([told, clock.pendingTimers]).toEqual([[0], 0])
})

it('tells once of what changes together, and not more often than once a second', async () => {
  const { teller, clock, list, told } = tellerOf()
  list.push(ejected)
  teller.changed()
  teller.changed()
  await clock.advance(0)
  expect(told).toEqual([1])
  for (let change = 0; change < 100; change++) {
    list.push(ejected)
    teller.changed()
    await clock.advance(9)
  }
  expect(told).toEqual([1])
  await clock.advance(100)
  expect(told).toEqual([1, 101])
})

it('repeats it while anybody is put aside, for a control that was not there', async () => {
  const { teller, clock, list, told } = tellerOf()
  list.push(ejected)
  teller.changed()
  await clock.advance(11_000)
  expect(told).toEqual([1, 1, 1])
  list.pop()
  teller.changed()
  await clock.advance(60_000)
  expect([told, clock.pendingTimers]).toEqual([[1, 1, 1, 0], 0])
})

it('leaves no timer when it is stopped', () => {
  const { teller, clock } = tellerOf()
  teller.changed()
  teller.stop()
  expect(clock.pendingTimers).toBe(0)
})
