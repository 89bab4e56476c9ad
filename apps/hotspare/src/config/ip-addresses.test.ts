import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostAndPort, type Reading } from './addresses.ts'
import { formatVirtualAddress, readPeer, readVirtualAddress } from './ip-addresses.ts'

const valueOf = <Value>(reading: Reading<Value>): Value => {
  if (!reading.ok) throw new Error(reading.hint)
  return reading.value
}
const hintOf = (reading: Reading<unknown>) => (reading.ok ? '' : reading.hint)

describe('the address of a node', () => {
  it.each([
    ['web-1:7401', /write an IP address/],
    ['10.0.0.1', /write an IP address/],
    ['fd00::1:7401', /write an IP address/],
    ['[10.0.0.1]:7401', /write an IP address/],
    ['010.0.0.1:7401', /write an IP address/],
    ['[fd00::1]:', /write an IP address/],
    ['[fe80::1%eth0]:7401', /leave the zone away/],
    ['10.0.0.1:0', /from 1 to 65535/],
    ['10.0.0.1:65536', /from 1 to 65535/],
    ['[::]:7401', /an unspecified address/],
    ['224.0.0.1:7401', /a multicast address/],
    ['255.255.255.255:7401', /a broadcast address/],
    ['[::ffff:10.0.0.1]:7401', /without ::ffff:/],
  ])('%s is refused', (text, hint) => {
    expect(hintOf(readPeer(text))).toMatch(hint)
  })

  it.each([
    [' 10.0.0.1:7401 ', '10.0.0.1:7401'],
    ['127.0.0.1:1', '127.0.0.1:1'],
    ['[FD00:0:0::1]:7401', '[fd00::1]:7401'],
  ])('%s is %s', (text, expected) => {
    expect(hostAndPort(valueOf(readPeer(text)))).toBe(expected)
  })
})

describe('an address that moves', () => {
  it.each([
    ['', /write an IP address/],
    ['10.0.0', /write an IP address/],
    ['10.0.0.1/', /write an IP address/],
    ['10.0.0.1/24/24', /write an IP address/],
    ['10.0.0.1/-1', /write an IP address/],
    ['shop.example.com', /write an IP address/],
    ['fe80::1%eth0', /write an IP address/],
    ['10.0.0.1/0', /from 1 to 32/],
    ['10.0.0.1/33', /from 1 to 32/],
    ['fd00::1/129', /from 1 to 128/],
    ['127.0.0.1', /a loopback address/],
    ['::1', /a loopback address/],
    ['0.1.2.3', /an unspecified address/],
    ['::', /an unspecified address/],
    ['239.1.2.3', /a multicast address/],
    ['ff02::1', /a multicast address/],
    ['255.255.255.255', /a broadcast address/],
    ['::ffff:127.0.0.1', /a loopback address|without ::ffff:/],
    ['::ffff:10.0.0.1', /without ::ffff:/],
    ['240.0.0.1', /a reserved address/],
    ['10.0.0.0/24', /of the network itself/],
    ['10.0.1.255/23', /the broadcast address of the network/],
  ])('%j is refused', (text, hint) => {
    expect(hintOf(readVirtualAddress(text))).toMatch(hint)
  })

  it.each([
    ['10.0.0.100', '10.0.0.100/32'],
    [' 10.0.0.100/24 ', '10.0.0.100/24'],
    ['10.0.0.0/31', '10.0.0.0/31'],
    ['10.0.0.255/22', '10.0.0.255/22'],
    ['FD00:0:0::100', 'fd00::100/128'],
    ['fd00::/64', 'fd00::/64'],
    ['fe80::100/64', 'fe80::100/64'],
  ])('%s is %s', (text, expected) => {
    expect(formatVirtualAddress(valueOf(readVirtualAddress(text)))).toBe(expected)
  })

  it('has one form: what was written is read again as it is', () => {
    const address = fc.oneof(fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })), fc.tuple(fc.ipV6(), fc.integer({ min: 1, max: 128 })))
    fc.assert(
      fc.property(address, ([ip, prefix]) => {
        const reading = readVirtualAddress(`${ip}/${prefix}`)
        if (!reading.ok) return
        const text = formatVirtualAddress(reading.value)
        expect(reading.value.prefixLength).toBe(prefix)
        expect(isIP(reading.value.ip)).toBe(isIP(ip))
        expect(readVirtualAddress(text)).toEqual(reading)
      }),
      { numRuns: 2_000 },
    )
  })
})

it('any text is read as an address or refused with a hint', () => {
  const pieces = fc.constantFrom('10.0.0.1', '[', ']', ':', '7401', '/', '24', 'fd00::1', '%eth0', '::ffff:', '1.2', 'x', ' ', '\n', '-')
  const text = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (each) => {
      const readings = [readPeer(each), readVirtualAddress(each)]
      const wrong = readings.filter((reading) =>
        reading.ok ? isIP('ip' in reading.value ? reading.value.ip : reading.value.host) === 0 : !/^[a-z]/.test(reading.hint),
      )
      expect(wrong).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})
