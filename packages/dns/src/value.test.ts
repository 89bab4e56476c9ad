import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalName, isWithin, readName, relativeName } from './name.ts'
import type { RecordType } from './record-set.ts'
import { quoteTxt, unquoteTxt } from './txt.ts'
import { canonicalValue, recordSet, sameSet, sameValues } from './value.ts'

const www = { name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1'] } as const

describe('a name', () => {
  it.each([
    '',
    '.',
    'a..b',
    'a b',
    '-a.example',
    'a-.example',
    `${'a'.repeat(64)}.example`,
    `${'abc.'.repeat(70)}example`,
    'a.*.b',
    '*',
    'bücher.example',
  ])('is not %j', (text) => {
    expect(readName(text)).toBeUndefined()
    expect(() => canonicalName(text)).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_VALUE' }))
  })

  it('has one spelling', () => {
    expect(canonicalName('WWW.Example.COM.')).toBe('www.example.com')
    expect(canonicalName('*.Example.com')).toBe('*.example.com')
    expect(canonicalName('_hotspare._tcp.example.com')).toBe('_hotspare._tcp.example.com')
  })

  it('belongs to its zone, and not to one whose name merely ends like it', () => {
    expect(isWithin('example.com', 'example.com')).toBe(true)
    expect(isWithin('a.b.example.com', 'example.com')).toBe(true)
    expect(isWithin('badexample.com', 'example.com')).toBe(false)
    expect(relativeName('www.example.com', 'example.com')).toBe('www')
    expect(relativeName('example.com', 'example.com')).toBe('@')
  })
})

describe('a value', () => {
  const wrong: readonly (readonly [RecordType, string])[] = [
    ['A', '192.0.2'],
    ['A', '192.0.2.256'],
    ['A', '2001:db8::1'],
    ['AAAA', '192.0.2.1'],
    ['AAAA', '2001:db8::g'],
    ['CNAME', 'two words'],
    ['ALIAS', ''],
    ['SRV', '1 2 www.example.com'],
    ['HTTPS', 'www.example.com'],
    ['TXT', 'half of a pair: \uD800'],
    ['TXT', 'x'.repeat(65_280)],
  ]
  it.each(wrong)('of type %s is not %j', (type, text) => {
    expect(() => canonicalValue(type, text)).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_VALUE' }))
  })

  const right: readonly (readonly [RecordType, string, string])[] = [
    ['A', ' 192.0.2.1 ', '192.0.2.1'],
    ['AAAA', '2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['AAAA', '2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['CNAME', 'WWW.Example.com.', 'www.example.com'],
    ['ALIAS', 'lb.example.net.', 'lb.example.net'],
    ['SRV', '10  5 443 Host.Example.com.', '10 5 443 host.example.com'],
    ['TXT', ' as it "is" ', ' as it "is" '],
    ['TXT', '', ''],
  ]
  it.each(right)('of type %s may be written %j, and is compared as %j', (type, text, canonical) => {
    expect(canonicalValue(type, text)).toBe(canonical)
    expect(canonicalValue(type, canonical)).toBe(canonical)
  })
})

describe('a set', () => {
  it('never has no values, nor two targets of an alias, nor a TTL that is none', () => {
    const refused = expect.objectContaining({ code: 'HOTSPARE_DNS_VALUE' })
    expect(() => recordSet({ ...www, values: [] })).toThrow(refused)
    expect(() => recordSet({ ...www, type: 'CNAME', values: ['a.example', 'b.example'] })).toThrow(refused)
    for (const ttlSeconds of [-1, 1.5, Number.NaN, 2 ** 31]) expect(() => recordSet({ ...www, ttlSeconds })).toThrow(refused)
  })

  it('is sorted, and has each value once', () => {
    const set = recordSet({
      name: 'WWW.example.com.',
      type: 'AAAA',
      ttlSeconds: 30,
      values: ['2001:db8::2', '2001:DB8::1', '2001:db8:0::2'],
    })
    expect(set).toEqual({ name: 'www.example.com', type: 'AAAA', ttlSeconds: 30, values: ['2001:db8::1', '2001:db8::2'] })
  })

  it('is compared with its TTL or without', () => {
    const [one, longer, other] = [recordSet(www), recordSet({ ...www, ttlSeconds: 60 }), recordSet({ ...www, values: ['192.0.2.2'] })]
    expect([sameValues(one, longer), sameSet(one, longer)]).toEqual([true, false])
    expect([sameValues(one, other), sameSet(one, other)]).toEqual([false, false])
    expect([sameSet(undefined, undefined), sameSet(one, undefined), sameValues(undefined, one)]).toEqual([true, false, false])
  })
})

describe('a TXT in its presentation form', () => {
  it.each(['"open', 'a"b', '"a"b', String.raw`"\999"`, String.raw`"\255"`, '"ends with a backslash\\'])('is not %j', (text) => {
    expect(() => unquoteTxt(text)).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_VALUE' }))
  })

  it('is cut at 255 octets, and put together again', () => {
    expect(quoteTxt('')).toBe('""')
    expect(quoteTxt('a "b" \\ ü')).toBe(String.raw`"a \"b\" \\ \195\188"`)
    expect(quoteTxt('x'.repeat(300))).toBe(`"${'x'.repeat(255)}" "${'x'.repeat(45)}"`)
    expect(unquoteTxt('one two "three four"')).toBe('onetwothree four')
  })

  it('comes back as it was, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), (text) => {
        expect(unquoteTxt(quoteTxt(text))).toBe(text)
      }),
    )
  })
})
