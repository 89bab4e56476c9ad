import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgePush } from './push/judge.ts'
import { pushCheck } from './push.ts'
import { probeContract } from './testing/index.ts'

const close = () => Promise.resolve()
const rules = { ttlMs: 60_000, graceMs: 10_000 }

probeContract({
  runner: { describe, it },
  name: 'pushCheck',
  healthy: () => {
    const check = pushCheck({ name: 'nightly', ...rules })
    check.report({ outcome: 'pass', detail: '312 rows' })
    return Promise.resolve({ probe: check.probe, close })
  },
  dead: async () => {
    const clock = new TestClock()
    const { probe } = pushCheck({ ...rules, clock })
    await clock.advance(70_001)
    return { probe, close }
  },
})

describe('pushCheck', () => {
  it.each([
    { options: { ttlMs: 0 }, says: 'ttlMs' },
    { options: { ttlMs: 1, graceMs: -1 }, says: 'graceMs' },
    { options: { ttlMs: 1, remembered: { outcome: 'pass', ageMs: -1 } }, says: 'remembered' },
    { options: { ttlMs: 1, ttl: 1 }, says: 'ttl' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    expect(() => pushCheck(options as never)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }),
    )
  })

  it.each([
    { outcome: 'ok' },
    { outcome: 'pass', more: 1 },
    { outcome: 'pass', detail: 'a'.repeat(5_000) },
    { outcome: 'pass', measures: { 'rows-count': Number.NaN } },
    { outcome: 'pass', measures: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`m${index}`, 1])) },
    undefined,
  ])('refuses what is no report, and stays as it was (%#)', async (report) => {
    const { probe, report: tell } = pushCheck(rules)
    tell({ outcome: 'pass', detail: 'well' })
    expect(() => tell(report as never)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
    expect(await probe.run()).toMatchObject({ outcome: 'pass', detail: 'well' })
  })

  it('is missed when no report comes in time after the start, and unknown until then', async () => {
    const clock = new TestClock()
    const { probe, last } = pushCheck({ ...rules, clock })
    await clock.advance(70_000)
    expect(await probe.run()).toMatchObject({ outcome: 'inconclusive', detail: 'no report yet, 1m10s after the start' })
    await clock.advance(1)
    expect(await probe.run()).toMatchObject({ outcome: 'fail', reason: 'missed', detail: expect.stringContaining('since the start') })
    expect(last()).toBeUndefined()
  })

  it('a report holds for its time, is late for the grace, and missed after it', async () => {
    const clock = new TestClock()
    const check = pushCheck({ ...rules, clock })
    check.report({ outcome: 'pass', measures: { 'rows-count': 3 } })
    await clock.advance(60_000)
    expect(await check.probe.run()).toMatchObject({ outcome: 'pass', measures: { 'rows-count': 3, 'report-age-seconds': 60 } })
    await clock.advance(1)
    expect(await check.probe.run()).toMatchObject({ outcome: 'degraded', detail: 'late: reported 1m ago, one is due every 1m' })
    await clock.advance(10_000)
    expect(await check.probe.run()).toMatchObject({ outcome: 'fail', reason: 'missed' })
    check.report({ outcome: 'degraded', detail: 'slow\u0000disk' })
    expect(await check.probe.run()).toMatchObject({ outcome: 'degraded', detail: 'slow disk' })
  })

  it('a job that says that it failed has failed at once', async () => {
    const check = pushCheck(rules)
    check.report({ outcome: 'fail', detail: 'no space left' })
    expect(await check.probe.run()).toMatchObject({ outcome: 'fail', reason: 'unwell', immediate: true, detail: 'no space left' })
  })

  it('a step of the wall clock makes nothing late', async () => {
    const clock = new TestClock()
    const check = pushCheck({ ...rules, clock })
    check.report({ outcome: 'pass' })
    clock.stepWall(86_400_000)
    expect(await check.probe.run()).toMatchObject({ outcome: 'pass' })
  })

  it('what is remembered over a restart goes on ageing', async () => {
    const clock = new TestClock()
    const before = pushCheck({ ...rules, clock })
    before.report({ outcome: 'pass', detail: 'well' })
    await clock.advance(50_000)
    const remembered = before.last()
    expect(remembered).toEqual({ outcome: 'pass', detail: 'well', ageMs: 50_000 })
    const after = pushCheck({ ...rules, clock, remembered })
    expect(await after.probe.run()).toMatchObject({ outcome: 'pass', detail: 'well' })
    await clock.advance(20_001)
    expect(await after.probe.run()).toMatchObject({ outcome: 'fail', reason: 'missed' })
  })

  it('never gets better by getting older', () => {
    const worth = { pass: 0, degraded: 1, inconclusive: 1, fail: 2 }
    const report = fc.option(fc.record({ outcome: fc.constantFrom('pass', 'degraded', 'fail') }), { nil: undefined })
    fc.assert(
      fc.property(report, fc.nat(200_000), fc.nat(200_000), (told, ageMs, moreMs) => {
        const now = judgePush(rules, told, ageMs)
        expect(worth[judgePush(rules, told, ageMs + moreMs).outcome]).toBeGreaterThanOrEqual(worth[now.outcome])
      }),
    )
  })
})
