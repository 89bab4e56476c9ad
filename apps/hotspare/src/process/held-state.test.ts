import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { parseConfig } from '../config/load.ts'
import { HeldState } from './held-state.ts'

const yaml = `
pools: { site: { targets: [ { name: a, url: "http://10.0.0.1" }, { name: b, url: "http://10.0.0.2" } ] } }
checks: { backup: { type: push, ttl: 1h } }
`

it('forgets what is gone from the file, and what is known of a target that is another one now; the word of people stays', async () => {
  const { config } = await parseConfig(yaml, { file: 'x.yaml', env: {}, hostname: 'web-1' })
  const held = new HeldState(new TestClock())
  const drained = { state: 'draining', since: 1, because: 'by hand' } as const
  for (const targetId of ['site/a', 'site/b', 'site/gone']) {
    held.told({ type: 'target-state', targetId, state: 'down' })
    held.told({ type: 'target-weight', targetId, weight: 0.5 })
    held.hear({ type: 'admin-set', targetId, verdict: drained })
  }
  held.hear({ type: 'alert-firing', key: 'target/site/gone', severity: 'critical' })
  for (const check of ['backup', 'gone']) held.hear({ type: 'job-reported', check, report: { outcome: 'pass', ageMs: 5 } })
  held.follow(config, new Set(['site/a']))
  const words = held.lastWords()
  expect([...held.weights.keys()]).toEqual(['site/a'])
  expect([...(words.states?.keys() ?? [])]).toEqual(['site/a'])
  expect([...words.admin.keys()]).toEqual(['site/a', 'site/b'])
  expect([...(words.reports?.keys() ?? [])]).toEqual(['backup'])
  // The next control tells people that it is over.
  expect([...words.firing.keys()]).toEqual(['target/site/gone'])
})

it('hands the timeline to the next control, and not to one that follows a control that was killed', () => {
  const held = new HeldState(new TestClock())
  held.hear({ type: 'timeline-left', entries: [{ sequence: 1, at: 1, type: 'daemon-started', text: 'x' }] })
  expect(held.lastWords().timeline).toHaveLength(1)
  expect(held.lastWords().timeline).toBeUndefined()
})

it('forgets a word that was taken back', () => {
  const held = new HeldState(new TestClock())
  held.hear({ type: 'alert-firing', key: 'target/a', severity: 'critical' })
  held.hear({ type: 'alert-firing', key: 'target/a', severity: undefined })
  expect(held.lastWords().firing.size).toBe(0)
})
