import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { proxyHeader } from './proxy-header.ts'

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const IPV4 = { remoteAddress: '192.0.2.1', remotePort: 56_324, localAddress: '198.51.100.7', localPort: 443 }
const IPV6 = { remoteAddress: '2001:db8::1', remotePort: 1, localAddress: 'fe80::a%eth0', localPort: 65_535 }

describe('a connection whose ends are not both known', () => {
  it.each([
    {},
    { ...IPV4, remoteAddress: undefined },
    { ...IPV4, localAddress: undefined },
    { ...IPV4, remotePort: undefined },
    { ...IPV4, localPort: undefined },
    { ...IPV4, remoteAddress: '/run/a.sock' },
    { ...IPV4, localAddress: '' },
  ])('is said to be the proxy itself: %j', (ends) => {
    expect(proxyHeader('v2', ends).toString('hex')).toBe(`${SIGNATURE}20000000`)
    expect(proxyHeader('v1', ends).toString()).toBe('PROXY UNKNOWN\r\n')
  })
})

describe('the header of version 2', () => {
  it.each([
    ['IPv4', IPV4, '2111000cc0000201c6336407dc0401bb'],
    [
      'IPv4 in IPv6',
      { ...IPV4, remoteAddress: '::ffff:192.0.2.1', localAddress: '::FFFF:198.51.100.7' },
      '2111000cc0000201c6336407dc0401bb',
    ],
    ['IPv6', IPV6, '2121002420010db8000000000000000000000001fe80000000000000000000000000000a0001ffff'],
    [
      'one end of each',
      { ...IPV6, remoteAddress: '192.0.2.1' },
      '2121002400000000000000000000ffffc0000201fe80000000000000000000000000000a0001ffff',
    ],
    [
      'addresses without and with nothing but zeros',
      { ...IPV6, remoteAddress: '1:2:3:4:5:6:7:8', localAddress: '::' },
      '2121002400010002000300040005000600070008000000000000000000000000000000000001ffff',
    ],
  ])('has %s as the specification writes it', (_what, ends, hex) => {
    expect(proxyHeader('v2', ends).toString('hex')).toBe(SIGNATURE + hex)
  })

  it('has the bytes of any IPv6 address, however it is shortened', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const header = proxyHeader('v2', { ...IPV6, remoteAddress: address })
        const mapped = /^(?:0*:)*:?(?:0*:)*ffff:.*\./i.test(address)
        if (mapped) return
        expect(header.length).toBe(52)
        // As URL writes each of the two, which is one way for each address.
        const groups = Array.from({ length: 8 }, (_, index) => header.readUInt16BE(16 + 2 * index).toString(16)).join(':')
        expect(new URL(`http://[${groups}]`).hostname).toBe(new URL(`http://[${address}]`).hostname)
      }),
    )
  })
})

describe('the header of version 1', () => {
  it('is one line', () => {
    expect(proxyHeader('v1', IPV4).toString()).toBe('PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n')
    expect(proxyHeader('v1', IPV6).toString()).toBe('PROXY TCP6 2001:db8::1 fe80::a 1 65535\r\n')
  })
})
