import type { Severity } from '@hotspare/alert'
import { describe, expect, it } from 'vitest'
import { type AlertFacts, channelsFor, decideAlert } from './alert-rules.ts'
import type { BoardTarget } from './target-board.ts'

const because = { up: '2 probes in a row passed', down: 'connection refused', unknown: 'no probe has finished yet' }

function target(state: 'up' | 'down' | 'unknown', drained = false, id = 'shop/a'): BoardTarget {
  const health = { state, since: 0, because: because[state] }
  const admin = drained ? ({ state: 'draining', since: 0, because: 'drained' } as const) : undefined
  return { id, pool: 'shop', health, admin, verdict: admin ?? health }
}

const fired = (severity: Severity) => new Map<string, Severity>([['target/shop/a', severity]])
const facts = (changes: Partial<AlertFacts>): AlertFacts => ({
  target: target('down'),
  at: 1_000,
  node: 'web-1',
  poolServed: true,
  firing: new Map(),
  ...changes,
})

describe('nobody is told', () => {
  it.each([
    ['of a target that was not looked at yet', { target: target('unknown') }],
    ['that a target came up for the first time, or after a fall that was no news', { target: target('up') }],
    ['that a target came up because another one had fired', { target: target('up'), firing: new Map([['target/shop/b', 'critical']]) }],
    ['that a target went down which people had taken out', { target: target('down', true) }],
    ['that the last target went down which people had taken out', { target: target('down', true), poolServed: false }],
    ['twice of a target that is still down', { firing: fired('warning') }],
    ['that a target whose alarm fires was drained', { target: target('down', true), firing: fired('warning') }],
  ] satisfies [string, Partial<AlertFacts>][])('%s', (_what, changes) => {
    expect(decideAlert(facts(changes))).toBeUndefined()
  })
})

describe('people are told', () => {
  it('in full of a target that is down while others serve: it has just gone, or was given back while it was down', () => {
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

  it('with more weight of the last target of its pool', () => {
    const alert = decideAlert(facts({ poolServed: false }))
    expect(alert).toMatchObject({ status: 'firing', severity: 'critical', text: 'connection refused. No target of pool shop is up.' })
  })

  it.each([
    ['a small alarm, though the pool stood alone since', { poolServed: false, firing: fired('warning') }, 'warning'],
    ['a grave alarm, though the pool is served again', { poolServed: true, firing: fired('critical') }, 'critical'],
    ['an alarm of a target that was drained since', { target: target('up', true), firing: fired('warning') }, 'warning'],
  ] satisfies [string, Partial<AlertFacts>, Severity][])('of the end of %s, with the same key and severity', (_what, changes, severity) => {
    expect(decideAlert(facts({ target: target('up'), at: 2_000, ...changes }))).toMatchObject({
      id: 'shop/a/target-up/2000',
      key: 'target/shop/a',
      status: 'resolved',
      severity,
      title: 'shop/a is up again',
      text: '2 probes in a row passed',
    })
  })

  it('under an id of its own each time, so that a receiver can tell news from a repetition', () => {
    const news = [{}, { at: 2_000 }, { target: target('down', false, 'shop/b') }, {}]
    const [first, later, other, again] = news.map((changes) => decideAlert(facts(changes))?.id)
    expect(new Set([first, later, other]).size).toBe(3)
    expect(again).toBe(first)
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
