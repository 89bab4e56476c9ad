import type { Alert, Severity } from '@hotspare/alert'
import type { HealthState } from '@hotspare/core'
import type { EffectiveVerdict } from '@hotspare/health/dependencies'
import { describe, expect, it } from 'vitest'
import { type AlertFacts, channelsFor, decideAlerts } from './alert-rules.ts'

const because: Readonly<Record<HealthState, string>> = {
  up: '2 probes in a row passed',
  degraded: 'its replica lags',
  down: 'connection refused',
  unknown: 'no probe has finished yet',
}

const shopA = { kind: 'target', id: 'shop/a', pool: 'shop' } as const
const check = { kind: 'check', id: 'switch' } as const

const fired = (severity: Severity, key = 'target/shop/a') => new Map<string, Severity>([[key, severity]])
const health = (state: HealthState) => ({ state, since: 0, because: because[state] })
const meaning = (state: EffectiveVerdict['state'], settled: boolean): EffectiveVerdict => ({
  state,
  because: 'x',
  rootCause: ['switch'],
  settled,
})

function facts(changes: Partial<AlertFacts>): AlertFacts {
  return {
    subject: shopA,
    health: health('down'),
    isTakenOut: false,
    warning: undefined,
    isJudged: true,
    isProven: true,
    isMeasured: true,
    meaning: undefined,
    effects: [],
    isServed: true,
    at: 1_000,
    node: 'web-1',
    firing: new Map(),
    inherited: new Set(),
    ...changes,
  }
}

describe('nobody is told', () => {
  it.each([
    ['of a target that is only taken to be down at the start', { isProven: false }],
    ['of a target that was not looked at yet', { health: health('unknown') }],
    ['that a target came up for the first time, or after a fall that was no news', { health: health('up') }],
    ['that a target came up because another one had fired', { health: health('up'), firing: fired('critical', 'target/shop/b') }],
    ['that a target went down which people had taken out', { isTakenOut: true }],
    ['that the last target went down which people had taken out', { isTakenOut: true, isServed: false }],
    ['twice of a target that is still down', { firing: fired('warning') }],
    ['that a target whose alarm fires was drained', { isTakenOut: true, firing: fired('warning') }],
    ['of what is down because something else is', { meaning: meaning('unreachable', true) }],
    ['of what may turn out to be down because something else is', { meaning: meaning('down', false) }],
    ['of a warning of what people have taken out', { health: health('up'), warning: 'its disk fills', isTakenOut: true }],
    ['twice of a warning', { health: health('up'), warning: 'another one', firing: fired('warning', 'target-warning/shop/a') }],
    ['that what was degraded is down, beyond that it is down', { health: health('down'), firing: both() }],
  ] satisfies [string, Partial<AlertFacts>][])('%s', (_what, changes) => {
    expect(decideAlerts(facts(changes))).toEqual([])
  })

  it.each([
    ['a warning, before a look of its own has shown whether it still holds', { isJudged: false }, 'target-warning/shop/a'],
    ['a limit, before enough has been measured', { isMeasured: false }, 'target-degraded/shop/a'],
  ] satisfies [string, Partial<AlertFacts>, string][])(
    'by a control that has only been started of the end of %s',
    (_what, changes, key) => {
      const earlier = { health: health('up'), firing: fired('warning', key), inherited: new Set([key]) }
      expect(decideAlerts(facts({ ...earlier, ...changes }))).toEqual([])
      expect(decideAlerts(facts(earlier))).toMatchObject([{ key, status: 'resolved' }])
      expect(decideAlerts(facts({ ...earlier, ...changes, inherited: new Set() }))).toMatchObject([{ key, status: 'resolved' }])
    },
  )
})

function both(): ReadonlyMap<string, Severity> {
  return new Map([...fired('warning', 'target-degraded/shop/a'), ...fired('warning')])
}

describe('people are told', () => {
  it('in full of a target that is down while others serve: it has just gone, or was given back while it was down', () => {
    expect(decideAlerts(facts({}))).toEqual([
      {
        id: 'shop/a/target-down/1000',
        key: 'target/shop/a',
        status: 'firing',
        type: 'target-down',
        severity: 'warning',
        title: 'shop/a is down',
        text: 'connection refused. Other targets of the pool take over.',
        at: 1_000,
        labels: { node: 'web-1', pool: 'shop', target: 'shop/a' },
      },
    ])
  })

  it('with more weight of the last target of its pool', () => {
    const alerts = decideAlerts(facts({ isServed: false }))
    expect(alerts).toMatchObject([{ status: 'firing', severity: 'critical', text: 'connection refused. No target of pool shop is up.' }])
  })

  it('of a check that is down, of what it takes along, and of nothing else', () => {
    const effects = Array.from({ length: 7 }, (_, index) => `web-${index}`)
    expect(decideAlerts(facts({ subject: check, meaning: meaning('down', true), effects }))).toMatchObject([
      {
        key: 'check/switch',
        type: 'check-down',
        severity: 'critical',
        title: 'switch is down',
        text: 'connection refused. Because of it not to be reached: web-0, web-1, web-2, web-3, web-4 and 2 more.',
        labels: { node: 'web-1', check: 'switch' },
      },
    ])
  })

  it.each([
    ['a small alarm, though the pool stood alone since', { isServed: false, firing: fired('warning') }, 'warning'],
    ['a grave alarm, though the pool is served again', { isServed: true, firing: fired('critical') }, 'critical'],
    ['an alarm of a target that was drained since', { isTakenOut: true, firing: fired('warning') }, 'warning'],
    ['an alarm that an earlier control has raised', { firing: fired('warning'), inherited: new Set(['target/shop/a']) }, 'warning'],
  ] satisfies [string, Partial<AlertFacts>, Severity][])('of the end of %s, with the same key and severity', (_what, changes, severity) => {
    expect(decideAlerts(facts({ health: health('up'), at: 2_000, ...changes }))).toMatchObject([
      {
        id: 'shop/a/target-up/2000',
        key: 'target/shop/a',
        status: 'resolved',
        severity,
        title: 'shop/a is up again',
        text: '2 probes in a row passed',
      },
    ])
  })

  it('of what works, though not as it should, once and with an end of its own', () => {
    const told: string[] = []
    const firing = new Map<string, Severity>()
    for (const state of ['up', 'degraded', 'down', 'degraded', 'degraded', 'up'] as const) {
      for (const alert of decideAlerts(facts({ subject: check, health: health(state), firing }))) {
        told.push(`${state}: ${alert.status} ${alert.severity} ${alert.type}`)
        note(firing, alert)
      }
    }
    expect(told).toEqual([
      'degraded: firing warning check-degraded',
      'down: firing critical check-down',
      // It is well enough for those whom the fall had woken up; that it is not quite well is still told.
      'degraded: resolved critical check-up',
      'up: resolved warning check-recovered',
    ])
  })

  it('of a warning, apart from up and down, until it has gone', () => {
    const firing = new Map<string, Severity>()
    const [raised] = decideAlerts(facts({ health: health('up'), warning: 'the certificate ends in 12 days', firing }))
    expect(raised).toMatchObject({
      key: 'target-warning/shop/a',
      type: 'target-warning',
      severity: 'warning',
      title: 'shop/a needs a look',
      text: 'the certificate ends in 12 days. It works meanwhile.',
    })
    note(firing, raised!)
    expect(decideAlerts(facts({ health: health('up'), firing }))).toMatchObject([{ type: 'target-warning-ended', status: 'resolved' }])
  })

  it('under an id of its own each time, so that a receiver can tell news from a repetition', () => {
    const shopB = { ...shopA, id: 'shop/b' }
    const news = [{}, { at: 2_000 }, { subject: shopB }, {}]
    const [first, later, other, again] = news.map((changes) => decideAlerts(facts(changes))[0]?.id)
    expect(new Set([first, later, other]).size).toBe(3)
    expect(again).toBe(first)
    const ends = decideAlerts(facts({ health: health('up'), firing: both() })).map(({ id }) => id)
    expect(new Set(ends).size).toBe(2)
  })
})

function note(firing: Map<string, Severity>, { key, status, severity }: Alert): void {
  if (status === 'firing') firing.set(key, severity)
  else firing.delete(key)
}

describe('channelsFor', () => {
  const routes = [
    { severities: ['critical'], to: ['ops', 'mail'] },
    { severities: ['critical', 'warning'], to: ['mail', 'chat'] },
    { severities: undefined, to: ['log'] },
  ] as const

  it.each([
    ['critical', ['ops', 'mail', 'chat', 'log']],
    ['warning', ['mail', 'chat', 'log']],
    ['info', ['log']],
  ] as const)('sends %s to the channels of every route that matches, each once', (severity, channels) => {
    expect(channelsFor(severity, routes)).toEqual(channels)
  })

  it('sends what no route matches nowhere', () => {
    expect(channelsFor('info', [{ severities: ['critical'], to: ['ops'] }])).toEqual([])
    expect(channelsFor('critical', [])).toEqual([])
  })
})
