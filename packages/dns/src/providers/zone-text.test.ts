import { describe, expect, it } from 'vitest'
import { canonicalValue } from '../value.ts'
import { fromEitherTxt, fromZoneText, zoneText } from './zone-text.ts'

describe('zoneText', () => {
  it.each([
    ['A', '192.0.2.1', '192.0.2.1'],
    ['CNAME', 'www.example.net', 'www.example.net.'],
    ['SRV', '10 5 443 one.example.net', '10 5 443 one.example.net.'],
    ['HTTPS', '1 . alpn=h2', '1 . alpn=h2'],
    ['HTTPS', '2 one.example.net', '2 one.example.net.'],
    ['TXT', 'a "b" \\', String.raw`"a \"b\" \\"`],
  ] as const)('writes %s %s as %s, and reads it again', (type, value, text) => {
    expect(zoneText(type, value)).toBe(text)
    expect(canonicalValue(type, fromZoneText(type, text))).toBe(value)
  })
})

describe('fromZoneText', () => {
  it.each([
    ['CNAME', 'shop', 'shop.example.com.'],
    ['CNAME', '@', 'example.com.'],
    ['CNAME', 'www.example.net.', 'www.example.net.'],
    ['SRV', '10 5 443 shop', '10 5 443 shop.example.com.'],
    ['A', '192.0.2.1', '192.0.2.1'],
  ] as const)('reads %s %s relative to the zone where that is meant', (type, text, absolute) => {
    expect(fromZoneText(type, text, 'example.com')).toBe(absolute)
  })
})

describe('fromEitherTxt', () => {
  it('reads a text with and without quotation marks', () => {
    expect(['"a b" "c"', 'a b', String.raw`a \ b`].map(fromEitherTxt)).toEqual(['a bc', 'a b', String.raw`a \ b`])
  })
})
