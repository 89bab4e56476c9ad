import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage } from './decode-message.ts'
import { encodeMessage, encodeQuery } from './encode-message.ts'
import { DnsValueError } from './errors.ts'
import { message as anyMessage } from './message.fixture.ts'
import { type Message, noFlags, type WireRecord } from './message.ts'

const empty: Message = { id: 1, flags: noFlags, rcode: 'NOERROR', questions: [], answers: [], authorities: [], additionals: [] }
const record = (given: Partial<WireRecord>): Message => ({
  ...empty,
  answers: [{ name: 'a', type: 'A', class: 'IN', ttlSeconds: 0, data: { kind: 'A', address: '192.0.2.1' }, ...given }],
})
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('encodeMessage', () => {
  it.each<{ what: string; message: Message }>([
    { what: 'an id that is none', message: { ...empty, id: 65_536 } },
    { what: 'an rcode that needs EDNS, without it', message: { ...empty, rcode: 'BADVERS' } },
    { what: 'an rcode that there is not', message: { ...empty, rcode: 'NOPE' } },
    { what: 'an opcode that there is not', message: { ...empty, flags: { ...noFlags, opcode: 'OPCODE16' } } },
    { what: 'a type that there is not', message: record({ type: 'TYPE65536' }) },
    { what: 'a class that there is not', message: record({ class: 'INET' }) },
    { what: 'a TTL that is not whole', message: record({ ttlSeconds: 0.5 }) },
    { what: 'a negative TTL', message: record({ ttlSeconds: -1 }) },
    { what: 'a TTL beyond 32 bits', message: record({ ttlSeconds: 2 ** 32 }) },
    { what: 'data of another type', message: record({ data: { kind: 'AAAA', address: '::1' } }) },
    { what: 'an OPT as a record', message: record({ type: 'TYPE41', data: { kind: 'opaque', bytes: new Uint8Array(0) } }) },
    { what: 'a TSIG as a record', message: record({ type: 'TSIG', data: { kind: 'opaque', bytes: new Uint8Array(0) } }) },
    { what: 'an address that is none', message: record({ data: { kind: 'A', address: '192.0.2' } }) },
    { what: 'a string of 256 bytes', message: record({ type: 'TXT', data: { kind: 'TXT', strings: [new Uint8Array(256)] } }) },
    { what: 'a TXT without a string', message: record({ type: 'TXT', data: { kind: 'TXT', strings: [] } }) },
    { what: 'data beyond 65,535 bytes', message: record({ type: 'TYPE65280', data: { kind: 'opaque', bytes: new Uint8Array(65_536) } }) },
    {
      what: 'a message beyond 65,535 bytes',
      message: record({ type: 'TYPE65280', data: { kind: 'opaque', bytes: new Uint8Array(65_520) } }),
    },
  ])('refuses $what', ({ message }) => {
    expect(() => encodeMessage(message)).toThrow(DnsValueError)
  })

  it('writes what decodeMessage reads as the same', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message)
      }),
      { numRuns: 500 },
    )
  })

  it('writes the same twice', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const bytes = encodeMessage(message)
        expect(hexOf(encodeMessage(decodeMessage(bytes)))).toBe(hexOf(bytes))
      }),
    )
  })

  it('points to names that stand there already, in data only for the types of RFC 1035', () => {
    const name = 'www.example.test'
    const data = { priority: 0, weight: 0, port: 1, target: name }
    const bytes = encodeMessage({
      ...empty,
      questions: [{ name, type: 'ANY', class: 'IN' }],
      answers: [
        { name, type: 'CNAME', class: 'IN', ttlSeconds: 0, data: { kind: 'CNAME', target: 'mail.example.test' } },
        { name, type: 'SRV', class: 'IN', ttlSeconds: 0, data: { kind: 'SRV', ...data } },
      ],
    })
    const plain = '03777777076578616d706c65047465737400'
    const text = hexOf(bytes)
    // www at 12, example at 16.
    expect(text).toContain('c00c00050001000000000007046d61696cc010')
    expect(text).toContain(`c00c00210001000000000018000000000001${plain}`)
  })

  it('points to nothing beyond the first 16 KiB', () => {
    const filler: WireRecord = {
      name: '.',
      type: 'TYPE65280',
      class: 'IN',
      ttlSeconds: 0,
      data: { kind: 'opaque', bytes: new Uint8Array(16_400) },
    }
    const far: WireRecord = { name: 'far.example', type: 'A', class: 'IN', ttlSeconds: 0, data: { kind: 'A', address: '192.0.2.1' } }
    const message = { ...empty, answers: [filler, far, far] }
    expect(decodeMessage(encodeMessage(message))).toEqual(message)
  })
})

describe('encodeQuery', () => {
  it('asks for one name, without recursion and with EDNS', () => {
    expect(decodeMessage(encodeQuery({ id: 7, name: 'Www.Example.', type: 'AAAA' }))).toEqual({
      ...empty,
      id: 7,
      questions: [{ name: 'www.example', type: 'AAAA', class: 'IN' }],
      edns: { udpPayloadBytes: 1_232, version: 0, dnssecOk: false, options: [] },
    })
  })

  it('leaves EDNS out, or has what is asked for', () => {
    expect(decodeMessage(encodeQuery({ id: 7, name: '.', type: 'NS', edns: false, recursionDesired: true }))).toMatchObject({
      flags: { recursionDesired: true },
      additionals: [],
    })
    expect(decodeMessage(encodeQuery({ id: 7, name: '.', type: 'NS', edns: { dnssecOk: true } })).edns).toMatchObject({ dnssecOk: true })
  })
})
