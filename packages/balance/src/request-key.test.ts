import { describe, expect, test } from 'vitest'
import { requestKey, type RequestKeyOptions } from './request-key.ts'

test.each<[string, object]>([
  ['no source at all', {}],
  ['a source that is none', { from: 'moon' }],
  ['a header without name', { from: 'header' }],
  ['a header with a colon', { from: 'header', name: 'a:' }],
  ['a cookie with an empty name', { from: 'cookie', name: '' }],
  ['a depth of 0', { from: 'uri', depth: 0 }],
  ['half a character', { from: 'uri', length: 0.5 }],
  ['a depth for a cookie', { from: 'cookie', name: 'a', depth: 1 }],
  ['a name for a source', { from: 'source', name: 'a' }],
])('%s is refused', (_, options) => {
  expect(() => requestKey(options as RequestKeyOptions)).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

test.each<RequestKeyOptions>([{ from: 'source' }, { from: 'header', name: 'a' }, { from: 'cookie', name: 'a' }, { from: 'uri' }])(
  '%j gives no key for a request that has nothing of the kind',
  (options) => {
    expect(requestKey(options)({ headers: {} })).toBeUndefined()
    expect(requestKey(options)({ headers: { a: '', cookie: 'a=; b=1' }, url: '', remoteAddress: '' })).toBeUndefined()
  },
)

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
])('the source %s gives %s', (remoteAddress, key) => {
  expect(requestKey({ from: 'source' })({ headers: {}, remoteAddress })).toBe(key)
})

test.each(['constructor', '__proto__', 'toString'])('a header that is called %s is no key where it was not sent', (name) => {
  expect(requestKey({ from: 'header', name })({ headers: {} })).toBeUndefined()
  const sent = Object.fromEntries([[name.toLowerCase(), 'x']])
  expect(requestKey({ from: 'header', name })({ headers: sent })).toBe('x')
})

describe('bytes that came one to a character', () => {
  const raw = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

  test.each(['Zoë', '大阪', '😀', 'voilà'])('are the text that was sent: %s', (text) => {
    expect(requestKey({ from: 'header', name: 'a' })({ headers: { a: raw(text) } })).toBe(text)
    expect(requestKey({ from: 'cookie', name: 'a' })({ headers: { cookie: `b=1; a=${raw(text)}` } })).toBe(text)
    expect(requestKey({ from: 'uri' })({ url: raw(`/${text}`), headers: {} })).toBe(`/${text}`)
  })

  test.each(['Zo\xeb', '\xff\xfe', 'Zoë 大阪'])('are left alone where they are no UTF-8: %j', (text) => {
    expect(requestKey({ from: 'header', name: 'a' })({ headers: { a: text } })).toBe(text)
  })
})

test('a header is found whatever the case of its name, and several are one key', () => {
  const key = requestKey({ from: 'header', name: 'X-Tenant' })
  expect(key({ headers: { 'x-tenant': 'acme' } })).toBe('acme')
  expect(key({ headers: { 'x-tenant': ['a', 'b'] } })).toBe('a, b')
})

test.each([
  ['id=7', '7'],
  ['a=1; id=7; id=8', '7'],
  ['a=1;id="7"', '7'],
  ['xid=1; id = 7 ', '7'],
  ['ID=1; ident=2; id', undefined],
])('of the cookies %s the key is %s', (cookie, key) => {
  expect(requestKey({ from: 'cookie', name: 'id' })({ headers: { cookie } })).toBe(key)
})

describe('a URI', () => {
  test.each<[string, Omit<Extract<RequestKeyOptions, { from: 'uri' }>, 'from'>, string]>([
    ['/a/b/c?x=/1', {}, '/a/b/c'],
    ['/a/b/c?x=/1', { whole: true }, '/a/b/c?x=/1'],
    ['/a/b/c', { depth: 1 }, '/a'],
    ['/a/b/c', { depth: 2 }, '/a/b'],
    ['/a/b/c', { depth: 9 }, '/a/b/c'],
    ['/a?b/c', { depth: 1 }, '/a'],
    ['/abcdef', { length: 3 }, '/ab'],
    ['/a/bcdef', { length: 4, depth: 1 }, '/a'],
    ['http://shop.example/a/b?x', {}, 'http://shop.example/a/b'],
    ['http://shop.example/a/b?x', { pathOnly: true, depth: 1 }, '/a'],
    ['http://shop.example', { pathOnly: true }, '/'],
    ['*', { pathOnly: true }, '*'],
  ])('%s with %j gives %s', (url, options, key) => {
    expect(requestKey({ from: 'uri', ...options })({ headers: {}, url })).toBe(key)
  })
})
