import { decodeMessage, encodeMessage, encodeQuery, noFlags } from '@hotspare/dns-wire'
import { describe, expect, it } from 'vitest'
import { AskedZones, inShort, NOW_MS } from './responder.fixture.ts'
import type { ServedSet } from './served-set.ts'

const set = (name: string, type: string, ...values: string[]): ServedSet => ({ name, type, ttlSeconds: 30, values })

const zones = () =>
  new AskedZones(
    {
      name: 'example.test',
      nameServers: ['ns1.example.test', 'ns2.example.net'],
      records: [
        set('example.test', 'MX', '10 mail.example.test', '20 mail.example.net'),
        set('example.test', 'CAA', '0 issue "ca.example.net"'),
        set('ns1.example.test', 'A', '192.0.2.53'),
        set('www.example.test', 'A', '192.0.2.2', '192.0.2.1'),
        set('www.example.test', 'AAAA', '2001:db8::1'),
        set('a.b.deep.example.test', 'TXT', 'below'),
        set('alias.example.test', 'CNAME', 'www.example.test'),
        set('alias2.example.test', 'CNAME', 'alias.example.test'),
        set('away.example.test', 'CNAME', 'www.example.org'),
        set('lost.example.test', 'CNAME', 'nowhere.example.test'),
        set('loop1.example.test', 'CNAME', 'loop2.example.test'),
        set('loop2.example.test', 'CNAME', 'loop1.example.test'),
        set('self.example.test', 'CNAME', 'self.example.test'),
        set('to-wild.example.test', 'CNAME', 'any.wild.example.test'),
        set('to-child.example.test', 'CNAME', 'www.child.example.test'),
        set('*.wild.example.test', 'A', '192.0.2.9'),
        set('*.wild-alias.example.test', 'CNAME', 'www.example.test'),
        set('big.example.test', 'TXT', 'x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200)),
        set('_https._tcp.example.test', 'SRV', '0 5 443 www.example.test'),
        set('www.example.test', 'HTTPS', '1 . alpn=h2'),
        set('odd.example.test', 'TYPE65280', String.raw`\# 3 010203`),
      ],
    },
    { name: 'child.example.test', nameServers: ['ns1.example.test'], records: [set('www.child.example.test', 'A', '192.0.2.77')] },
  )

describe('answers', () => {
  it.each([
    // RFC 1034, 4.3.2.
    ['www.example.test', 'A', 'NOERROR AA www.example.test A 192.0.2.2; www.example.test A 192.0.2.1'],
    ['WwW.ExAmPlE.tEsT', 'AAAA', 'NOERROR AA www.example.test AAAA 2001:db8::1'],
    ['example.test', 'NS', 'NOERROR AA example.test NS ns1.example.test; example.test NS ns2.example.net'],
    ['example.test', 'MX', 'NOERROR AA example.test MX 10 mail.example.test; example.test MX 20 mail.example.net'],
    ['_https._tcp.example.test', 'SRV', 'NOERROR AA _https._tcp.example.test SRV 0 5 443 www.example.test'],
    // What is not there: RFC 2308.
    ['www.example.test', 'TXT', 'NOERROR AA SOA'],
    ['nowhere.example.test', 'A', 'NXDOMAIN AA SOA'],
    ['below.www.example.test', 'A', 'NXDOMAIN AA SOA'],
    // Names that only have others below them: RFC 4592, 2.2.2.
    ['deep.example.test', 'TXT', 'NOERROR AA SOA'],
    ['b.deep.example.test', 'A', 'NOERROR AA SOA'],
    ['_tcp.example.test', 'SRV', 'NOERROR AA SOA'],
    ['c.deep.example.test', 'A', 'NXDOMAIN AA SOA'],
    // Aliases.
    ['alias.example.test', 'CNAME', 'NOERROR AA alias.example.test CNAME www.example.test'],
    ['alias.example.test', 'AAAA', 'NOERROR AA alias.example.test CNAME www.example.test; www.example.test AAAA 2001:db8::1'],
    ['alias.example.test', 'TXT', 'NOERROR AA alias.example.test CNAME www.example.test; SOA'],
    [
      'alias2.example.test',
      'AAAA',
      'NOERROR AA alias2.example.test CNAME alias.example.test; alias.example.test CNAME www.example.test; www.example.test AAAA 2001:db8::1',
    ],
    ['away.example.test', 'A', 'NOERROR AA away.example.test CNAME www.example.org'],
    ['to-child.example.test', 'A', 'NOERROR AA to-child.example.test CNAME www.child.example.test'],
    ['lost.example.test', 'A', 'NXDOMAIN AA lost.example.test CNAME nowhere.example.test; SOA'],
    ['self.example.test', 'A', 'NOERROR AA self.example.test CNAME self.example.test'],
    ['loop1.example.test', 'A', 'NOERROR AA loop1.example.test CNAME loop2.example.test; loop2.example.test CNAME loop1.example.test'],
    // Wildcards.
    ['x.wild.example.test', 'A', 'NOERROR AA x.wild.example.test A 192.0.2.9'],
    ['x.y.z.wild.example.test', 'A', 'NOERROR AA x.y.z.wild.example.test A 192.0.2.9'],
    ['*.wild.example.test', 'A', 'NOERROR AA *.wild.example.test A 192.0.2.9'],
    ['x.wild.example.test', 'TXT', 'NOERROR AA SOA'],
    ['wild.example.test', 'A', 'NOERROR AA SOA'],
    ['to-wild.example.test', 'A', 'NOERROR AA to-wild.example.test CNAME any.wild.example.test; any.wild.example.test A 192.0.2.9'],
    ['q.wild-alias.example.test', 'AAAA', 'NOERROR AA q.wild-alias.example.test CNAME www.example.test; www.example.test AAAA 2001:db8::1'],
    // The zone below, which is served too.
    ['www.child.example.test', 'A', 'NOERROR AA www.child.example.test A 192.0.2.77'],
    ['no.child.example.test', 'A', 'NXDOMAIN AA SOA'],
    // Elsewhere.
    ['example.org', 'A', 'REFUSED'],
    ['test', 'A', 'REFUSED'],
    ['.', 'NS', 'REFUSED'],
    ['xexample.test', 'A', 'REFUSED'],
    // RFC 8482.
    ['www.example.test', 'ANY', 'NOERROR AA www.example.test HINFO ?'],
    ['alias.example.test', 'ANY', 'NOERROR AA alias.example.test CNAME www.example.test'],
    ['deep.example.test', 'ANY', 'NOERROR AA SOA'],
    ['nowhere.example.test', 'ANY', 'NXDOMAIN AA SOA'],
    // RFC 3597.
    ['odd.example.test', 'TYPE65280', 'NOERROR AA odd.example.test TYPE65280 ?'],
    ['www.example.test', 'TYPE65281', 'NOERROR AA SOA'],
  ])('%s %s', (name, type, expected) => {
    const message = zones().ask({ name, type })
    expect(inShort(message)).toBe(expected)
    expect(message.questions).toEqual([{ name: name.toLowerCase(), type, class: 'IN' }])
    expect(message.flags).toMatchObject({ response: true, recursionAvailable: false, recursionDesired: false })
  })

  // The example of RFC 4592, 2.2.1, without the name below an asterisk and without delegations.
  const rfc4592 = () =>
    new AskedZones({
      name: 'example',
      nameServers: ['ns.example.com', 'ns.example.net'],
      records: [
        set('*.example', 'TXT', 'this is a wildcard'),
        set('*.example', 'MX', '10 host1.example'),
        set('host1.example', 'A', '192.0.2.1'),
        set('_ssh._tcp.host1.example', 'SRV', '0 0 22 host1.example'),
        set('_ssh._tcp.host2.example', 'SRV', '0 0 22 host2.example'),
      ],
    })

  it.each([
    ['host3.example', 'MX', 'NOERROR AA host3.example MX 10 host1.example'],
    ['host3.example', 'A', 'NOERROR AA SOA'],
    ['foo.bar.example', 'TXT', 'NOERROR AA foo.bar.example TXT this is a wildcard'],
    ['host1.example', 'MX', 'NOERROR AA SOA'],
    ['_telnet._tcp.host1.example', 'SRV', 'NXDOMAIN AA SOA'],
    ['ghost.*.example', 'MX', 'NXDOMAIN AA SOA'],
  ])('RFC 4592: %s %s', (name, type, expected) => {
    expect(inShort(rfc4592().ask({ name, type }))).toBe(expected)
  })

  it('an SOA and what is not there tell how long that may be remembered', () => {
    const asked = new AskedZones({
      name: 'example.test',
      nameServers: ['ns1.example.test'],
      soa: { ttlSeconds: 900, minimumSeconds: 20, mailbox: 'ops.example.org' },
    })
    const own = asked.ask({ name: 'example.test', type: 'SOA' }).answers
    expect(own).toMatchObject([{ name: 'example.test', ttlSeconds: 900, data: { serial: NOW_MS / 1_000, minimumSeconds: 20 } }])
    expect(own).toMatchObject([{ data: { primary: 'ns1.example.test', mailbox: 'ops.example.org' } }])
    const [denial] = asked.ask({ name: 'a.longer.name.example.test' }).authorities
    expect(denial).toMatchObject({
      name: 'example.test',
      ttlSeconds: 20,
      data: { primary: 'ns1.example.test', mailbox: 'ops.example.org' },
    })
  })

  it('come back with the id, RD and the letter case of the question', () => {
    const query = encodeQuery({ id: 0xbeef, name: 'www.example.test', type: 'A', recursionDesired: true, edns: false })
    for (const at of [13, 18, 21]) query[at]! &= 0xdf
    const answer = zones().raw(query)!
    expect([...answer.subarray(0, 4)]).toEqual([0xbe, 0xef, 0x85, 0x00])
    expect(answer.subarray(12, query.length)).toEqual(query.subarray(12))
  })
})

describe('after a change', () => {
  it('an alias and a wildcard alias lead to what is there now, also through others', () => {
    const asked = zones()
    const change = (...sets: ServedSet[]) => asked.zone('example.test').change(sets, [], NOW_MS)
    const answers = () =>
      ['alias2.example.test', 'q.wild-alias.example.test', 'to-wild.example.test'].map((name) => inShort(asked.ask({ name })))
    change(set('www.example.test', 'A', '198.51.100.1'), set('*.wild.example.test', 'A', '198.51.100.2'))
    expect(answers()).toEqual([
      expect.stringContaining('; www.example.test A 198.51.100.1'),
      expect.stringContaining('; www.example.test A 198.51.100.1'),
      expect.stringContaining('; any.wild.example.test A 198.51.100.2'),
    ])
    change(set('alias.example.test', 'CNAME', 'x.wild.example.test'))
    expect(answers()[0]).toContain('alias.example.test CNAME x.wild.example.test; x.wild.example.test A 198.51.100.2')
    expect(inShort(asked.ask({ name: 'y.wild.example.test' }))).toContain('A 198.51.100.2')
  })

  it('what is not there is told with the new serial', () => {
    const asked = zones()
    const serial = () => asked.ask({ name: 'nowhere.example.test' }).authorities.map(({ data }) => data.kind === 'SOA' && data.serial)
    const [before] = serial()
    asked.zone('example.test').change([set('www.example.test', 'A', '198.51.100.1')], [], NOW_MS)
    expect(serial()).toEqual([Number(before) + 1])
    expect(asked.ask({ name: 'example.test', type: 'SOA' }).answers).toMatchObject([{ data: { serial: Number(before) + 1 } }])
  })
})

describe('what is no question that could be answered', () => {
  const empty = { id: 1, flags: noFlags, rcode: 'NOERROR', answers: [], authorities: [], additionals: [] }
  const plain = () => encodeQuery({ id: 7, name: 'www.example.test', type: 'A', edns: false })
  const changed = (...changes: readonly (readonly [at: number, value: number])[]) => {
    const bytes = plain()
    for (const [at, value] of changes) bytes[at] = value
    return bytes
  }

  it.each([
    ['nothing', new Uint8Array(0)],
    ['half a header', plain().subarray(0, 11)],
    ['an answer', changed([2, 0x80])],
  ])('%s is not answered', (_, bytes) => {
    expect(zones().raw(bytes)).toBeUndefined()
  })

  it.each([
    ['a header alone', plain().subarray(0, 12)],
    ['no question', changed([5, 0])],
    ['two questions', changed([5, 2])],
    ['an answer in the question', changed([7, 1])],
    ['an authority in the question', changed([9, 1])],
    ['an additional record that is not there', changed([11, 1])],
    ['a name that ends in nothing', plain().subarray(0, 20)],
    ['a pointer for a name', changed([12, 0xc0])],
    ['a label of a kind that there is not', changed([12, 0x40])],
    ['half a type', plain().subarray(0, plain().length - 3)],
    ['something behind its end', Uint8Array.from([...plain(), 0])],
    [
      'a name of 256 bytes',
      Uint8Array.from([...plain().subarray(0, 12), ...Array.from({ length: 128 }, () => [1, 97]).flat(), 0, 0, 1, 0, 1]),
    ],
  ])('%s is malformed, and the answer is a header', (_, bytes) => {
    const answer = zones().raw(bytes)!
    expect(inShort(decodeMessage(answer))).toBe('FORMERR')
    expect(answer).toHaveLength(12)
  })

  it('a name of 255 bytes is fine', () => {
    const name = Array.from({ length: 127 }, () => 'a').join('.')
    expect(inShort(zones().ask({ name }))).toBe('REFUSED')
  })

  it.each(['IQUERY', 'STATUS', 'NOTIFY', 'UPDATE', 'OPCODE15'])('%s is not implemented', (opcode) => {
    const message = encodeMessage({
      ...empty,
      id: 9,
      flags: { ...noFlags, opcode },
      questions: [{ name: 'example.test', type: 'SOA', class: 'IN' }],
    })
    expect(decodeMessage(zones().raw(message)!)).toMatchObject({ id: 9, rcode: 'NOTIMP', flags: { opcode }, questions: [] })
  })

  it.each(['OPT', 'TKEY', 'TSIG', 'MAILA', 'MAILB'])('a question for %s is not implemented', (type) => {
    const bytes = plain()
    bytes.set({ OPT: [0, 41], TKEY: [0, 249], TSIG: [0, 250], MAILB: [0, 253], MAILA: [0, 254] }[type]!, bytes.length - 4)
    expect(zones().raw(bytes)![3]! & 0x0f).toBe(4)
  })

  it.each(['CH', 'HS', 'ANY'])('the class %s is refused', (of) => {
    expect(inShort(zones().ask({ name: 'www.example.test', class: of }))).toBe('REFUSED')
  })

  it('a signature that cannot be known is not believed', () => {
    const signature = { name: 'key', algorithm: 'hmac-sha256', atSeconds: 1, fudgeSeconds: 300, mac: new Uint8Array(32), originalId: 1 }
    const message = encodeMessage({
      ...empty,
      questions: [{ name: 'www.example.test', type: 'A', class: 'IN' }],
      tsig: { ...signature, error: 'NOERROR', other: new Uint8Array(0) },
    })
    expect(inShort(decodeMessage(zones().raw(message)!))).toBe('NOTAUTH')
  })
})

describe('EDNS', () => {
  it('is not spoken to those who do not', () => {
    expect(zones().ask({ name: 'www.example.test' }).edns).toBeUndefined()
  })

  it('is answered with our size, with DO as it came, and without the options', () => {
    const options = [{ code: 10, bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }]
    for (const dnssecOk of [false, true]) {
      const { edns, rcode } = zones().ask({ name: 'www.example.test', edns: { udpPayloadBytes: 4_096, dnssecOk, options } })
      expect(edns).toEqual({ udpPayloadBytes: 1_232, version: 0, dnssecOk, options: [] })
      expect(rcode).toBe('NOERROR')
    }
  })

  it('of a version that is not there yet is told so. RFC 6891, 6.1.3', () => {
    const message = zones().ask({ name: 'www.example.test', edns: { version: 1 } })
    expect(inShort(message)).toBe('BADVERS')
    expect(message.edns).toMatchObject({ version: 0 })
    expect(message.questions).toHaveLength(1)
  })

  it('is there once, and belongs to the root', () => {
    const query = encodeQuery({ id: 1, name: 'www.example.test', type: 'A' })
    const opt = query.subarray(query.length - 11)
    const twice = Uint8Array.from([...query, ...opt])
    twice[11] = 2
    expect(inShort(decodeMessage(zones().raw(twice)!))).toBe('FORMERR')
    const owned = Uint8Array.from([...query.subarray(0, query.length - 11), 1, 97, ...opt])
    expect(inShort(decodeMessage(zones().raw(owned)!))).toBe('FORMERR')
  })
})

describe('truncation', () => {
  const size = (edns: false | object) => zones().raw(encodeQuery({ id: 1, name: 'big.example.test', type: 'TXT', edns }))!.length

  it.each([
    ['without EDNS', false],
    ['with it', {}],
  ] as const)('%s begins one byte below the size of the answer', (_, edns) => {
    const [asked, whole] = [zones(), size(edns)]
    expect(asked.ask({ name: 'big.example.test', type: 'TXT', edns }, whole).answers).toHaveLength(3)
    const cut = asked.ask({ name: 'big.example.test', type: 'TXT', edns }, whole - 1)
    // No part of a set: it would be taken for the whole of it.
    expect(inShort(cut)).toBe('NOERROR AA TC')
    expect(cut.edns === undefined).toBe(edns === false)
  })

  it('never makes an answer longer than its question', () => {
    const query = encodeQuery({ id: 1, name: 'big.example.test', type: 'TXT' })
    expect(zones().raw(query, 0)).toHaveLength(query.length)
  })
})
