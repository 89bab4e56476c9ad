import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeQuery, readMessage } from './message.ts'
import { DNS_TYPES, type DnsType, normalRecord } from './records.ts'

const ID = 0x1234
const query = encodeQuery({ name: 'www.shop.example', type: 'A', recursion: true }, ID)

interface Given {
  readonly id?: number
  readonly flags?: number
  readonly name?: string
  readonly questions?: 0 | 1 | 2
  readonly answers?: Answer[]
  readonly additionals?: Answer[]
}

function answer({ id = ID, flags = 0, name = 'www.shop.example', questions = 1, answers = [], additionals = [] }: Given = {}): Buffer {
  const asked = Array.from({ length: questions }, () => ({ type: 'A' as const, name, class: 'IN' as const }))
  return encode({ type: 'response', id, flags, questions: asked, answers, additionals })
}

const opt = (extendedRcode: number): Answer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1_232,
  extendedRcode,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
})

describe('encodeQuery', () => {
  it.each(DNS_TYPES)('asks for %s so that another library reads it', (type) => {
    const { bytes } = encodeQuery({ name: 'www.shop.example.', type, recursion: true }, ID)
    expect(decode(bytes)).toMatchObject({
      id: ID,
      type: 'query',
      flag_rd: true,
      questions: [{ name: 'www.shop.example', type, class: 'IN' }],
      additionals: [{ type: 'OPT', udpPayloadSize: 1_232 }],
    })
  })

  it('asks for the root, without recursion', () => {
    expect(decode(encodeQuery({ name: '.', type: 'NS', recursion: false }, ID).bytes)).toMatchObject({
      flag_rd: false,
      questions: [{ name: '.', type: 'NS' }],
    })
  })
})

describe('readMessage', () => {
  it.each([
    { name: 'another id', message: answer({ id: ID + 1 }) },
    { name: 'a question instead of an answer', message: query.bytes },
    { name: 'another name', message: answer({ name: 'www.bank.example' }) },
    { name: 'a name that begins in the same way', message: answer({ name: 'www.shop.example.net' }) },
    { name: 'no question, and no error either', message: answer({ questions: 0 }) },
    { name: 'two questions', message: answer({ questions: 2 }) },
    { name: 'eleven bytes', message: answer().subarray(0, 11) },
    { name: 'nothing', message: Buffer.alloc(0) },
    { name: 'half a question', message: answer().subarray(0, 20) },
  ])('leaves $name aside', ({ message }) => {
    expect(readMessage(query, message)).toEqual({ kind: 'stray' })
  })

  it('does not look at the records of a truncated answer', () => {
    const whole = answer({ flags: TRUNCATED_RESPONSE, answers: [{ type: 'A', name: 'www.shop.example', data: '192.0.2.1' }] })
    expect(readMessage(query, whole.subarray(0, whole.length - 3))).toEqual({ kind: 'truncated' })
  })

  it('calls an answer malformed whose records are cut', () => {
    const whole = answer({ answers: [{ type: 'A', name: 'www.shop.example', data: '192.0.2.1' }] })
    expect(readMessage(query, whole.subarray(0, whole.length - 3))).toMatchObject({ kind: 'malformed' })
  })

  it('takes the name in any case, and an error without the question', () => {
    expect(readMessage(query, answer({ name: 'WWW.Shop.EXAMPLE' }))).toMatchObject({ kind: 'answer', rcode: 'NOERROR' })
    expect(readMessage(query, answer({ questions: 0, flags: 1 }))).toMatchObject({ kind: 'answer', rcode: 'FORMERR' })
  })

  it.each([
    { flags: 0, extended: undefined, rcode: 'NOERROR' },
    { flags: 5, extended: 0, rcode: 'REFUSED' },
    { flags: 0, extended: 1, rcode: 'RCODE16' },
    { flags: 15, extended: undefined, rcode: 'RCODE15' },
  ])('reads $rcode out of the header and EDNS', ({ flags, extended, rcode }) => {
    expect(readMessage(query, answer({ flags, additionals: extended === undefined ? [] : [opt(extended)] }))).toMatchObject({ rcode })
  })

  it('keeps the records of the asked type and class, at the end of a CNAME too', () => {
    const answers: Answer[] = [
      { type: 'CNAME', name: 'www.shop.example', data: 'shop.example' },
      { type: 'A', name: 'shop.example', data: '192.0.2.1' },
      { type: 'A', name: 'shop.example', class: 'CH', data: '192.0.2.9' },
      { type: 'AAAA', name: 'shop.example', data: '2001:db8::1' },
    ]
    expect(readMessage(query, answer({ flags: AUTHORITATIVE_ANSWER, answers }))).toEqual({
      kind: 'answer',
      rcode: 'NOERROR',
      authoritative: true,
      records: ['192.0.2.1'],
      serial: undefined,
    })
  })

  it('does not mind what is odd beside what was asked for', () => {
    const wrong = { type: 'AAAA', name: 'www.shop.example', data: '2001:db8::1' } as const
    const whole = answer({ answers: [{ type: 'A', name: 'www.shop.example', data: '192.0.2.1' }, wrong] })
    // An AAAA whose data has one byte more than an address, and a byte behind the last record.
    const odd = Buffer.concat([whole, Buffer.from([1, 2])])
    odd.writeUInt16BE(17, whole.length - 18)
    expect(readMessage(query, odd)).toMatchObject({ kind: 'answer', records: ['192.0.2.1'] })
  })

  it('is malformed wherever it is cut, and with a byte too many in a record', () => {
    const whole = answer({ answers: [{ type: 'A', name: 'www.shop.example', data: '192.0.2.1' }] })
    const questionBytes = answer().length
    for (let length = questionBytes; length < whole.length; length++) {
      expect(readMessage(query, whole.subarray(0, length)).kind, `${length} bytes`).toBe('malformed')
    }
    const longer = Buffer.concat([whole, Buffer.from([1])])
    longer.writeUInt16BE(5, whole.length - 6)
    expect(readMessage(query, longer).kind).toBe('malformed')
  })

  it('is malformed with a name that points to itself, forward, or on and on', () => {
    const pointing = (...bytes: number[]) => {
      const message = Buffer.concat([answer(), Buffer.from(bytes)])
      message.writeUInt16BE(1, 6)
      return message
    }
    const at = answer().length
    expect(readMessage(query, pointing(0xc0, at)).kind).toBe('malformed')
    expect(readMessage(query, pointing(0xc0, at + 2, 0)).kind).toBe('malformed')
    // Each pointer leads to the one before it.
    const chain = Array.from({ length: 200 }, (_, index) => [0xc0 | ((at + 2 * index - 2) >> 8), (at + 2 * index - 2) & 0xff]).flat()
    expect(readMessage(query, pointing(...chain)).kind).toBe('malformed')
  })

  it('is malformed with the name in a record that points to itself, or forward', () => {
    const asked = encodeQuery({ name: 'www.shop.example', type: 'NS', recursion: true }, ID)
    const question = encode({ type: 'response', id: ID, questions: [{ type: 'NS', name: 'www.shop.example' }] })
    for (const ahead of [12, 20]) {
      const target = question.length + ahead
      const record = Buffer.from([0xc0, 0x0c, 0, 2, 0, 1, 0, 0, 0, 0, 0, 2, 0xc0 | (target >> 8), target & 0xff])
      const message = Buffer.concat([question, record])
      message.writeUInt16BE(1, 6)
      expect(readMessage(asked, message).kind).toBe('malformed')
    }
  })

  it('is malformed with names that take long to spell out, each of 126 labels and all but one of two bytes', () => {
    const records = (count: number) => {
      const asked = encodeQuery({ name: 'a', type: 'NS', recursion: true }, ID)
      const question = encode({ type: 'response', id: ID, questions: [{ type: 'NS', name: 'a' }] })
      const labels = Array.from({ length: 126 }, () => [1, 97]).flat()
      const record = (data: readonly number[]) => Buffer.from([0xc0, 0x0c, 0, 2, 0, 1, 0, 0, 0, 0, 0, data.length, ...data])
      const pointer = [0xc0, question.length + 12]
      const message = Buffer.concat([question, record([...labels, 0]), ...Array.from({ length: count }, () => record(pointer))])
      message.writeUInt16BE(1 + count, 6)
      return readMessage(asked, message)
    }
    expect(records(100)).toMatchObject({ kind: 'answer', rcode: 'NOERROR' })
    expect(records(4_000)).toMatchObject({ kind: 'malformed' })
  })

  const soa = { mname: 'NS1.example', rname: 'admin.example', serial: 4_294_967_295, refresh: 2, retry: 3, expire: 4, minimum: 5 }
  it.each<{ record: Answer; text: string }>([
    { record: { type: 'A', name: 'a', data: '192.0.2.1' }, text: '192.0.2.1' },
    { record: { type: 'AAAA', name: 'a', data: '2001:db8:0:0::1' }, text: '2001:db8::1' },
    { record: { type: 'CNAME', name: 'a', data: 'Shop.example' }, text: 'shop.example' },
    { record: { type: 'NS', name: 'a', data: '.' }, text: '.' },
    { record: { type: 'MX', name: 'a', data: { preference: 10, exchange: 'Mail.example' } }, text: '10 mail.example' },
    {
      record: { type: 'SRV', name: 'a', data: { priority: 0, weight: 5, port: 5_060, target: 'sip.example' } },
      text: '0 5 5060 sip.example',
    },
    { record: { type: 'CAA', name: 'a', data: { flags: 0, tag: 'issue', value: 'ca.example' } }, text: '0 issue "ca.example"' },
    { record: { type: 'TXT', name: 'a', data: [Buffer.from('v=spf1 '), Buffer.from('-all')] }, text: 'v=spf1 -all' },
    { record: { type: 'SOA', name: 'a', data: soa }, text: 'ns1.example admin.example 4294967295 2 3 4 5' },
  ])('reads the $record.type that another library wrote, in the spelling of expectations', ({ record, text }) => {
    const type = record.type as DnsType
    const asked = encodeQuery({ name: 'a', type, recursion: false }, ID)
    const message = encode({ type: 'response', id: ID, questions: [{ type, name: 'a' }], answers: [record] })
    expect(readMessage(asked, message)).toMatchObject({ kind: 'answer', records: [text] })
    expect(normalRecord(type, text)).toBe(text)
  })

  it('never throws, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(['stray', 'answer', 'malformed', 'truncated']).toContain(readMessage(query, Buffer.from(bytes)).kind)
      }),
    )
  })

  it('never throws on an answer to our question with records of any type, count and content', () => {
    const header = answer()
    const record = fc.record({ type: fc.nat({ max: 65_535 }), length: fc.nat({ max: 65_535 }), data: fc.uint8Array({ maxLength: 60 }) })
    const counts = fc.tuple(fc.nat({ max: 65_535 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }))
    const known = fc.constantFrom(1, 2, 5, 6, 13, 15, 16, 28, 33, 35, 39, 41, 43, 44, 46, 47, 48, 50, 52, 257)
    fc.assert(
      fc.property(fc.array(fc.tuple(record, known, fc.boolean())), counts, (records, [answers, authorities, additionals]) => {
        const message = Buffer.concat([
          header,
          ...records.map(([{ type, length, data }, knownType, honest]) => {
            const fixed = Buffer.alloc(12)
            fixed.writeUInt16BE(0xc0_0c)
            fixed.writeUInt16BE(honest ? knownType : type, 2)
            fixed.writeUInt16BE(1, 4)
            fixed.writeUInt16BE(honest ? data.length : length, 10)
            return Buffer.concat([fixed, data])
          }),
        ])
        message.writeUInt16BE(answers, 6)
        message.writeUInt16BE(authorities, 8)
        message.writeUInt16BE(additionals, 10)
        expect(['answer', 'malformed']).toContain(readMessage(query, message).kind)
      }),
      { numRuns: 500 },
    )
  })
})
