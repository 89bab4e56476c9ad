import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressText } from './answer.ts'
import { parseServerAddress } from './server-address.ts'

describe('parseServerAddress', () => {
  it.each([
    '',
    'ns1.example.com',
    '192.0.2',
    '192.0.2.53:',
    '192.0.2.53:0',
    '192.0.2.53:65536',
    '[192.0.2.53]:53',
    '[2001:db8::53]',
    '::g',
  ])('refuses "%s"', (text) => {
    expect(parseServerAddress(text)).toBeUndefined()
  })

  it.each([
    { text: '192.0.2.53', expected: { address: '192.0.2.53', port: 53 } },
    { text: '192.0.2.53:5353', expected: { address: '192.0.2.53', port: 5353 } },
    { text: '2001:db8::53', expected: { address: '2001:db8::53', port: 53 } },
    { text: '[2001:db8::53]:5353', expected: { address: '2001:db8::53', port: 5353 } },
  ])('reads $text', ({ text, expected }) => {
    expect(parseServerAddress(text)).toEqual(expected)
  })

  it('reads what addressText writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }), (address, port) => {
        expect(parseServerAddress(addressText({ address, port }))).toEqual({ address, port })
      }),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseServerAddress(text)).not.toThrow()
      }),
    )
  })
})
