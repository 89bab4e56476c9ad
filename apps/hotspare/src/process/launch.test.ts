import { expect, it } from 'vitest'
import { childExecArgv, markOf, roleOf } from './launch.ts'

it.each([
  [['--inspect-brk', '--import', './preload.mjs', '--eval', '1'], []],
  [['--conditions=@hotspare/source', '--cpu-prof'], ['--conditions=@hotspare/source']],
  [
    ['--conditions', 'a', '-C', 'b', '--inspect'],
    ['--conditions', 'a', '-C', 'b'],
  ],
])('of the options %j a child gets %j', (given, kept) => {
  expect(childExecArgv(given)).toEqual(kept)
})

it('knows a child by its mark alone', () => {
  expect(roleOf(['node', 'cli.ts', 'run'])).toBeUndefined()
  expect(roleOf(['node', 'cli.ts', 'run', markOf('worker')])).toBeUndefined()
  expect(roleOf(['node', 'process-child.ts', markOf('worker')])).toBe('worker')
  expect(roleOf(['node', 'process-child.ts', markOf('control')])).toBe('control')
})
