import { expect, it } from 'vitest'
import { type Candidate, tasksFor } from './plan.ts'
import type { Round } from './results.ts'

const round: Round = { at: '2026-11-22T06:00:00.000Z', failed: 'nobody held the address' }
const one: Candidate = { id: 'one', settings: 'a', faults: ['power', 'freeze'] }
const two: Candidate = { id: 'two', settings: 'b', faults: ['power'] }
const wanted = { rounds: 3, faults: ['freeze', 'power'], systems: [one, two] }

it('measures nothing under a fault that means nothing to a system', () => {
  const tasks = tasksFor(wanted, [])
  expect(tasks.map(({ fault, system }) => `${fault} ${system}`)).toEqual(['freeze one', 'power one', 'power two'])
})

it('goes on where it was left, and is done when all rounds are there', () => {
  const half = { system: 'one', fault: 'freeze', settings: 'a', rounds: [round] }
  expect(tasksFor(wanted, [half])[0]).toMatchObject({ fault: 'freeze', missingRounds: 2, before: [round] })
  const whole = { ...half, rounds: [round, round, round, round] }
  expect(tasksFor({ ...wanted, faults: ['freeze'] }, [whole])).toEqual([])
})

it('counts nothing that was measured with other settings', () => {
  const old = { system: 'two', fault: 'power', settings: 'of yesterday', rounds: [round, round, round] }
  expect(tasksFor(wanted, [old]).find(({ system }) => system === 'two')).toMatchObject({ missingRounds: 3, before: [] })
})
