import { expect, it } from 'vitest'
import { readCompareOptions } from './options.ts'

const choices = { systems: ['one', 'two', 'three'], faults: ['power', 'freeze'] }

it.for([
  [['--rounds', '0'], '--rounds is "0"'],
  [['--rounds', 'many'], '--rounds is "many"'],
  [['--systems', 'one,four'], '--systems has "four": write some of one, two, three'],
  [['--faults', 'fire'], '--faults has "fire": write some of power, freeze'],
  [['--quickly'], "Unknown option '--quickly'"],
] as const)('refuses %j, and says what could stand there', ([given, problem]) => {
  expect(() => readCompareOptions(given, choices)).toThrow(problem)
})

it('takes everything, five times, where nothing is said', () => {
  expect(readCompareOptions([], choices)).toMatchObject({ rounds: 5, ...choices, tableOnly: false, help: false })
})

it('takes a part in the order of the table, however it was written', () => {
  const options = readCompareOptions(['--systems', 'three,one', '--faults=freeze', '--rounds', '1'], choices)
  expect(options).toMatchObject({ rounds: 1, systems: ['one', 'three'], faults: ['freeze'] })
})
