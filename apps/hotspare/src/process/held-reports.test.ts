import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { HeldReports } from './held-reports.ts'

it('a report grows older while nobody is there to look at it, and the newest one is held', async () => {
  const clock = new TestClock()
  const held = new HeldReports(clock)
  expect(held.list().size).toBe(0)
  held.hold('backup', { outcome: 'fail', detail: 'disk full', ageMs: 0 })
  await clock.advance(1_000)
  held.hold('backup', { outcome: 'pass', detail: '312 rows', ageMs: 200 })
  await clock.advance(5_000)
  expect([...held.list()]).toEqual([['backup', { outcome: 'pass', detail: '312 rows', ageMs: 5_200 }]])
})
