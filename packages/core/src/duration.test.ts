import { assert, constantFrom, integer, oneof, property, string, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'
import { HotspareError } from './errors.ts'

const LONGEST_MS = 2 ** 31 - 1

describe('parseDuration', () => {
  test.each([
    ['', 'write a number and a unit'],
    [' ', 'write a number and a unit'],
    ['ms', 'write a number and a unit'],
    ['500', 'did you mean "500ms" or "500s"?'],
    ['1.5', 'did you mean "1.5ms" or "1.5s"?'],
    ['-1s', 'write a number and a unit'],
    ['+1s', 'write a number and a unit'],
    ['1 s', 'write a number and a unit'],
    ['1S', 'write a number and a unit'],
    ['1sec', 'write a number and a unit'],
    ['1w', 'write a number and a unit'],
    ['1s!', 'write a number and a unit'],
    ['.5s', 'write a number and a unit'],
    ['5.s', 'write a number and a unit'],
    ['1.2.3s', 'write a number and a unit'],
    ['1e3ms', 'write a number and a unit'],
    ['0x10ms', 'write a number and a unit'],
    ['NaNms', 'write a number and a unit'],
    ['Infinitys', 'write a number and a unit'],
    ['1,5s', 'write a number and a unit'],
    ['٣s', 'write a number and a unit'],
    ['1m30', 'write a number and a unit'],
    ['25d', 'the longest is 24d'],
    ['2147483648ms', 'the longest is 24d'],
    ['999999999999d', 'the longest is 24d'],
  ])('"%s" is refused with a hint', (text, hint) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_CORE_DURATION', message: expect.stringContaining(hint) }),
    )
  })

  test.each([
    ['0ms', 0],
    ['0s', 0],
    ['1ms', 1],
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['24d', 2_073_600_000],
    ['1.5s', 1_500],
    ['0.25h', 900_000],
    ['1m30s', 90_000],
    ['1h1m1s1ms', 3_661_001],
    ['0.4ms', 0],
    ['0.5ms', 1],
    ['1.2345s', 1_235],
    ['  30s\n', 30_000],
    ['2147483647ms', LONGEST_MS],
    ['24d20h31m23.647s', LONGEST_MS],
  ])('"%s" is %i ms', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs)
  })

  test('whatever is written, it gives whole milliseconds that a timer can hold, or a HotspareError', () => {
    const nearMisses = tuple(oneof(string(), integer().map(String)), constantFrom('ms', 's', 'm', 'h', 'd', '', 'x')).map((parts) =>
      parts.join(''),
    )
    assert(
      property(oneof(string(), nearMisses), (text) => {
        let durationMs: number
        try {
          durationMs = parseDuration(text)
        } catch (error) {
          return HotspareError.is(error)
        }
        return Number.isInteger(durationMs) && durationMs >= 0 && durationMs <= LONGEST_MS
      }),
    )
  })

  test.each([
    ['digits', '1'.repeat(1_000_000)],
    ['numbers without units', '1.'.repeat(500_000)],
    ['units, then junk', `${'1m'.repeat(500_000)}!`],
    ['spaces, then junk', `${' '.repeat(1_000_000)}x`],
    ['too many parts', '24d'.repeat(300_000)],
  ])('a million characters of %s are refused with a short message', (_, junk) => {
    // A pattern that backtracks without bound would not come back from these within the test's life.
    let message = ''
    try {
      parseDuration(junk)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toMatch(/cannot be read/)
    expect(message.length).toBeLessThan(300)
  })
})

describe('formatDuration', () => {
  test.each([
    [0, '0ms'],
    [999, '999ms'],
    [999.6, '1s'],
    [1_000, '1s'],
    [1_500, '1.5s'],
    [1_001, '1.001s'],
    [60_000, '1m'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [86_400_000, '1d'],
    [90_061_001, '1d1h1m1.001s'],
    [-5, '-5ms'],
  ])('%d ms is written "%s"', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text)
  })

  test('what it writes is read back as the same number', () => {
    assert(
      property(integer({ min: 0, max: LONGEST_MS }), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs))).toBe(durationMs)
      }),
      { numRuns: 2_000, examples: [[0], [LONGEST_MS], [59_999], [3_599_999], [86_399_999]] },
    )
  })
})
