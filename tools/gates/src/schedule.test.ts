import { describe, expect, it } from 'vitest'
import type { Gate, GateOutcome } from './gate.ts'
import { nextGates, selectGates } from './schedule.ts'

const gate = (name: string, ...needs: string[]): Gate => ({ name, why: name, command: [name], needs })
const passed: GateOutcome = { state: 'passed', seconds: 1 }
const failed: GateOutcome = { state: 'failed', seconds: 1, reason: 'exited with 1', output: '' }
const skipped: GateOutcome = { state: 'skipped', because: 'why not' }
const list = [gate('build'), gate('types'), gate('pack', 'build'), gate('publint', 'pack'), gate('lint')]

describe('nextGates', () => {
  it.each<[string, string[], Record<string, GateOutcome>, string[], string[]]>([
    ['starts the first ones of the list', [], {}, ['build', 'types'], []],
    ['starts one when one runs', ['build'], {}, ['types'], []],
    ['starts none when enough run', ['build', 'types'], {}, [], []],
    ['passes over a gate whose need is not there yet', ['build'], { types: passed }, ['lint'], []],
    ['starts a gate once its need has passed', ['types'], { build: passed }, ['pack'], []],
    ['skips a gate whose need has failed', ['types'], { build: failed }, ['lint'], ['pack']],
    ['skips a gate whose need was skipped', [], { build: failed, types: passed, pack: skipped, lint: passed }, [], ['publint']],
  ])('%s', (_, running, outcomes, start, skip) => {
    const next = nextGates(list, new Set(running), new Map(Object.entries(outcomes)), 2)

    expect(next.start.map(({ name }) => name)).toEqual(start)
    expect(next.skip.map((entry) => entry.gate.name)).toEqual(skip)
  })
})

describe('selectGates', () => {
  it('refuses a name that does not exist and lists those that do', () => {
    expect(() => selectGates(list, ['speling'])).toThrow('there is no gate "speling"; there are build, types, pack, publint, lint')
  })

  it('takes along what the chosen gates need, in the order of the list', () => {
    expect(selectGates(list, ['lint', 'publint']).map(({ name }) => name)).toEqual(['build', 'pack', 'publint', 'lint'])
  })
})
