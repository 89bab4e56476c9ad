import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressBytes, addressText, macBytes, macText, parseVirtualAddress } from './address.ts'

describe('a virtual address', () => {
  it.for([
    '',
    'eth0',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1/33',
    '10.0.0.1/0',
    '127.0.0.1',
    '224.0.0.1',
    '0.0.0.0',
    '::',
    '::1',
    'ff02::1',
    'fe80::1%eth0',
    'fd00::1/129',
    '10.0.0.1/-1',
    '10.0.0.1/8/8',
  ])('is not "%s"', (text) => expect(parseVirtualAddress(text)).toBeUndefined())

  it.for([
    ['10.0.0.100', '10.0.0.100', 32],
    ['10.0.0.100/24', '10.0.0.100', 24],
    ['FD00:0::0100/64', 'fd00::100', 64],
    ['fd00::10.0.0.1', 'fd00::a00:1', 128],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', 128],
  ] as const)('"%s" is %s with a prefix of %i', ([text, usual, prefixLength]) => {
    expect(parseVirtualAddress(text)).toMatchObject({ text: usual, prefixLength })
  })

  it('comes back from its bytes as it went in', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })), (bytes) => {
        expect(addressBytes(addressText(bytes))).toEqual(bytes)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
        expect(macBytes(macText(bytes))).toEqual(bytes)
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => void parseVirtualAddress(text)))
  })
})
