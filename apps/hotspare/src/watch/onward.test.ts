import type { Severity } from '@hotspare/alert'
import { seededRandom, silentLogger } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { request } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { composeControl } from '../compose-control.ts'
import { parseConfig } from '../config/load.ts'
import type { LastWord, LastWords } from '../process/messages.ts'

const children = ['web', 'mail', 'shop']
const job = (more = '', interval = '1s') => `{ type: push, ttl: 1h, interval: ${interval}, fall: 1, rise: 1${more} }`
const file = `
api: { listen: "127.0.0.1:0" }
checks:
  switch: ${job('', '4s')}
${children.map((name) => `  ${name}: ${job(', dependsOn: [switch]')}`).join('\n')}
  disk: ${job(', thresholds: [{ name: full, measure: used-ratio, enter: 0.9, leave: 0.8 }]')}
alerts: { channels: { terminal: { type: console } } }
`

/** A control whose checks are all told, so that a test decides what they see. */
async function start(lastWords?: LastWords) {
  const clock = new TestClock()
  const { config, redactor } = await parseConfig(file, { file: 'hotspare.yaml', env: {}, hostname: 'web-1' })
  const alerts: string[] = []
  const words: LastWord[] = []
  const control = composeControl(config, {
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    redactor,
    version: '1',
    startedAt: 0,
    writeLine: (line) => alerts.push(line),
    tellWorker: () => {},
    listens: () => new Map(),
    lastWords,
    remember: (word) => words.push(word),
  })
  await control.open()
  await control.start()
  onTestFinished(async () => {
    await control.drain('the test is over')
    await control.stop()
  })
  const api = `http://127.0.0.1:${control.apiAddress?.port}/api/v1`
  const report = async (name: string, outcome: string, more = '') => {
    const answer = await request(`${api}/checks/${name}/report?outcome=${outcome}${more}`, { method: 'POST', reset: true })
    expect(answer.statusCode).toBe(200)
    await answer.body.dump()
  }
  // Each over a connection of its own: the server lets go of idle ones, whatever the test's clock says.
  const get = async (path: string) => (await request(`${api}${path}`, { reset: true })).body.json()
  const told = (type: string) => control.timeline.entries().filter((entry) => entry.type === type)
  return { clock, alerts, words, report, get, told, control }
}

async function allWell({ report, clock }: Awaited<ReturnType<typeof start>>): Promise<void> {
  for (const name of ['switch', 'disk', ...children]) await report(name, 'pass')
  await clock.advance(8_000)
}

it('what is down behind a dead switch is told as one alert, whichever was noticed first', async () => {
  const running = await start()
  const { clock, alerts, report, get, told } = running
  await allWell(running)
  // The switch is looked at the least often, so that what leans on it is noticed first.
  for (const name of ['web', 'mail']) await report(name, 'fail')
  await report('switch', 'fail', '&detail=no%20power')
  await clock.advance(60_000)
  expect(['web', 'mail']).toContain(told('check-down')[0]?.['check'])
  await report('shop', 'fail')
  await clock.advance(60_000)
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatch(/switch is down.*no power/s)
  expect(await get('/checks/web')).toMatchObject({
    check: { state: 'down', unreachable: { rootCause: ['switch'] } },
    text: expect.arrayContaining([expect.stringMatching(/^web cannot be reached because of switch: /)]),
  })
  expect(new Set(told('watched-unreachable').map((entry) => entry['watched']))).toEqual(new Set(children))
  for (const name of ['switch', ...children]) await report(name, 'pass')
  await clock.advance(60_000)
  expect(alerts).toHaveLength(2)
  expect(alerts[1]).toMatch(/switch is up again/)
  const { checks } = (await get('/checks')) as { checks: { state: string; unreachable?: unknown }[] }
  expect(checks.map(({ state, unreachable }) => [state, unreachable])).toEqual(checks.map(() => ['up', undefined]))
})

it('what is down by itself is told once that is clear', async () => {
  const running = await start()
  const { clock, alerts, report } = running
  await allWell(running)
  await report('web', 'fail')
  await clock.advance(60_000)
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatch(/web is down/)
})

it('a limit that is exceeded is told in timeline, explain and one alert, and its end as well', async () => {
  const running = await start()
  const { clock, alerts, report, get, told } = running
  await allWell(running)
  await report('disk', 'pass', '&measure=used-ratio:0.95')
  await clock.advance(5_000)
  expect(alerts).toEqual([expect.stringMatching(/disk works, though not as it should/)])
  expect(told('threshold-exceeded')).toMatchObject([{ watched: 'disk', threshold: 'full', value: 0.95 }])
  expect(await get('/checks/disk')).toMatchObject({
    check: { state: 'degraded', report: { outcome: 'pass', measures: { 'used-ratio': 0.95 } } },
    explanation: { thresholds: [{ name: 'full', state: 'exceeded', value: 0.95, enter: 0.9, leave: 0.8 }] },
    text: expect.arrayContaining([
      expect.stringMatching(/^disk counts as degraded/),
      expect.stringMatching(/^limit full on used-ratio is exceeded, now 0.95/),
    ]),
  })
  await report('disk', 'pass', '&measure=used-ratio:0.85')
  await clock.advance(5_000)
  expect(alerts).toHaveLength(1)
  await report('disk', 'pass', '&measure=used-ratio:0.5')
  await clock.advance(5_000)
  expect(alerts).toEqual([expect.anything(), expect.stringMatching(/disk works as it should again/)])
})

it('a control that takes over knows what was reported and which alarms fire', async () => {
  const firing = new Map<string, Severity>([['check/switch', 'critical']])
  const reports = new Map([['switch', { outcome: 'fail', detail: 'no power', ageMs: 60_000 } as const]])
  const { clock, alerts, words, report, get } = await start({ admin: new Map(), firing, reports })
  await clock.advance(8_000)
  expect(await get('/checks/switch')).toMatchObject({ check: { state: 'down', because: expect.stringContaining('no power') } })
  expect(alerts).toEqual([])
  await report('switch', 'pass')
  await clock.advance(8_000)
  expect(alerts).toEqual([expect.stringMatching(/switch is up again/)])
  expect(words).toContainEqual({ type: 'job-reported', check: 'switch', report: { outcome: 'pass', measures: {}, ageMs: 0 } })
  expect(words).toContainEqual({ type: 'alert-firing', key: 'check/switch', severity: undefined })
})

it('a node that cannot judge says so in the timeline, and in one alert if it lasts', async () => {
  const running = await start()
  const { clock, alerts, told } = running
  await allWell(running)
  for (let step = 0; step < 20; step++) {
    clock.stepWall(3_600_000)
    await clock.advance(1_000)
  }
  expect(told('observer-unwell')).toHaveLength(1)
  expect(alerts).toEqual([expect.stringMatching(/web-1 cannot judge what it sees/)])
  await clock.advance(120_000)
  expect(told('observer-well')).toHaveLength(1)
  expect(alerts).toHaveLength(2)
  expect(alerts[1]).toMatch(/web-1 can judge again/)
})
