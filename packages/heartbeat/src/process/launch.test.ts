import { describe, expect, it } from 'vitest'
import { CHILD_MARK, childExecArgv, childNodeOptions, isHeartbeatChild } from './launch.ts'

describe('childExecArgv', () => {
  // Each of these made the child run its parent's program, wait for a debugger, or not start at all.
  it.each([
    '--eval=import("./starts-a-heartbeat.mjs")',
    '--import ./starts-a-heartbeat.mjs',
    '--require ./starts-a-heartbeat.cjs',
    '--input-type=module -e 1',
    '--inspect --inspect-brk=127.0.0.1:0',
    '--cpu-prof --cpu-prof-dir /tmp',
    '--test --watch',
  ])('keeps nothing of %s', (options) => {
    expect(childExecArgv(options.split(' '))).toEqual([])
  })

  it.each(['--conditions=a', '--conditions a', '-C a', '-C a --conditions=b --conditions c'])('keeps %s', (options) => {
    expect(childExecArgv(options.split(' '))).toEqual(options.split(' '))
  })

  it('tells the conditions from what stands around them', () => {
    expect(childExecArgv(['--import', './a.mjs', '-C', '--import', '--eval=b', '--conditions', 'c', '--inspect'])).toEqual([
      '-C',
      '--import',
      '--conditions',
      'c',
    ])
  })
})

describe('childNodeOptions', () => {
  it('takes away debuggers and profiles, with the values that belong to them', () => {
    expect(childNodeOptions('--inspect-brk --inspect-port 9229 --import ./a.mjs --cpu-prof --cpu-prof-dir "/a b" --heap-prof')).toBe(
      '--import ./a.mjs',
    )
  })

  it('leaves everything else as it is written, quotes included', () => {
    const options = String.raw`--require "/a \"b\"/.pnp.cjs" --import=./c.mjs --max-old-space-size=100 "--conditions=d e"`
    expect(childNodeOptions(options)).toBe(options)
  })

  it('has nothing to say where there are none', () => {
    expect(childNodeOptions(undefined)).toBeUndefined()
    expect(childNodeOptions('')).toBeFalsy()
  })
})

describe('isHeartbeatChild', () => {
  it('is true for the mark as the first argument alone', () => {
    expect(isHeartbeatChild(['node', 'process-child.js', CHILD_MARK])).toBe(true)
    expect(isHeartbeatChild(['node', 'app.js', 'x', CHILD_MARK])).toBe(false)
    expect(isHeartbeatChild(['node', 'app.js'])).toBe(false)
  })
})
