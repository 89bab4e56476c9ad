import type { Alert, Severity } from '@hotspare/alert'
import type { Verdict } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { openObserverDesk } from './observer-desk.ts'

function deskOf(firing?: ReadonlyMap<string, Severity>) {
  const clock = new TestClock()
  let observer: Verdict<'well' | 'unwell'> = { state: 'well', since: 0, because: 'nothing is in doubt' }
  const alerts: Alert[] = []
  const desk = openObserverDesk({ node: 'web-1', clock, observer: () => observer, notify: (alert) => alerts.push(alert), firing })
  const set = (state: 'well' | 'unwell') => {
    observer = { state, since: clock.wallMs(), because: `it is ${state}` }
    desk.look()
  }
  return { clock, desk, set, told: () => alerts.splice(0).map(({ status, type, key }) => `${status} ${type} ${key}`) }
}

it('tells nobody of a moment in which nothing ran', async () => {
  const { clock, set, told } = deskOf()
  set('unwell')
  await clock.advance(3_000)
  set('well')
  await clock.advance(60_000)
  expect(told()).toEqual([])
})

it('tells once of a node that cannot judge, and once of its recovery', async () => {
  const { clock, desk, set, told } = deskOf()
  set('unwell')
  await clock.advance(3_000)
  set('unwell')
  await clock.advance(60_000)
  expect(told()).toEqual(['firing observer-unwell observer/web-1'])
  expect([desk.severityOf('observer/web-1'), desk.severityOf('observer/web-2')]).toEqual(['warning', undefined])
  set('well')
  await clock.advance(60_000)
  expect(told()).toEqual(['resolved observer-well observer/web-1'])
  expect(desk.severityOf('observer/web-1')).toBeUndefined()
})

it('ends what an earlier control has raised, and leaves no timer behind', async () => {
  const { clock, desk, told } = deskOf(new Map([['observer/web-1', 'warning']]))
  await clock.advance(60_000)
  expect(told()).toEqual(['resolved observer-well observer/web-1'])
  desk.stop()
  expect(clock.pendingTimers).toBe(0)
})
