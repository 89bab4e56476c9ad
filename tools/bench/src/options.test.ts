import { describe, expect, it } from 'vitest'
import { readOptions } from './options.ts'

describe('readOptions', () => {
  it.each([[['--fast']], [['proxy']], [['--only', 'nothing']], [['--only']], [['--json', '']], [['--quick=no']]])(
    'refuses %j and says how',
    (given) => {
      expect(() => readOptions(given)).toThrow(/bench: [^]*npm run bench/)
    },
  )

  it('measures everything in full by default', () => {
    expect(readOptions([])).toEqual({
      parts: ['pick', 'lease', 'heartbeat', 'health', 'proxy', 'tcp', 'dns'],
      quick: false,
      json: undefined,
      help: false,
    })
  })

  it('reads every option', () => {
    expect(readOptions(['--quick', '--only', 'pick', '--json', 'x.json'])).toEqual({
      parts: ['pick'],
      quick: true,
      json: 'x.json',
      help: false,
    })
    expect(readOptions(['--help']).help).toBe(true)
  })

  it.each(['pick', 'lease', 'heartbeat', 'health', 'proxy', 'tcp'])('measures %s alone where it is asked for', (part) => {
    expect(readOptions(['--only', part]).parts).toEqual([part])
  })
})
