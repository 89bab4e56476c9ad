import { describe, expect, it } from 'vitest'
import { eventsIn, planFaults, tokenFaults } from './logged.ts'

const log = (...events: readonly object[]) =>
  events.map((event, at) => `${JSON.stringify({ level: 30, event: { at, ...event } })}\n`).join('')

it('passes over what is no event, and orders the rest by time', () => {
  expect(eventsIn('plain words\n{"event":{"at":2,"type":"b"}}\n[1]\nnull\n{"event":{"at":1,"type":"a"}}\n{"event":{"at":3')).toEqual([
    { at: 1, type: 'a' },
    { at: 2, type: 'b' },
  ])
})

it('finds a token that is not above all before it', () => {
  const granted = (token: number) => ({ type: 'lease-granted', token })
  expect(tokenFaults(log(granted(3), granted(5), granted(5), granted(4)))).toEqual([
    'token 5 was granted after 5',
    'token 4 was granted after 5',
  ])
  expect(tokenFaults(log(granted(3), { type: 'lease-ended', token: 3 }, granted(4)))).toEqual([])
})

describe('the order of plans', () => {
  const started = { type: 'plan-started', steps: ['give', 'take'] }
  const step = (name: string) => ({ type: 'step-finished', step: name })

  it.for([
    [[started, started], ['a plan began while another one ran']],
    [[started, step('take')], ['take came in place of give']],
    [[started, step('give'), { type: 'plan-finished' }], ['done after 1 of 2 steps']],
  ] as const)('%j is wrong', ([events, faults]) => {
    expect(planFaults(log(...events))).toEqual(faults)
  })

  it('is right one after the other, and with a plan that failed midway', () => {
    const whole = [started, step('give'), step('take'), { type: 'plan-finished' }]
    expect(planFaults(log(started, step('give'), { type: 'plan-failed' }, ...whole))).toEqual([])
  })
})
