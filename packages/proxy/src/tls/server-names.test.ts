import { describe, expect, it } from 'vitest'
import { isServerName, ServerNames } from './server-names.ts'

describe('a server name', () => {
  it.each([
    '',
    '*',
    '*.',
    'a b',
    'shop.*.example',
    '*shop.example',
    '*.*.example',
    'a..b',
    '.a',
    'ä.example',
    `${'a'.repeat(64)}.b`,
    'a/b',
  ])('is not %j', (name) => expect(isServerName(name)).toBe(false))

  it.each(['localhost', 'Shop.Example', 'shop.example.', '*.example', '_srv.example', '10.0.0.1'])('is %j', (name) =>
    expect(isServerName(name)).toBe(true),
  )
})

describe('the certificate for a name', () => {
  const names = new ServerNames([
    { names: ['shop.example', '*.shop.example'], value: 'shop' },
    { names: ['*.Example'], value: 'wild' },
    { names: ['www.shop.example', 'shop.example'], value: 'second' },
  ])

  it.each([
    ['nobody.test', undefined],
    ['example', undefined],
    // A wildcard is one label.
    ['a.b.example', undefined],
    ['a.b.shop.example', undefined],
    ['', undefined],
    ['.example', undefined],
    ['*.example', 'wild'],
    ['shop.example', 'shop'],
    ['SHOP.example.', 'shop'],
    ['img.shop.example', 'shop'],
    // In full goes before a wildcard, in whatever order.
    ['www.shop.example', 'second'],
    ['other.example', 'wild'],
  ])('%j: %s', (asked, found) => expect(names.find(asked)).toBe(found))
})
