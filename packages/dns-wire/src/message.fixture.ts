import fc from 'fast-check'
import type { Edns, Flags, Message, Question, TsigRecord, WireRecord } from './message.ts'
import { nameText } from './name.ts'
import type { RecordData } from './record-data.ts'

// Everything that a message may have in it, in the canonical spelling.

const byte = fc.nat({ max: 0xff })
const short = fc.nat({ max: 0xff_ff })
const long = fc.nat({ max: 0xff_ff_ff_ff })
export const bytes = (maxLength = 40): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength }).map((given) => Uint8Array.from(given))

/** Few names, so that they share their ends; and some of any bytes. */
const name: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('.', 'example', 'example.test', 'www.example.test', 'a.b.c.d.example.test', '_sip._tcp.example.test', '*.example.test'),
  fc
    .array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 3 })
    .map((labels) => nameText(labels.map((label) => Uint8Array.from(label)))),
)

const address4 = fc.ipV4()
const address6 = fc
  .array(fc.oneof(fc.constant(0), short), { minLength: 8, maxLength: 8 })
  .map((groups) => new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]/`).hostname.slice(1, -1))

const parameters = fc
  .uniqueArray(fc.tuple(fc.oneof(fc.nat({ max: 8 }), short), bytes()), { selector: ([key]) => key, maxLength: 6 })
  .map((list) =>
    list
      .toSorted(([one], [other]) => one - other)
      .map(([key, value]) => ({
        key: ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp'][key] ?? `key${key}`,
        value,
      })),
  )

type Kinds = { readonly [K in RecordData['kind']]: fc.Arbitrary<RecordData> }

/** Data by its kind. */
export const dataOf: Kinds = {
  A: fc.record({ kind: fc.constant('A' as const), address: address4 }),
  AAAA: fc.record({ kind: fc.constant('AAAA' as const), address: address6 }),
  CNAME: fc.record({ kind: fc.constant('CNAME' as const), target: name }),
  DNAME: fc.record({ kind: fc.constant('DNAME' as const), target: name }),
  NS: fc.record({ kind: fc.constant('NS' as const), target: name }),
  PTR: fc.record({ kind: fc.constant('PTR' as const), target: name }),
  SOA: fc.record({
    kind: fc.constant('SOA' as const),
    primary: name,
    mailbox: name,
    serial: long,
    refreshSeconds: long,
    retrySeconds: long,
    expireSeconds: long,
    minimumSeconds: long,
  }),
  MX: fc.record({ kind: fc.constant('MX' as const), preference: short, exchange: name }),
  TXT: fc.record({ kind: fc.constant('TXT' as const), strings: fc.array(bytes(255), { minLength: 1, maxLength: 4 }) }),
  SRV: fc.record({ kind: fc.constant('SRV' as const), priority: short, weight: short, port: short, target: name }),
  CAA: fc.record({ kind: fc.constant('CAA' as const), flags: byte, tag: fc.stringMatching(/^[a-z0-9]{1,15}$/), value: bytes() }),
  DS: fc.record({ kind: fc.constant('DS' as const), keyTag: short, algorithm: byte, digestType: byte, digest: bytes() }),
  DNSKEY: fc.record({ kind: fc.constant('DNSKEY' as const), flags: short, protocol: byte, algorithm: byte, publicKey: bytes() }),
  RRSIG: fc.record({
    kind: fc.constant('RRSIG' as const),
    covers: fc.constantFrom('A', 'SOA', 'TYPE65280'),
    algorithm: byte,
    labels: byte,
    originalTtlSeconds: long,
    untilSeconds: long,
    fromSeconds: long,
    keyTag: short,
    signer: name,
    signature: bytes(),
  }),
  HTTPS: fc.record({ kind: fc.constant('HTTPS' as const), priority: short, target: name, parameters }),
  SVCB: fc.record({ kind: fc.constant('SVCB' as const), priority: short, target: name, parameters }),
  opaque: fc.record({ kind: fc.constant('opaque' as const), bytes: bytes() }),
}

const ttlSeconds = fc.oneof(fc.constantFrom(0, 30, 300), long)
const record: fc.Arbitrary<WireRecord> = fc.oneof(
  ...Object.entries(dataOf).map(([kind, data]) =>
    fc.record({
      name,
      type: kind === 'opaque' ? fc.constantFrom('NSEC3', 'TYPE65280', 'HINFO') : fc.constant(kind),
      class: fc.constantFrom('IN', ...(kind === 'TXT' ? ['CH'] : [])),
      ttlSeconds,
      data,
    }),
  ),
  // As updates have them.
  fc.record({
    name,
    type: fc.constantFrom('A', 'TXT', 'ANY'),
    class: fc.constantFrom('ANY', 'NONE'),
    ttlSeconds: fc.constant(0),
    data: fc.constant({ kind: 'opaque' as const, bytes: new Uint8Array(0) }),
  }),
)

const question: fc.Arbitrary<Question> = fc.record({
  name,
  type: fc.constantFrom('A', 'AAAA', 'SOA', 'ANY', 'AXFR', 'TYPE65280'),
  class: fc.constantFrom('IN', 'CH', 'ANY', 'CLASS32'),
})

const flags: fc.Arbitrary<Flags> = fc.record({
  response: fc.boolean(),
  opcode: fc.constantFrom('QUERY', 'NOTIFY', 'UPDATE', 'OPCODE15'),
  authoritative: fc.boolean(),
  truncated: fc.boolean(),
  recursionDesired: fc.boolean(),
  recursionAvailable: fc.boolean(),
  authenticData: fc.boolean(),
  checkingDisabled: fc.boolean(),
})

const edns: fc.Arbitrary<Edns> = fc.record({
  udpPayloadBytes: short,
  version: byte,
  dnssecOk: fc.boolean(),
  options: fc.array(fc.record({ code: short, bytes: bytes() }), { maxLength: 3 }),
})

const tsig: fc.Arbitrary<TsigRecord> = fc.record({
  name,
  algorithm: fc.constantFrom('hmac-sha256', 'hmac-md5.sig-alg.reg.int', 'something.else'),
  atSeconds: fc.nat({ max: 2 ** 48 - 1 }),
  fudgeSeconds: short,
  mac: bytes(64),
  originalId: short,
  error: fc.constantFrom('NOERROR', 'BADSIG', 'BADTIME', 'RCODE99'),
  other: bytes(8),
})

const section = fc.array(record, { maxLength: 5 })

export const message: fc.Arbitrary<Message> = fc
  .record(
    {
      id: short,
      flags,
      rcode: fc.constantFrom('NOERROR', 'NXDOMAIN', 'YXRRSET', 'RCODE15', 'BADVERS', 'RCODE4095'),
      questions: fc.array(question, { maxLength: 2 }),
      answers: section,
      authorities: section,
      additionals: section,
      edns,
      tsig,
    },
    { requiredKeys: ['id', 'flags', 'rcode', 'questions', 'answers', 'authorities', 'additionals'] },
  )
  .map((given) => (given.edns ? given : { ...given, rcode: ['BADVERS', 'RCODE4095'].includes(given.rcode) ? 'NOERROR' : given.rcode }))
