import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Redactor } from './redactor.ts'

function redactor(...secrets: string[]): Redactor {
  const made = new Redactor()
  for (const secret of secrets) made.add(secret)
  return made
}

describe('a redactor', () => {
  it('leaves values of fewer than 4 characters alone, so that a log stays readable', () => {
    expect(redactor('1', 'abc', '').redact('port 1 of abc')).toBe('port 1 of abc')
  })

  it('leaves a text without secrets as it is', () => {
    expect(redactor('hunter22').redact('nothing to see')).toBe('nothing to see')
    expect(redactor().redact('nothing to see')).toBe('nothing to see')
  })

  it.each([
    ['as it is', 'password is p"ss w/rd+é, yes', 'password is [redacted], yes'],
    ['JSON-escaped', JSON.stringify({ password: 'p"ss w/rd+é' }), '{"password":"[redacted]"}'],
    ['URI-encoded', `?p=${encodeURIComponent('p"ss w/rd+é')}&q=1`, '?p=[redacted]&q=1'],
    ['URI-encoded with small letters', 'p%22ss%20w%2frd%2b%c3%a9', '[redacted]'],
    ['form-encoded', `p=${encodeURIComponent('p"ss w/rd+é').replaceAll('%20', '+')}`, 'p=[redacted]'],
    ['in base64', `x ${Buffer.from('p"ss w/rd+é').toString('base64').replace(/=+$/, '')} y`, 'x [redacted] y'],
    ['in base64url', `x ${Buffer.from('p"ss w/rd+é').toString('base64url')} y`, 'x [redacted] y'],
  ])('finds a secret %s', (_, text, expected) => {
    expect(redactor('p"ss w/rd+é').redact(text)).toBe(expected)
  })

  it('finds a password in the base64 of an Authorization header, behind a user name of any length', () => {
    for (const user of ['a', 'ab', 'abc', 'abcd']) {
      const header = Buffer.from(`${user}:hunter22hunter22`).toString('base64')
      const redacted = redactor('hunter22hunter22').redact(header)
      expect(redacted).toContain('[redacted]')
      expect(Buffer.from(redacted.replace('[redacted]', ''), 'base64').toString()).not.toContain('hunter')
    }
  })

  it('hides the whole run where secrets overlap', () => {
    expect(redactor('abcdef', 'efgh').redact('<abcdefgh>')).toBe('<[redacted]>')
    expect(redactor('abcd', 'abcdefgh').redact('<abcdefgh>')).toBe('<[redacted]>')
    expect(redactor('aaaa').redact('<aaaaaa>')).toBe('<[redacted]>')
  })

  it('hides two secrets side by side', () => {
    expect(redactor('hunter22', 'swordfish').redact('hunter22swordfish')).toBe('[redacted][redacted]')
  })

  it('never lets a secret of 4 characters or more through, in any form it knows', () => {
    const secrets = fc
      .array(fc.string({ minLength: 4, maxLength: 24, unit: 'grapheme' }), { minLength: 1, maxLength: 3 })
      .filter((values) => values.every((value) => !'[redacted]'.includes(value)))
    fc.assert(
      fc.property(secrets, fc.string(), fc.string(), (values, before, after) => {
        const made = redactor(...values)
        for (const value of values) {
          const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), Buffer.from(value).toString('base64')]
          for (const form of forms) {
            // A mask beside other text could by chance spell out a secret that looks like a mask.
            const redacted = made.redact(`${before}${form}${after}`).split('[redacted]')
            expect(redacted.length).toBeGreaterThan(1)
            for (const part of redacted) expect(values.some((each) => part.includes(each))).toBe(false)
          }
        }
      }),
    )
  })
})
