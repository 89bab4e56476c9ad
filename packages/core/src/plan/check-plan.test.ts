import { describe, expect, it } from 'vitest'
import { checkPlan } from './check-plan.ts'
import type { Plan, Step } from './plan.ts'

const good: Step = {
  id: '1 release vip on web-1',
  node: 'web-1',
  action: { type: 'release', resource: 'vip' },
  what: 'Remove the address.',
  manual: ['ip address del 10.0.0.100/32 dev eth0'],
  verification: { command: 'ip address show dev eth0 to 10.0.0.100', expect: '^$' },
  allowedMs: 1_000,
}

const planOf = (...steps: Step[]): Plan => ({ service: 'shop', purpose: 'switchover', because: 'people asked for it', steps })

describe('checkPlan', () => {
  it.each<[string, Partial<Step>]>([
    ['people could type', { manual: [] }],
    ['people could type', { manual: ['  '] }],
    ['shows that it has worked', { verification: { command: '', expect: '^$' } }],
    ['shows that it has worked', { verification: { command: 'true', expect: '' } }],
    ['no regular expression', { verification: { command: 'true', expect: '(' } }],
    ['time that is allowed', { allowedMs: 0 }],
    ['time that is allowed', { allowedMs: Number.NaN }],
    ['must not be empty', { what: '' }],
  ])('refuses a step where nothing "%s"', (message, change) => {
    expect(() => checkPlan(planOf({ ...good, ...change }))).toThrow(message)
  })

  it('refuses two steps of one id, and names them', () => {
    expect(() => checkPlan(planOf(good, good))).toThrow('plan for shop: step "1 release vip on web-1": its id is not unique')
  })

  it('lets a plan pass whose steps can be run, printed and checked', () => {
    expect(() => checkPlan(planOf(good, { ...good, id: '2' }))).not.toThrow()
    expect(() => checkPlan(planOf())).not.toThrow()
  })
})
