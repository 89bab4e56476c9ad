import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clipDetail } from './text.ts'

test.each([
  ['line breaks and escapes', 'a\r\nb\u001B[2Jc\u0000d\u2028e', 'a b [2Jc d e'],
  ['space at the ends', '  a\t', 'a'],
  ['nothing', '', ''],
  ['a text that is just short enough', 'x'.repeat(200), 'x'.repeat(200)],
  ['a text that is too long', 'x'.repeat(201), `${'x'.repeat(197)}...`],
])('%s', (_, text, clipped) => {
  expect(clipDetail(text)).toBe(clipped)
})

test('a cut does not leave half of a character', () => {
  expect(clipDetail(`${'x'.repeat(6)}\u{1F525}yyy`, 10)).toBe('xxxxxx...')
})

test('whatever comes in, one short line comes out, which stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 4, max: 60 }), (text, most) => {
      const clipped = clipDetail(text, most)
      expect(clipped.length).toBeLessThanOrEqual(most)
      expect(clipped).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      expect(clipDetail(clipped, most)).toBe(clipped)
    }),
  )
})
