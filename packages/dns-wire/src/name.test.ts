import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DnsValueError } from './errors.ts'
import { canonicalName, nameLabels, nameText } from './name.ts'

describe('canonicalName', () => {
  it.each([
    '',
    '..',
    '.a',
    'a..b',
    'a..',
    'two words',
    'shöp.example',
    'tab\tbed',
    'nul\0',
    String.raw`\25`,
    String.raw`\256`,
    '\\',
    'a'.repeat(64),
    `${'a.'.repeat(127)}a`,
    `${'a'.repeat(63)}.`.repeat(4),
    'a'.repeat(1_000_000),
    String.raw`\097`.repeat(64),
  ])('refuses %j', (text) => {
    expect(() => canonicalName(text)).toThrow(DnsValueError)
  })

  it.each([
    { text: '.', name: '.' },
    { text: 'Shop.Example.', name: 'shop.example' },
    { text: '*.example', name: '*.example' },
    { text: '_sip._tcp.example', name: '_sip._tcp.example' },
    { text: String.raw`a\.b.example`, name: String.raw`a\046b.example` },
    { text: String.raw`\065\b.example`, name: 'ab.example' },
    { text: String.raw`back\\slash`, name: String.raw`back\092slash` },
    { text: String.raw`\000\255`, name: String.raw`\000\255` },
    { text: `${'a.'.repeat(126)}a`, name: `${'a.'.repeat(126)}a` },
  ])('writes $text as $name', ({ text, name }) => {
    expect(canonicalName(text)).toBe(name)
    expect(canonicalName(name)).toBe(name)
  })

  it('writes labels of any bytes so that the same are read, in lower case', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 })
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), (labels) => {
        const lower = labels.map((bytes) => Uint8Array.from(bytes, (byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte)))
        expect(nameLabels(nameText(labels))).toEqual(lower)
      }),
    )
  })
})
