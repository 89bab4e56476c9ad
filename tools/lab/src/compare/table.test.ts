import { expect, it } from 'vitest'
import type { Measurement } from '../takeover/scenario.ts'
import type { Round } from './results.ts'
import { comparisonTables, rangeOf } from './table.ts'

const at = '2026-11-22T06:00:00.000Z'
const circumstances = { date: '22 November 2026', machine: 'two cores', kernel: '6.18', versions: ['keepalived 2.2.7'] }
const faults = [
  { id: 'power', title: 'no power' },
  { id: 'load', title: 'load' },
]
const systems = [
  { id: 'one', title: 'One' },
  { id: 'two', title: 'Two' },
]

function round(gapMs: number, changes: Partial<Measurement> = {}): Round {
  const measured: Measurement = {
    fault: 'no power',
    gapMs,
    noiseMs: 8,
    failed: 3,
    answered: ['node1', 'node2'],
    claimedMs: gapMs,
    holderBefore: 'node1',
    holders: ['node2'],
    holderAfter: 'node2',
    failedHealing: 0,
    overlaps: [],
    bothHadItMs: 0,
    takeovers: 1,
    ...changes,
  }
  return { at, measured }
}

it('shows nothing for what was not measured, and leaves out whole rows and columns of it', () => {
  const cells = [{ system: 'one', fault: 'power', settings: 'a', rounds: [round(10)] }]
  const text = comparisonTables(faults, systems, cells, circumstances)
  expect(text).not.toContain('Two')
  expect(text).not.toContain('load')
  expect(text).toContain('| no power | 10 ms |')
  expect(text).toContain('One round each, which is no more than a first look.')
})

it('shows medians at a glance, and the least and the most below', () => {
  const rounds = [round(3_100, { failed: 600 }), round(1_250), round(2_000)]
  const text = comparisonTables(faults, systems, [{ system: 'one', fault: 'power', settings: 'a', rounds }], circumstances)
  expect(text).toContain('keepalived 2.2.7. Medians of 3 rounds.')
  expect(text).toContain('| no power | 2,000 ms |')
  expect(text).toContain('| no power | One | 2,000 ms (1,250 to 3,100) | 3 (3 to 600) | 1 | never | 3 |')
})

it('marks two holders, and rounds after which nobody alone held the address', () => {
  const two = round(5, { overlaps: [{ fromMs: 40, toMs: 1_640 }] })
  const cells = [
    { system: 'one', fault: 'power', settings: 'a', rounds: [two] },
    { system: 'two', fault: 'power', settings: 'b', rounds: [round(7), { at, failed: 'never happened: one holder' }] },
    { system: 'two', fault: 'load', settings: 'b', rounds: [{ at, failed: 'never happened: one holder' }] },
  ]
  const text = comparisonTables(faults, systems, cells, circumstances)
  expect(text).toContain('| no power | 5 ms, **two holders** | 7 ms, nobody alone in 1 of 2 |')
  expect(text).toContain('| load |  | nobody alone in 1 of 1 |')
  expect(text).toContain('| no power | One | 5 ms | 3 | 1 | 1,600 ms | 1 |')
})

it('takes the higher of two in the middle for the median', () => {
  expect(rangeOf([4, 1])).toEqual({ least: 1, median: 4, most: 4 })
})
