import { describe, expect, it } from 'vitest'
import type { LatencySummary } from './latency.ts'
import { countRetried, formatReport, isMet, type ScenarioReport } from './report.ts'

const nothing: LatencySummary = { sent: 0, failed: 0, p50Ms: undefined, p99Ms: undefined, slowestMs: undefined }
const some: LatencySummary = { sent: 400, failed: 2, p50Ms: 3.21, p99Ms: 45.6, slowestMs: 1_234.5 }
const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

const report: ScenarioReport = {
  load: { ratePerSecond: 200, total: some, retried: 3, failures: ['status 502', 'ECONNRESET'] },
  steps: [
    {
      title: 'SIGKILL to the busiest origin',
      targetId: 'shop/a',
      noticedAfterMs: 61_500,
      firstGoodAnswerMs: 4,
      before: some,
      during: some,
      after: nothing,
      problems: [],
    },
    {
      title: 'its return',
      targetId: undefined,
      noticedAfterMs: undefined,
      firstGoodAnswerMs: undefined,
      before: nothing,
      during: nothing,
      after: nothing,
      problems: ['the origin did not start', 'and more'],
    },
  ],
  objectives: [
    { name: 'no GET failed', met: false, seen: '2 of 400' },
    { name: 'nothing else went wrong', met: true, seen: 'nothing' },
  ],
  timeline: [
    { sequence: 1, at, type: 'target-down', text: 'shop/a is down' },
    { sequence: 2, at, type: 'requests-retried', text: '3 requests went elsewhere', count: 3 },
  ],
  alerts: { mails: ['[warning] shop/a is down'], webhooks: ['shop/a is down'] },
}

it('the report tells what was done, what users saw, and what had to be so', () => {
  expect(formatReport(report)).toBe(
    `What was done, and what users saw

  SIGKILL to the busiest origin (shop/a)
    noticed after 1m1.5s, first good answer after 4.0ms
    before    400 sent    2 failed  p50 3.2ms  p99 46ms  slowest 1.235s
    during    400 sent    2 failed  p50 3.2ms  p99 46ms  slowest 1.235s
    after       0 sent    0 failed  p50 -  p99 -  slowest -

  its return
    noticed after -, first good answer after -
    before      0 sent    0 failed  p50 -  p99 -  slowest -
    during      0 sent    0 failed  p50 -  p99 -  slowest -
    after       0 sent    0 failed  p50 -  p99 -  slowest -
    problem: the origin did not start
    problem: and more

Requests: 400 sent at 200/s, 2 failed, 3 retried; p50 3.2ms, p99 46ms, slowest 1.235s
  failed: status 502
  failed: ECONNRESET

Timeline
  03:04:05.678  shop/a is down
  03:04:05.678  3 requests went elsewhere

Alerts that arrived
  mail     [warning] shop/a is down
  webhook  shop/a is down

Objectives
  MISSED  no GET failed: 2 of 400
  met     nothing else went wrong: nothing`,
  )
})

it('a report in which nothing happened can be read too', () => {
  const empty = {
    ...report,
    load: { ...report.load, total: nothing, failures: [] },
    steps: [],
    objectives: [],
    timeline: [],
    alerts: { mails: [], webhooks: [] },
  }
  expect(formatReport(empty)).toContain('Requests: 0 sent at 200/s, 0 failed, 3 retried; p50 -, p99 -, slowest -')
  expect(formatReport(empty)).not.toMatch(/undefined|NaN/)
})

describe('the objectives', () => {
  it('are met when each of them is', () => {
    expect(isMet(report)).toBe(false)
    expect(isMet({ ...report, objectives: report.objectives.slice(1) })).toBe(true)
  })
})

describe('the retries', () => {
  it('are those that the timeline tells of, and an entry without a number is none', () => {
    const entry = { sequence: 1, at, text: '' }
    const timeline = [
      { ...entry, type: 'requests-retried', count: 3 },
      { ...entry, type: 'requests-failed', count: 9 },
      { ...entry, type: 'requests-retried', count: 4 },
      { ...entry, type: 'requests-retried' },
    ]
    expect(countRetried(timeline)).toBe(7)
    expect(countRetried([])).toBe(0)
  })
})
