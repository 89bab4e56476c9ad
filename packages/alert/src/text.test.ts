import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactor } from './redact.ts'
import { Remembered } from './remembered.ts'
import { isoTime, oneLine } from './text.ts'

describe('oneLine', () => {
  it('turns line breaks, terminal escapes and direction marks into a space', () => {
    expect(oneLine('a\r\nb\u001B[2Jc\u202Ed\u2028e')).toBe('a b [2Jc d e')
  })

  it('ends a text that is too long in an ellipsis, never in half a character', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…')
    expect(oneLine('ab\u{1F525}cd', 4)).toBe('ab…')
  })

  it('holds no control character and keeps to its length, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 200 }), (text, maxLength) => {
        const line = oneLine(text, maxLength)
        expect(line).not.toMatch(/\p{Cc}/u)
        expect(line.length).toBeLessThanOrEqual(maxLength)
      }),
    )
  })
})

describe('isoTime', () => {
  it('shows a number that is no time as it is', () => {
    expect(isoTime(Number.NaN)).toBe('NaN')
    expect(isoTime(1e300)).toBe('1e+300')
  })

  it('shows a time in UTC', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z')
  })
})

describe('redactor', () => {
  it('takes a secret out as it is, percent-encoded, decoded and in base64', () => {
    const redact = redactor(['p%40ss w', undefined, ''])
    const base64 = Buffer.from('p%40ss w').toString('base64')
    expect(redact(`p%40ss w, p@ss w, p%2540ss%20w, ${base64}`)).toBe('***, ***, ***, ***')
  })

  it('takes the longer of two secrets out whole', () => {
    expect(redactor(['/T0/B0', '/T0/B0/key'])('POST /T0/B0/key')).toBe('POST ***')
  })

  it('survives secrets that have no such form', () => {
    expect(redactor(['100%', '\uD800'])('100% sure')).toBe('*** sure')
  })

  it('leaves no secret behind, wherever it stands', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9/?=&%+-]{4,40}$/)
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), (secrets, before, after) => {
        const shown = redactor(secrets)(`${before}${secrets.join(after)}${after}`)
        for (const hidden of secrets) expect(shown).not.toContain(hidden)
      }),
    )
  })
})

describe('Remembered', () => {
  it('keeps the entries that were set last', () => {
    const remembered = new Remembered<number>(2)
    remembered.set('a', 1)
    remembered.set('b', 2)
    remembered.set('a', 3)
    remembered.set('c', 4)
    expect([remembered.get('a'), remembered.get('b'), remembered.get('c'), remembered.size]).toEqual([3, undefined, 4, 2])
    remembered.delete('a')
    expect(remembered.size).toBe(1)
  })
})
