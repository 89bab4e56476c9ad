import { expect, test } from 'vitest'
import { parseRetryAfter } from './retry-after.ts'

const NOW = Date.UTC(2026, 10, 6, 8, 49, 37)

test.each([
  ['nothing', ''],
  ['a word', 'soon'],
  ['a negative number', '-1'],
  ['a fraction', '1.5'],
  ['a number that no clock has', '12345678901'],
  ['a date of another world', 'Fri, 99 Foo 2026 08:49:37 GMT'],
  ['a script', '<script>alert(1)</script>'],
])('%s asks for no time', (_, value) => {
  expect(parseRetryAfter(value, NOW)).toBeUndefined()
})

test.each([
  ['0', 0],
  [' 120 ', 120_000],
  ['Fri, 06 Nov 2026 08:49:47 GMT', 10_000],
  ['Friday, 06-Nov-26 08:49:47 GMT', 10_000],
  ['Fri Nov  6 08:49:47 2026', 10_000],
  ['Fri, 06 Nov 2026 08:49:27 GMT', 0],
])('%s is in %i ms', (value, ms) => {
  expect(parseRetryAfter(value, NOW)).toBe(ms)
})
