import { silentLogger } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import type { WorkerOrder, WorkerReport } from './process/messages.ts'
import { WorkerReports } from './worker-reports.ts'

const report = (active: number): WorkerReport => ({ pools: [], proxies: [{ name: 'web', active }], metrics: undefined })

function reportsOf(mayAnswer = true): { reports: WorkerReports; clock: TestClock; asked: WorkerOrder[] } {
  const clock = new TestClock()
  const asked: WorkerOrder[] = []
  const reports = new WorkerReports({ clock, logger: silentLogger, tellWorker: (order) => asked.push(order), mayAnswer: () => mayAnswer })
  return { reports, clock, asked }
}

it('a worker that is not there is neither asked nor waited for', async () => {
  const { reports, clock, asked } = reportsOf(false)
  await reports.ask({ withMetrics: false })
  expect([asked, clock.pendingTimers, reports.last]).toEqual([[], 0, undefined])
})

it('where it does not answer, what it said last counts, and nothing is left of the question', async () => {
  const { reports, clock, asked } = reportsOf()
  reports.heard(0, report(7))
  const asking = reports.ask({ withMetrics: true })
  expect(asked).toEqual([{ type: 'report-wanted', id: 1, withMetrics: true }])
  await clock.advance(500)
  await asking
  expect(reports.last?.proxies[0]?.active).toBe(7)
  expect(clock.pendingTimers).toBe(0)
})

it('an answer ends the wait, and metrics stay until newer ones come', async () => {
  const { reports, clock } = reportsOf()
  const scope = { scope: { name: 'x' }, metrics: [] }
  const asking = reports.ask({ withMetrics: true })
  reports.heard(1, { ...report(1), metrics: [scope] })
  await asking
  reports.heard(2, report(2))
  expect([reports.last?.proxies[0]?.active, reports.metrics]).toEqual([2, [scope]])
  expect(clock.pendingTimers).toBe(0)
})
