import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern, patternSchema } from './pattern.ts'

describe('compilePattern', () => {
  it.each([
    '',
    '(',
    '[z-a]',
    '(a)\\1',
    'a(?=b)',
    'a(?<!b)',
    'a{2000}',
    '(?i)(?:a?b?c?d?){200}z',
    '((a{1,100}){1,100}){1,100}',
    'a'.repeat(201),
  ])('refuses %j', (source) => {
    expect(compilePattern(source)).toBeUndefined()
    expect(patternSchema.safeParse(source).success).toBe(false)
  })

  it.each([
    { source: '^220 .*ESMTP', text: '220 mail ESMTP ready', end: 14 },
    { source: 'b+', text: 'abbbc', end: 4 },
    { source: '(?i)ok$', text: 'all OK', end: 6 },
    { source: '\\x00\\xff', text: '-\u0000\u00FF-', end: 3 },
    { source: 'x', text: 'abc', end: undefined },
  ])('finds where $source ends', ({ source, text, end }) => {
    expect(compilePattern(source)?.endOfMatch(text)).toBe(end)
  })

  it('comes to an end on what takes a backtracking engine for ever', () => {
    expect(compilePattern('^(a+)+$')?.endOfMatch(`${'a'.repeat(16_384)}b`)).toBeUndefined()
  })

  it('says in how long a text it may be searched: the larger what it is compiled to, the shorter', () => {
    // A search for the last pattern above held the process up for 4 s in 64 KiB that a server had chosen, and for a minute in 1 MiB.
    expect(compilePattern('a')?.longestText).toBe(1_048_576)
    const large = compilePattern('(?i)(?:a?b?c?d?){30}z')?.longestText ?? 0
    expect(large).toBeGreaterThanOrEqual(65_536)
    expect(large).toBeLessThan(131_072)
  })

  it('takes any text as a pattern or refuses it, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab()[]{}*+?|^$\\.1,-'.split('')), maxLength: 30 }), fc.string(), (source, text) => {
        const end = compilePattern(source)?.endOfMatch(text)
        expect(end === undefined || (end >= 0 && end <= text.length)).toBe(true)
      }),
    )
  })
})
