import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DNS_TYPES, normalRecord } from './records.ts'

describe('normalRecord', () => {
  it.each([
    { type: 'A', text: '192.0.2' },
    { type: 'A', text: '2001:db8::1' },
    { type: 'AAAA', text: '192.0.2.1' },
    { type: 'AAAA', text: 'fe80::1%eth0' },
    { type: 'CNAME', text: 'two names' },
    { type: 'NS', text: 'ns1.example..' },
    { type: 'MX', text: '10 .example' },
    { type: 'MX', text: 'mail.example.com' },
    { type: 'MX', text: 'ten mail.example.com' },
    { type: 'SRV', text: '0 5 sip.example.com' },
    { type: 'SOA', text: 'ns1 admin 1 2 3' },
    { type: 'CAA', text: 'issue "ca.example"' },
  ] as const)('refuses "$text" as $type', ({ type, text }) => {
    expect(normalRecord(type, text)).toBeUndefined()
  })

  it.each([
    { type: 'A', text: '192.0.2.1', normal: '192.0.2.1' },
    { type: 'AAAA', text: '2001:0DB8:0:0::0001', normal: '2001:db8::1' },
    { type: 'CNAME', text: 'Shop.Example.', normal: 'shop.example' },
    { type: 'NS', text: '.', normal: '.' },
    { type: 'MX', text: '010  Mail.Example.', normal: '10 mail.example' },
    { type: 'SRV', text: '0 5 5060 SIP.example.', normal: '0 5 5060 sip.example' },
    { type: 'SOA', text: 'NS1.example. admin.example. 7 2 3 4 5', normal: 'ns1.example admin.example 7 2 3 4 5' },
    { type: 'CAA', text: '0 ISSUE ca.example', normal: '0 issue "ca.example"' },
    { type: 'TXT', text: ' As It Is. ', normal: ' As It Is. ' },
  ] as const)('writes $type "$text" as "$normal"', ({ type, text, normal }) => {
    expect(normalRecord(type, text)).toBe(normal)
  })

  it('never throws, and changes nothing the second time', () => {
    const texts = fc.oneof(fc.string(), fc.ipV6(), fc.string({ unit: fc.constantFrom('1', 'a', '.', ' ', '"', ':') }))
    fc.assert(
      fc.property(fc.constantFrom(...DNS_TYPES), texts, (type, text) => {
        const once = normalRecord(type, text)
        expect(once === undefined ? undefined : normalRecord(type, once)).toBe(once)
      }),
    )
  })
})
