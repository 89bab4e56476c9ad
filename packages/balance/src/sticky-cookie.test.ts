import { assert, integer, property, string, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cookieValue, createStickyCookie, stickyCookieDefaults } from './sticky-cookie.ts'

const secret = 'only we know this, and it is long'
const other = new Uint8Array(32).fill(7)
const start = 1_800_000_000_000
const day = 86_400_000

describe('what is refused', () => {
  test.each<[string, object]>([
    ['no key', { keys: [] }],
    ['a short key', { keys: [secret, 'short and secret'] }],
    ['too many keys', { keys: Array.from({ length: 9 }, () => other) }],
    ['an age that is none', { maxAgeSeconds: 0 }],
    ['an age of half a second', { maxAgeSeconds: 0.5 }],
    // Its expiry would have more digits than are read again.
    ['an age beyond what browsers keep', { maxAgeSeconds: 1e12 }],
    ['a key that stands for a list', { keys: secret }],
    ['a key that is none', { keys: [secret, null] }],
    ['a name with a space', { name: 'a b' }],
    ['a misspelled option', { max_age: 1 }],
  ])('%s, and the key stays secret', (_, wrong) => {
    expect(() => createStickyCookie({ keys: [secret], ...wrong })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS', message: expect.not.stringMatching(/short and secret|only we know/) }),
    )
  })

  test('an id that no cookie can hold', () => {
    expect(() => createStickyCookie({ keys: [secret] }).encode('x'.repeat(1_000), start)).toThrow('too long for a cookie')
  })
})

describe('what is not accepted', () => {
  const cookie = createStickyCookie({ keys: [secret] })
  const value = cookie.encode('web-1', start)

  test('a value with any character changed, missing or added', () => {
    for (let place = 0; place < value.length; place++) {
      const changed = ['A', 'a', '0', '-', '.', '_'].map((character) => value.slice(0, place) + character + value.slice(place + 1))
      expect(changed.filter((each) => each !== value && cookie.decode(each, start) !== undefined)).toEqual([])
      expect(cookie.decode(value.slice(0, place) + value.slice(place + 1), start)).toBeUndefined()
      expect(cookie.decode(`${value.slice(0, place)}0${value.slice(place)}`, start)).toBeUndefined()
    }
  })

  test('one that has expired', () => {
    expect(cookie.decode(value, start + day - 1)).toBe('web-1')
    expect(cookie.decode(value, start + day)).toBeUndefined()
  })

  test('one of another key, another scope, or nobody', () => {
    expect(createStickyCookie({ keys: [other] }).decode(value, start)).toBeUndefined()
    expect(createStickyCookie({ keys: [secret], scope: 'shop' }).decode(value, start)).toBeUndefined()
    for (const strange of [
      '',
      '.',
      '..',
      'web-1',
      '9999999999.d2ViLTE.',
      'null',
      '%00',
      `${'9'.repeat(400)}.d2ViLTE.AAAAAAAAAAAAAAAAAAAAAA`,
    ]) {
      expect(cookie.decode(strange, start)).toBeUndefined()
    }
  })

  test('one that is longer than any of ours', () => {
    expect(cookie.decode(value + 'A'.repeat(stickyCookieDefaults.maxCharacters), start)).toBeUndefined()
    expect(cookie.decode('A'.repeat(10_000_000), start)).toBeUndefined()
  })

  test('whatever comes, it never throws', () => {
    assert(property(string({ unit: 'binary' }), (text) => cookie.decode(text, start) === undefined))
  })
})

describe('what is accepted', () => {
  test('what was made before a restart, with the same key', () => {
    const value = createStickyCookie({ keys: [secret], scope: 'shop' }).encode('10.0.0.1:80/ü', start)
    expect(createStickyCookie({ keys: [secret], scope: 'shop' }).decode(value, start + 1)).toBe('10.0.0.1:80/ü')
    expect(value).toMatch(/^[\w.-]+$/)
  })

  test('what an older key has signed, while the first key signs', () => {
    const old = createStickyCookie({ keys: [secret] })
    const both = createStickyCookie({ keys: [other, secret] })
    expect(both.decode(old.encode('web-1', start), start)).toBe('web-1')
    expect(createStickyCookie({ keys: [other] }).decode(both.encode('web-1', start), start)).toBe('web-1')
  })

  test('each id comes back as it was', () => {
    assert(
      property(
        string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        uint8Array({ minLength: 32, maxLength: 64 }),
        integer({ min: 0, max: 4e12 }),
        (id, key, nowMs) => {
          const cookie = createStickyCookie({ keys: [key] })
          expect(cookie.decode(cookie.encode(id, nowMs), nowMs)).toBe(id)
        },
      ),
    )
  })

  test('a key may be changed by its owner after the cookie was made of it', () => {
    const key = new Uint8Array(32).fill(1)
    const cookie = createStickyCookie({ keys: [key] })
    const value = cookie.encode('web-1', start)
    key.fill(0)
    expect(cookie.decode(value, start)).toBe('web-1')
  })
})

test.each(['', 'shop', '/a;b', '/\r\nx: y'])('a path that is none: %j', (path) => {
  expect(() => createStickyCookie({ keys: [secret], path })).toThrow('path')
})

test('a word for sameSite that is none', () => {
  expect(() => createStickyCookie({ keys: [secret], sameSite: 'toString' as 'lax' })).toThrow('lax, strict or none')
})

test('the header keeps scripts and plain connections out, unless they are wanted', () => {
  const cookie = createStickyCookie({ keys: [secret], name: 'at', maxAgeSeconds: 60 })
  const header = cookie.setCookie('web-1', start)
  expect(header).toBe(`at=${cookie.encode('web-1', start)}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure`)
  expect(createStickyCookie({ keys: [secret], insecure: true }).setCookie('web-1', start)).not.toContain('Secure')
  const narrow = createStickyCookie({ keys: [secret], path: '/shop', sameSite: 'none' }).setCookie('web-1', start)
  expect(narrow).toMatch(/; Path=\/shop; .*; SameSite=None; Secure$/)
  expect(cookie.decode(cookieValue(`x=1; ${header}`, 'at')!, start)).toBe('web-1')
})
