import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '@hotspare/core'
import { decodeMessage } from './decode-message.ts'
import { DnsParseError } from './errors.ts'
import { goodMessages, holds, mutated } from './mutate.fixture.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))

/** An answer to `a IN A`: header, question, and what else is given. */
const QUESTION = '0161 00 0001 0001'
const message = (counts: string, ...rest: readonly string[]) => hex(['1234 8400', counts, QUESTION, ...rest].join(' '))
const RECORD = 'c00c 0001 0001 0000003c 0004 c0000201'
const OPT = '00 0029 04d0 01000000 0000'
const TSIG = '00 00fa 00ff 00000000 0011 00 000000000000 012c 0000 1234 0000 0000'

describe('decodeMessage', () => {
  it.each([
    { what: 'nothing', bytes: hex('') },
    { what: 'eleven bytes', bytes: hex('1234 8400 0000 0000 0000 00') },
    { what: 'more than 65,535 bytes', bytes: new Uint8Array(65_536) },
    { what: 'a question that is not there', bytes: hex('1234 8400 0001 0000 0000 0000') },
    { what: 'counts that no message of this length can have', bytes: message('0001 ffff ffff ffff', RECORD) },
    { what: 'a byte behind the last record', bytes: message('0001 0001 0000 0000', RECORD, '00') },
    { what: 'a record that is not counted', bytes: message('0001 0000 0000 0000', RECORD) },
    { what: 'a record that is cut', bytes: message('0001 0001 0000 0000', RECORD.slice(0, -2)) },
    { what: 'data that is longer than said', bytes: message('0001 0001 0000 0000', 'c00c 0001 0001 0000003c 0005 c000020101') },
    { what: 'data that is shorter than said', bytes: message('0001 0001 0000 0000', 'c00c 0001 0001 0000003c 0003 c00002') },
    { what: 'an address without data, in a class that has it', bytes: message('0001 0001 0000 0000', 'c00c 0001 0001 0000003c 0000') },
    { what: 'a TXT without a string', bytes: message('0001 0001 0000 0000', 'c00c 0010 0001 0000003c 0000') },
    { what: 'a TXT whose string is cut', bytes: message('0001 0001 0000 0000', 'c00c 0010 0001 0000003c 0002 0261') },
    { what: 'an OPT among the answers', bytes: message('0001 0001 0000 0000', OPT) },
    { what: 'two OPTs', bytes: message('0001 0000 0000 0002', OPT, OPT) },
    { what: 'an OPT that is not of the root', bytes: message('0001 0000 0000 0001', 'c00c', OPT.slice(3)) },
    { what: 'an OPT whose option is cut', bytes: message('0001 0000 0000 0001', '00 0029 04d0 00000000 0003 000a00') },
    { what: 'a TSIG that is not the last', bytes: message('0001 0000 0000 0002', TSIG, RECORD) },
    { what: 'two TSIGs', bytes: message('0001 0000 0000 0002', TSIG, TSIG) },
    { what: 'a TSIG among the authorities', bytes: message('0001 0000 0001 0000', TSIG) },
    { what: 'a TSIG of the class IN', bytes: message('0001 0000 0000 0001', TSIG.replace('00ff', '0001')) },
    { what: 'a compressed name where a type has none', bytes: message('0001 0001 0000 0000', 'c00c 0041 0001 0000003c 0004 0001c00c') },
    {
      what: 'parameters of a service that are out of order',
      bytes: message('0001 0001 0000 0000', 'c00c 0041 0001 0000003c 000d 0001 00 00030002 01bb 00010000'),
    },
    { what: 'a CAA without a tag', bytes: message('0001 0001 0000 0000', 'c00c 0101 0001 0000003c 0002 0000') },
  ])('refuses $what', ({ bytes }) => {
    expect(() => decodeMessage(bytes)).toThrow(DnsParseError)
  })

  it('refuses names that take long to spell out, each of 126 labels and all but one of two bytes', () => {
    const labels = '0161'.repeat(126)
    const first = `c00c 0002 0001 0000003c 00fd ${labels} 00`
    const pointer = 'c00c 0002 0001 0000003c 0002 c01f'
    const records = (count: number) => message(`0001 ${(count + 1).toString(16).padStart(4, '0')} 0000 0000`, first, pointer.repeat(count))
    expect(decodeMessage(records(100)).answers).toHaveLength(101)
    expect(() => decodeMessage(records(4_000))).toThrow('more names than are read')
  })

  it('reads what is in a message', () => {
    expect(decodeMessage(message('0001 0001 0000 0002', RECORD, OPT, TSIG))).toEqual({
      id: 0x1234,
      flags: {
        response: true,
        opcode: 'QUERY',
        authoritative: true,
        truncated: false,
        recursionDesired: false,
        recursionAvailable: false,
        authenticData: false,
        checkingDisabled: false,
      },
      rcode: 'BADVERS',
      questions: [{ name: 'a', type: 'A', class: 'IN' }],
      answers: [{ name: 'a', type: 'A', class: 'IN', ttlSeconds: 60, data: { kind: 'A', address: '192.0.2.1' } }],
      authorities: [],
      additionals: [],
      edns: { udpPayloadBytes: 1_232, version: 0, dnssecOk: false, options: [] },
      tsig: {
        name: '.',
        algorithm: '.',
        atSeconds: 0,
        fudgeSeconds: 300,
        mac: new Uint8Array(0),
        originalId: 0x1234,
        error: 'NOERROR',
        other: new Uint8Array(0),
      },
    })
  })

  it('keeps no view of what it was given', () => {
    const bytes = message('0001 0001 0000 0000', 'c00c 0010 0001 0000003c 0002 0161')
    const { answers } = decodeMessage(bytes)
    bytes.fill(0)
    expect(answers[0]?.data).toEqual({ kind: 'TXT', strings: [Uint8Array.of(0x61)] })
  })

  it('refuses a good message wherever it is cut', () => {
    for (const bytes of goodMessages(50, 1)) {
      for (let length = 0; length < bytes.length; length++) expect(() => decodeMessage(bytes.subarray(0, length))).toThrow(DnsParseError)
    }
  })

  it('never throws anything else, whatever bytes come', () => {
    expect(() => fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void holds(bytes)))).not.toThrow()
  })

  it('holds for 20,000 messages that something was done to', () => {
    const random = seededRandom(20)
    const good = goodMessages(300, 20)
    let messages = 0
    for (let count = 0; count < 20_000; count++) {
      if (holds(mutated(good[count % good.length] ?? new Uint8Array(0), random))) messages++
    }
    // Otherwise it would only show that garbage is refused.
    expect(messages).toBeGreaterThan(2_000)
  }, 60_000)
})
