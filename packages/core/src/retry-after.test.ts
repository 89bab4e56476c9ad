import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRetryAfter } from './retry-after.ts'

const NOW = Date.UTC(2026, 10, 6, 8, 49, 37)
const THEN = Date.parse('1994-11-06T08:49:07Z')

it.each([
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

it.each([
  ['0', 0],
  [' 120 ', 120_000],
  ['Fri, 06 Nov 2026 08:49:47 GMT', 10_000],
  ['Friday, 06-Nov-26 08:49:47 GMT', 10_000],
  ['Fri Nov  6 08:49:47 2026', 10_000],
  ['Fri, 06 Nov 2026 08:49:27 GMT', 0],
])('%s is in %i ms', (value, ms) => {
  expect(parseRetryAfter(value, NOW)).toBe(ms)
})

describe('parseRetryAfter', () => {
  it.each([undefined, '', ' ', '-1', '1.5', '1e3', '99999999999', 'soon', 'Sun', 'Sun, 99 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z'])(
    'finds nothing in %j',
    (value) => {
      expect(parseRetryAfter(value, THEN)).toBeUndefined()
    },
  )

  it.each([
    ['0', 0],
    [' 120 ', 120_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ])('reads %j', (value, expected) => {
    expect(parseRetryAfter(value, THEN)).toBe(expected)
  })

  it('gives a wait of 0 or more, or nothing, for anything', () => {
    const near = fc.stringMatching(/^(?:Sun|Monday|Tue), [0-9A-Za-z :-]{0,30}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), fc.integer(), (value, nowMs) => {
        const waitMs = parseRetryAfter(value, nowMs)
        expect(waitMs === undefined || waitMs >= 0).toBe(true)
      }),
    )
  })
})
