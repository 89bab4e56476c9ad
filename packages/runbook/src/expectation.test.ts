import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectationOf } from './expectation.ts'

test.each<[string, string, string | undefined]>([
  ['^$', 'nothing at all', undefined],
  ['^off$', 'exactly this line', 'off'],
  [String.raw`inet 10\.0\.0\.1\/32`, 'a line that contains', 'inet 10.0.0.1/32'],
  ['^inet', 'a line that begins with', 'inet'],
  ['held$', 'a line that ends with', 'held'],
  [String.raw`costs 5\$`, 'a line that contains', 'costs 5$'],
  [String.raw`a\\$`, 'a line that ends with', 'a\\'],
  ['a|b', 'something that matches this regular expression', 'a|b'],
  [String.raw`\d+`, 'something that matches this regular expression', String.raw`\d+`],
  ['^a.c$', 'something that matches this regular expression', '^a.c$'],
  ['^', 'something that matches this regular expression', '^'],
])('%s is said as "%s"', (pattern, words, block) => {
  expect(expectationOf(pattern)).toEqual({ words, block })
})

test('what is said in words is what the pattern matches, and a text that lacks it is not matched', () => {
  const literal = fc.stringMatching(/^[ -~]{1,10}$/)
  fc.assert(
    fc.property(literal, fc.constantFrom('', '^'), fc.constantFrom('', '$'), literal, (text, start, end, other) => {
      const pattern = start + text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`) + end
      const { words, block } = expectationOf(pattern)
      expect(words).not.toContain('regular')
      expect(block).toBe(text)
      expect(new RegExp(pattern, 'mu').test(`before\n${text}\nafter`)).toBe(true)
      const isThere = start && end ? other === text : start ? other.startsWith(text) : end ? other.endsWith(text) : other.includes(text)
      expect(new RegExp(pattern, 'mu').test(other)).toBe(isThere)
    }),
  )
})
