import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findMismatch, type JsonRule, parseJsonPointer } from './json-expectation.ts'

/** The document of RFC 6901, section 5. */
const published = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, 'g|h': 4, 'i\\j': 5, 'k"l': 6, ' ': 7, 'm~n': 8 }

function mismatch(document: unknown, pointer: string, rule: JsonRule): string | undefined {
  const found = findMismatch(document, [{ pointer, path: parseJsonPointer(pointer) ?? ['not a pointer'], rule }])
  return found && `${found.reason}: ${found.text}`
}

describe('parseJsonPointer', () => {
  it.each(['status', 'a/b', '/a~', '/a~2'])('refuses %j', (text) => {
    expect(parseJsonPointer(text)).toBeUndefined()
  })

  it('takes any text, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseJsonPointer(text)?.length ?? 0).toBeLessThanOrEqual(text.length)
      }),
    )
  })
})

describe('findMismatch', () => {
  it.each([
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('finds %j as RFC 6901 does', (pointer, equals) => {
    expect(mismatch(published, pointer, { equals })).toBeUndefined()
  })

  it.each([
    [{ status: 'DOWN' }, '/status', { equals: 'UP' }, 'unexpected: "/status" is "DOWN", expected "UP"'],
    [{}, '/status', { equals: 'UP' }, 'unexpected: "/status" is missing'],
    [{}, '/constructor', { equals: null }, 'unexpected: "/constructor" is missing'],
    [[1], '/00', { equals: 1 }, 'unexpected: "/00" is missing'],
    [[1], '/length', { equals: 1 }, 'unexpected: "/length" is missing'],
    ['text', '/0', { equals: 't' }, 'unexpected: "/0" is missing'],
    [{ a: { b: 1 } }, '/a', { equals: 1 }, 'unexpected: "/a" is an object, expected 1'],
    [{ a: 1 }, '/a', { equals: '1' }, 'unexpected: "/a" is 1, expected "1"'],
    [{ a: 'c' }, '/a', { oneOf: ['a', 'b'] }, 'unexpected: "/a" is "c", expected one of "a", "b"'],
    [{ a: 120 }, '/a', { max: 100 }, 'limit: "/a" is 120, expected at most 100'],
    [{ a: -1 }, '/a', { min: 0 }, 'limit: "/a" is -1, expected at least 0'],
    [{ a: '5' }, '/a', { min: 0 }, 'unexpected: "/a" is "5", expected a number'],
  ])('in %j does not accept %j with %j', (document, pointer, rule, says) => {
    expect(mismatch(document, pointer, rule)).toBe(says)
  })

  it.each([
    [null, '', { equals: null }],
    [{ a: null }, '/a', { equals: null }],
    [{ a: 100 }, '/a', { min: 100, max: 100 }],
    [{ a: 'b' }, '/a', { oneOf: ['a', 'b'] }],
    [{ ['__proto__']: 1 }, '/__proto__', { equals: 1 }],
  ])('in %j accepts %j with %j', (document, pointer, rule) => {
    expect(mismatch(document, pointer, rule)).toBeUndefined()
  })

  it('says a bounded amount of any document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), (document, path) => {
        const found = findMismatch(document, [{ pointer: '/p', path, rule: { equals: 'x', max: 1 } }])
        expect(found?.text.length ?? 0).toBeLessThan(120)
      }),
    )
  })
})
