import type { Severity } from '@hotspare/alert'
import { describe, expect, it } from 'vitest'
import { type AlertFacts, channelsFor, decideAlert } from './alert-rules.ts'
import type { TargetHealthEvent } from './target-board.ts'

const down: TargetHealthEvent = {
  type: 'target-down',
  at: 1_000,
  targetId: 'shop/a',
  pool: 'shop',
  from: 'up',
  because: 'connection refused',
}
const up: TargetHealthEvent = { ...down, type: 'target-up', from: 'down', because: '2 probes in a row passed' }
const alarm = (severity: Severity) => new Map<string, Severity>([['target/shop/a', severity]])
const facts = (changes: Partial<AlertFacts>): AlertFacts => ({
  event: down,
  node: 'web-1',
  poolServed: true,
  takenOut: false,
  firing: new Map(),
  ...changes,
})

describe('nobody is told', () => {
  it.each([
    ['that a target came up for the first time', { event: { ...up, from: 'unknown' } }],
    ['that a target came up whose fall was no news', { event: up }],
    ['that a target came up because another one had fired', { event: up, firing: new Map([['target/shop/b', 'critical']]) }],
    ['that a target went down which people had taken out', { takenOut: true }],
    ['that the last target went down which people had taken out', { takenOut: true, poolServed: false }],
  ] satisfies [string, Partial<AlertFacts>][])('%s', (_what, changes) => {
    expect(decideAlert(facts(changes))).toBeUndefined()
  })
})

describe('people are told', () => {
  it('in full of a target that goes down while others serve', () => {
    expect(decideAlert(facts({}))).toEqual({
      id: 'shop/a/target-down/1000',
      key: 'target/shop/a',
      status: 'firing',
      type: 'target-down',
      severity: 'warning',
      title: 'shop/a is down',
      text: 'connection refused. Other targets of the pool take over.',
      at: 1_000,
      labels: { node: 'web-1', pool: 'shop', target: 'shop/a' },
    })
  })

  it.each([
    ['a target that was never up', { event: { ...down, from: 'unknown' } }, 'warning', 'Other targets of the pool take over.'],
    ['the last target of its pool', { poolServed: false }, 'critical', 'No target of pool shop is up.'],
  ] satisfies [string, Partial<AlertFacts>, Severity, string][])('of %s', (_what, changes, severity, rest) => {
    expect(decideAlert(facts(changes))).toMatchObject({ status: 'firing', severity, text: `connection refused. ${rest}` })
  })

  it.each([
    ['a small alarm, though the pool stood alone since', { poolServed: false, firing: alarm('warning') }, 'warning'],
    ['a grave alarm, though the pool is served again', { poolServed: true, firing: alarm('critical') }, 'critical'],
    ['an alarm of a target that was drained since', { takenOut: true, firing: alarm('warning') }, 'warning'],
  ] satisfies [string, Partial<AlertFacts>, Severity][])('of the end of %s, with the same key and severity', (_what, changes, severity) => {
    expect(decideAlert(facts({ event: { ...up, at: 2_000 }, ...changes }))).toMatchObject({
      id: 'shop/a/target-up/2000',
      key: 'target/shop/a',
      status: 'resolved',
      severity,
      title: 'shop/a is up again',
      text: '2 probes in a row passed',
    })
  })

  it('under an id of its own each time, so that a receiver can tell news from a repetition', () => {
    const ids = [down, { ...down, at: 2_000 }, { ...down, targetId: 'shop/b' }].map((event) => decideAlert(facts({ event }))?.id)
    expect(new Set(ids).size).toBe(3)
    expect(decideAlert(facts({}))?.id).toBe(decideAlert(facts({}))?.id)
  })
})

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
