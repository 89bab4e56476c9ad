import { seededRandom, silentLogger } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import type { TargetHealth } from '@hotspare/health'
import { expect, it, onTestFinished } from 'vitest'
import { parseConfig } from '../config/load.ts'
import { createWatchBackend, type WatchAnswers } from './backend.ts'
import { openCauses } from './causes.ts'
import { openWatch } from './watch.ts'

interface Running {
  readonly answers: WatchAnswers
  readonly clock: TestClock
  readonly remembered: string[]
  readonly observer: () => string
}

async function start(checks: string, serviceHealth: (name: string) => TargetHealth | undefined = () => undefined): Promise<Running> {
  const { config } = await parseConfig(`checks: ${checks}`, { file: 'hotspare.yaml', env: {}, hostname: 'h' })
  const clock = new TestClock()
  const watch = openWatch({ config, clock, random: seededRandom(1), logger: silentLogger })
  const graph = { names: ['service entry', 'uplink'], dependencies: { 'service entry': { on: ['uplink'] } } }
  const causes = openCauses({ graph, clock, logger: silentLogger })
  causes?.update('uplink', { state: 'down', because: 'no power' })
  causes?.update('service entry', { state: 'down', because: 'refused' })
  const remembered: string[] = []
  const answers = createWatchBackend({
    checks: config.checks,
    watch,
    causes,
    services: ['entry'],
    serviceHealth,
    observers: {
      decide: (_id, own) => own,
      observersSay: (id) => (id === 'job' ? '2 of 3 observers say up' : undefined),
      subscribe: () => () => {},
    },
    remember: (check, { outcome }) => remembered.push(`${check} ${outcome}`),
  })
  await watch.start()
  onTestFinished(async () => {
    await watch.stop()
    await causes?.stop()
  })
  return { answers, clock, remembered, observer: () => watch.monitor.observer.state }
}

it('knows nothing of what is not there, and takes no report that is none', async () => {
  const { answers, remembered } = await start('{ job: { type: push, ttl: 1h }, disk: { type: system, what: memory } }')
  expect([answers.check('x'), answers.report('x', { outcome: 'pass' }), answers.explain('x'), answers.service('entry')]).toEqual(
    Array.from({ length: 4 }, () => undefined),
  )
  expect(() => answers.report('disk', { outcome: 'pass' })).toThrow(expect.objectContaining({ code: 'HOTSPARE_APP_REPORT' }))
  const tooMany = { outcome: 'pass', measures: { 'No Name': 1 } } as const
  expect(() => answers.report('job', tooMany)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
  expect(remembered).toEqual([])
})

it('says in words and as data why a check is in its state, and how many see it so', async () => {
  const { answers, clock, remembered } = await start('{ job: { type: push, ttl: 1h, interval: 1s } }')
  expect(answers.check('job')).toMatchObject({ check: { state: 'unknown', report: undefined, unreachable: undefined }, history: [] })
  answers.report('job', { outcome: 'pass', detail: '312 rows', measures: { 'rows-count': 312 } })
  await clock.advance(3_000)
  const explained = answers.check('job')
  expect(explained).toMatchObject({
    check: { state: 'up', report: { outcome: 'pass', detail: '312 rows' }, last: { outcome: 'pass', measures: { 'rows-count': 312 } } },
    explanation: { changes: [{ to: 'down', what: 'failed-probe', count: 1 }], observer: { state: 'well' }, thresholds: [] },
  })
  expect(explained?.text[0]).toBe('2 of 3 observers say up')
  expect(explained?.text.some((line) => line.startsWith('job (job) is up since '))).toBe(true)
  expect(explained?.history.length).toBeGreaterThan(0)
  expect(remembered).toEqual(['job pass'])
})

it('says of a service what its own check shows, and what that is a consequence of', async () => {
  const running: Running = await start('{ uplink: { type: push, ttl: 1h } }', () => ({ ...health(), id: 'entry' }))
  expect(running.answers.service('entry')).toMatchObject({
    service: 'entry',
    text: expect.arrayContaining([
      expect.stringMatching(/^entry cannot be reached because of uplink: /),
      expect.stringMatching(/^entry \(/),
      'it leans on uplink (down)',
    ]),
    explanation: { unreachable: { rootCause: ['uplink'] } },
  })
  expect(running.answers.check('uplink')?.text.filter((line) => line.startsWith('it leans on'))).toEqual([])

  function health(): TargetHealth {
    const rules = {
      intervalMs: 1,
      fastIntervalMs: 1,
      downIntervalMs: 1,
      rise: 1,
      fall: 1,
      trafficFailures: 0,
      initialState: 'unknown',
      damping: undefined,
    } as const
    return {
      id: 'entry',
      address: '127.0.0.1:1',
      admin: undefined,
      weight: 1,
      warning: undefined,
      lastResult: undefined,
      history: [],
      rules,
      verdict: { state: 'down', since: 0, because: 'refused' },
      counters: { consecutivePasses: 0, consecutiveFailures: 3, trafficFailures: 0, fullPassesLeft: 0 },
      detection: { downMs: 1, upMs: 1 },
      flaps: undefined,
      observer: { state: 'well', since: 0, because: 'nothing is in doubt' },
    }
  }
})

it('says that this node cannot judge, after its clock has jumped', async () => {
  const { clock, observer } = await start('{ job: { type: push, ttl: 1h, interval: 1s } }')
  await clock.advance(2_000)
  expect(observer()).toBe('well')
  clock.stepWall(3_600_000)
  await clock.advance(2_000)
  expect(observer()).toBe('unwell')
})

it('promises of a job when a missing report is noticed, and of an agent that may be silent nothing', async () => {
  const { answers, clock } = await start(
    '{ job: { type: push, ttl: 1h, grace: 10m }, agent: { type: agent, address: "127.0.0.1:1" }, strict: { type: agent, address: "127.0.0.1:1", unreachable: fail } }',
  )
  await clock.advance(100)
  const lines = (name: string) => answers.check(name)?.text ?? []
  expect(lines('job')).toContain('a report that is missing is noticed within 1h10m1s')
  expect([lines('job'), lines('agent')].flat().filter((line) => line.startsWith('if it '))).toEqual([])
  expect(lines('strict').filter((line) => line.startsWith('if it '))).toHaveLength(1)
})
