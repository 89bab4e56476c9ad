import fc from 'fast-check'
import { expect, it } from 'vitest'
import { initialState, type MachineInput, step } from './machine.ts'
import { nextDueMs, paceMs } from './schedule.ts'

const rules = { rise: 2, fall: 3, trafficFailures: 2, intervalMs: 1_000, fastIntervalMs: 100, downIntervalMs: 5_000 }
const inputs: Readonly<Record<string, MachineInput>> = {
  P: { type: 'probe', outcome: 'pass', detail: '' },
  D: { type: 'probe', outcome: 'degraded', detail: '' },
  F: { type: 'probe', outcome: 'fail', detail: '' },
  f: { type: 'traffic', ok: false, detail: '' },
}

it.each([
  ['', 100, 'nothing was seen'],
  ['F', 100, 'it is not proven'],
  ['P', 1_000, 'it is up'],
  ['PD', 1_000, 'it is degraded, which is settled'],
  ['PF', 100, 'it may be about to go down'],
  ['PFF', 100, 'it may be about to go down'],
  ['PFFP', 1_000, 'a pass has cleared that'],
  ['PFFF', 5_000, 'it is down'],
  ['PFFFP', 100, 'it may be about to return'],
  ['PFFFPF', 5_000, 'it was not'],
  ['PFFFPP', 1_000, 'it is up again'],
  ['Pff', 5_000, 'traffic has marked it down'],
])('the interval after "%s" is %i ms: %s', (letters, expected) => {
  let state = initialState(rules)
  for (const letter of letters) state = step(state, inputs[letter]!, rules).state
  expect(paceMs(state, rules)).toBe(expected)
})

it('the next time lies after now, on the schedule, and no other time of it lies between', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.integer({ min: 1, max: 1e7 }),
      fc.double({ min: 0, max: 1e10, noNaN: true }),
      (anchor, interval, now) => {
        const due = nextDueMs(anchor, interval, now)
        expect(due).toBeGreaterThan(now)
        expect(due - Math.max(now, anchor)).toBeLessThanOrEqual(interval * (1 + 1e-6) + 1e-5)
        const steps = (due - anchor) / interval
        expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-3)
      },
    ),
  )
})
