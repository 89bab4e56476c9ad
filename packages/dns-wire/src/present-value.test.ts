import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DnsValueError } from './errors.ts'
import { bytes, dataOf } from './message.fixture.ts'
import { parseValue } from './parse-value.ts'
import { presentValue } from './present-value.ts'
import type { RecordData } from './record-data.ts'
import { bytesText, textBytes } from './texts.ts'

const canonical = (type: string, text: string) => presentValue(type, parseValue(type, text))

describe('parseValue', () => {
  it.each([
    { type: 'NOPE', text: '1' },
    { type: 'A', text: '' },
    { type: 'A', text: '192.0.2' },
    { type: 'A', text: '192.0.2.01' },
    { type: 'A', text: '192.0.2.1 192.0.2.2' },
    { type: 'A', text: '::1' },
    { type: 'A', text: String.raw`\# 3 C00002` },
    { type: 'A', text: String.raw`\# 4 C00002` },
    { type: 'A', text: String.raw`\# 4 C000020` },
    { type: 'AAAA', text: '192.0.2.1' },
    { type: 'AAAA', text: 'fe80::1%eth0' },
    { type: 'AAAA', text: '[::1]' },
    { type: 'CNAME', text: 'two names' },
    { type: 'CNAME', text: '' },
    { type: 'MX', text: 'mail.example' },
    { type: 'MX', text: '65536 mail.example' },
    { type: 'MX', text: '-1 mail.example' },
    { type: 'MX', text: '1e1 mail.example' },
    { type: 'SRV', text: '0 5 sip.example' },
    { type: 'SOA', text: 'ns1 admin 1 2 3 4 4294967296' },
    { type: 'CAA', text: 'issue "ca.example"' },
    { type: 'CAA', text: '256 issue "ca.example"' },
    { type: 'CAA', text: '0 is-sue "ca.example"' },
    { type: 'CAA', text: '0 issue "ca.example' },
    { type: 'CAA', text: '0 issue "a" "b"' },
    { type: 'CAA', text: String.raw`0 issue "\256"` },
    { type: 'DS', text: '1 2 3 ABC' },
    { type: 'DNSKEY', text: '256 3 13 not-base64' },
    { type: 'HTTPS', text: '1' },
    { type: 'HTTPS', text: '1 . alpn' },
    { type: 'HTTPS', text: '1 . alpn=h2,' },
    { type: 'HTTPS', text: '1 . port=65536' },
    { type: 'HTTPS', text: '1 . port=443 port=444' },
    { type: 'HTTPS', text: '1 . ipv4hint=::1' },
    { type: 'HTTPS', text: '1 . ech=!' },
    { type: 'HTTPS', text: '1 . nope=1' },
    { type: 'HTTPS', text: '1 . key65536=1' },
    { type: 'HTTPS', text: '1 . alpn="h2" ,' },
    { type: 'TXT', text: '\uD800' },
    { type: 'TYPE65280', text: 'anything' },
  ])('refuses "$text" as $type', ({ type, text }) => {
    expect(() => parseValue(type, text)).toThrow(DnsValueError)
  })

  it.each([
    { type: 'A', text: '192.0.2.1', value: '192.0.2.1' },
    { type: 'A', text: String.raw`\# 4 c0 0002 01`, value: '192.0.2.1' },
    { type: 'TYPE1', text: '192.0.2.1', value: '192.0.2.1' },
    { type: 'AAAA', text: '2001:0DB8:0:0::0001', value: '2001:db8::1' },
    { type: 'AAAA', text: '2001:db8:0:0:1:0:0:1', value: '2001:db8::1:0:0:1' },
    { type: 'AAAA', text: '::', value: '::' },
    { type: 'CNAME', text: 'Shop.Example.', value: 'shop.example' },
    { type: 'NS', text: '.', value: '.' },
    { type: 'MX', text: ' 010  Mail.Example. ', value: '10 mail.example' },
    { type: 'SRV', text: '0 5 5060 SIP.example.', value: '0 5 5060 sip.example' },
    { type: 'SOA', text: 'NS1.example. admin.example. 7 2 3 4 5', value: 'ns1.example admin.example 7 2 3 4 5' },
    { type: 'CAA', text: '0 ISSUE ca.example', value: '0 issue "ca.example"' },
    { type: 'CAA', text: '0 issue ca.example; account=7', value: '0 issue "ca.example; account=7"' },
    { type: 'CAA', text: '128 issue ";"', value: '128 issue ";"' },
    { type: 'CAA', text: String.raw`0 issue "a\"b\\c\009d"`, value: String.raw`0 issue "a\"b\\c\009d"` },
    { type: 'TXT', text: '', value: '' },
    { type: 'TXT', text: ' As "it" is\\. ', value: ' As "it" is\\. ' },
    { type: 'TXT', text: 'schön 🚀', value: 'schön 🚀' },
    {
      type: 'DS',
      text: '60485 5 1 2bb183af 5f22588179a53b0a98631fad1a292118',
      value: '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
    },
    { type: 'DNSKEY', text: '256 3 13 AQID BA==', value: '256 3 13 AQIDBA==' },
    { type: 'HTTPS', text: '1 . port=8443 alpn="h2,h3" no-default-alpn', value: '1 . alpn=h2,h3 no-default-alpn port=8443' },
    { type: 'HTTPS', text: '0 Pool.Example.', value: '0 pool.example' },
    {
      type: 'SVCB',
      text: '1 . ipv6hint=2001:DB8::1,::2 ipv4hint=192.0.2.1,192.0.2.2 mandatory=ipv4hint,key667',
      value: '1 . mandatory=ipv4hint,key667 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1,::2',
    },
    { type: 'SVCB', text: String.raw`1 . key667=hello key1="\002h2"`, value: '1 . alpn=h2 key667="hello"' },
    { type: 'SVCB', text: String.raw`1 . key3="\001"`, value: String.raw`1 . key3="\001"` },
    { type: 'SVCB', text: String.raw`1 . key1="\003a\,b"`, value: String.raw`1 . key1="\003a,b"` },
    { type: 'TYPE65280', text: String.raw`\# 2 abCD`, value: String.raw`\# 2 ABCD` },
    { type: 'TYPE65280', text: String.raw`\# 0`, value: String.raw`\# 0` },
  ])('writes $type "$text" as "$value"', ({ type, text, value }) => {
    expect(canonical(type, text)).toBe(value)
    expect(canonical(type, value)).toBe(value)
  })

  it('cuts a long TXT into pieces of 255 bytes, and presents it in one', () => {
    const text = 'é'.repeat(300)
    const data = parseValue('TXT', text)
    expect(data.kind === 'TXT' && data.strings.map((string) => string.length)).toEqual([255, 255, 90])
    expect(presentValue('TXT', data)).toBe(text)
  })

  it('reads any value that was written as what it was, but for the pieces of a TXT', () => {
    const any = fc.oneof(...Object.entries(dataOf).map(([kind, data]) => data.map((given) => ({ kind, given }))))
    /** Where the pieces are cut, the text does not tell. */
    const joined = (data: RecordData) => (data.kind === 'TXT' ? { kind: 'TXT', all: Buffer.concat(data.strings) } : data)
    fc.assert(
      fc.property(any, ({ kind, given }) => {
        const type = kind === 'opaque' ? 'TYPE65280' : kind
        const text = presentValue(type, given)
        const read = parseValue(type, text)
        expect(joined(read)).toEqual(joined(given))
        expect(presentValue(type, read)).toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })

  it('throws nothing but a DnsValueError, whatever text comes', () => {
    const type = fc.constantFrom(...Object.keys(dataOf).filter((kind) => kind !== 'opaque'), 'TYPE65280')
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('1', 'a', '.', ' ', '"', ':', '\\', '#', '=', ',') }))
    const valueOf = (given: string, written: string): string | undefined => {
      try {
        return canonical(given, written)
      } catch (error) {
        if (error instanceof DnsValueError) return undefined
        throw error
      }
    }
    fc.assert(
      fc.property(type, text, (given, written) => {
        const value = valueOf(given, written)
        expect(value === undefined ? undefined : canonical(given, value)).toBe(value)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('bytesText', () => {
  it('makes a text of any bytes that stands for them alone', () => {
    expect(bytesText(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\uDCFFb')
    fc.assert(
      fc.property(bytes(60), (given) => {
        expect(textBytes(bytesText(given))).toEqual(given)
      }),
      { numRuns: 1_000 },
    )
  })
})
