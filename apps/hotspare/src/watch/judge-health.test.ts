import type { AdminState, HealthState, Verdict } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { type HealthFacts, judgeHealth, judgeWarning, judgeWeight, judgeWish, type SourceFacts } from './judge-health.ts'

const source = (state: HealthState, because: string, changes: Partial<SourceFacts> = {}): SourceFacts => {
  return {
    verdict: { state, since: 0, because },
    wasLookedAt: true,
    isJudged: true,
    admin: undefined,
    weight: 1,
    warning: undefined,
    ...changes,
  }
}
const facts = (probe: SourceFacts, agent?: SourceFacts, thresholds?: HealthFacts['thresholds']): HealthFacts => ({
  probe,
  isProven: true,
  agent,
  thresholds,
})
const limits = (state: 'up' | 'degraded' | 'unknown'): HealthFacts['thresholds'] => ({ state, since: 0, because: 'p95 is 900' })

const [up, down, degraded, unknown] = [
  source('up', 'answers'),
  source('down', 'refused'),
  source('degraded', '429'),
  source('unknown', 'new'),
]
const wish = (state: AdminState): Verdict<AdminState> => ({ state, since: 0, because: state })

describe('the verdict out of all', () => {
  it.each([
    ['what the probe calls down is down, whatever the others say', facts(down, source('up', 'ok'), limits('degraded')), 'down', 'refused'],
    [
      'what the agent calls down is down, though the probe passes',
      facts(up, source('down', 'stopped')),
      'down',
      'its agent says so: stopped',
    ],
    ['an agent may call down what no probe has shown yet', facts(unknown, source('down', 'stopped')), 'down', 'its agent says so: stopped'],
    ['what the probe does not know is not known', facts(unknown, source('up', 'ok'), limits('degraded')), 'unknown', 'new'],
    [
      'nothing is up before its agent was asked: it may want no traffic',
      facts(up, source('unknown', 'new', { wasLookedAt: false, isJudged: false })),
      'unknown',
      'its agent has not been asked yet',
    ],
    ['an agent that is silent says nothing', facts(up, source('unknown', 'new', { isJudged: false })), 'up', 'answers'],
    ['a limit that is exceeded makes what passes degraded', facts(up, undefined, limits('degraded')), 'degraded', 'p95 is 900'],
    [
      'every worry is told',
      facts(degraded, source('degraded', 'slow'), limits('degraded')),
      'degraded',
      '429; its agent says: slow; p95 is 900',
    ],
    ['limits that know nothing change nothing', facts(up, undefined, limits('unknown')), 'up', 'answers'],
  ] as const)('%s', (_what, given, state, because) => {
    expect(judgeHealth(given)).toEqual({ state, because })
  })
})

it('of two wishes the stronger one counts', () => {
  const asks = (state: AdminState) => source('up', 'ok', { admin: wish(state) })
  expect(judgeWish(facts(up))).toBeUndefined()
  expect(judgeWish(facts(asks('draining'), asks('maintenance')))?.state).toBe('maintenance')
  expect(judgeWish(facts(up, asks('draining')))?.state).toBe('draining')
})

it('weights multiply, and are not known before the agent has answered', () => {
  expect(judgeWeight(facts(up))).toBe(1)
  expect(judgeWeight(facts(source('up', 'ok', { weight: 0.5 }), source('up', 'ok', { weight: 0.5 })))).toBe(0.25)
  expect(judgeWeight(facts(up, source('unknown', 'new', { isJudged: false })))).toBeUndefined()
})

it('warnings of both are told', () => {
  const warned = (warning: string) => source('up', 'ok', { warning })
  expect(judgeWarning(facts(up))).toBeUndefined()
  expect(judgeWarning(facts(warned('12 days left'), warned('disk fills')))).toBe('12 days left; disk fills')
})
