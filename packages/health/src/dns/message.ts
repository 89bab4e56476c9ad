import { dnsLimits } from './limits.ts'
import { DNS_TYPES, type DnsType, readRecord, soaSerial } from './records.ts'
import { WireReader } from './wire-reader.ts'

/** What is asked. */
export interface DnsQuestion {
  readonly name: string
  readonly type: DnsType
  /** Whether the server is asked to ask others where it does not know. */
  readonly recursion: boolean
}

/** A question as it goes over the line. */
export interface DnsQuery {
  readonly type: DnsType
  readonly bytes: Buffer
}

/** An answer, as far as a probe cares. */
export interface DnsAnswer {
  readonly kind: 'answer'
  /** `NOERROR`, `NXDOMAIN`, ...; `RCODE` and its number where it has no name. */
  readonly rcode: string
  /** Whether the server speaks for the zone itself (AA). */
  readonly authoritative: boolean
  /** The records of the type that was asked for, as a zone file has them. */
  readonly records: readonly string[]
  /** Of the first SOA record, where that was asked for. */
  readonly serial: number | undefined
}

/** What is left in the end, when truncated and stray ones are dealt with. */
export type DnsReply =
  | DnsAnswer
  /** An answer to this question that cannot be read. */
  | { readonly kind: 'malformed'; readonly why: string }

/** What a message from a server is to the question. */
export type DnsMessage =
  | DnsReply
  /** It did not fit into a datagram: ask again over TCP. */
  | { readonly kind: 'truncated' }
  /** No answer to this question: somebody else's, a late one, a forged one, no DNS at all. */
  | { readonly kind: 'stray' }

const HEADER_BYTES = 12
const FLAG_RESPONSE = 0x80_00
const FLAG_AUTHORITATIVE = 0x04_00
const FLAG_TRUNCATED = 0x02_00
const FLAG_RECURSION = 0x01_00
const CLASS_IN = 1
const TYPE_OPT = 41
const RCODES = 'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE'.split(' ')

/** @param question with a name of labels of 1 to 63 ASCII characters, or the root as a dot */
export function encodeQuery({ name, type, recursion }: DnsQuestion, id: number): DnsQuery {
  const header = numbers(id, recursion ? FLAG_RECURSION : 0, 1, 0, 0, 1)
  const labels = name.split('.').filter((label) => label !== '')
  const asked = [...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]), Buffer.from([0])]
  // EDNS (RFC 6891): the root, OPT, how much we take; no extended rcode, version, flags and options.
  const edns = [Buffer.from([0]), numbers(TYPE_OPT, dnsLimits.udpPayloadBytes, 0, 0, 0)]
  return { type, bytes: Buffer.concat([header, ...asked, numbers(DNS_TYPES[type], CLASS_IN), ...edns]) }
}

/** Reads what a server sent; whatever it is, it is one of the kinds. */
export function readMessage(query: DnsQuery, message: Buffer): DnsMessage {
  if (!answersQuestion(query.bytes, message)) return { kind: 'stray' }
  // Its records may be cut anywhere, so they are not looked at.
  if ((message.readUInt16BE(2) & FLAG_TRUNCATED) !== 0) return { kind: 'truncated' }
  try {
    return readAnswer(query.type, message)
  } catch {
    return { kind: 'malformed', why: 'an answer whose records cannot be read' }
  }
}

function readAnswer(asked: DnsType, message: Buffer): DnsAnswer {
  const reader = new WireReader(message)
  const [, flags = 0, questions = 0, answers = 0, authorities = 0, additionals = 0] = Array.from({ length: 6 }, () => reader.number(2))
  for (let index = 0; index < questions; index++) {
    reader.skipName()
    reader.bytes(4)
  }
  const records: string[] = []
  let extendedRcode = 0
  for (let index = 0; index < answers + authorities + additionals; index++) {
    reader.skipName()
    const [type, recordClass] = [reader.number(2), reader.number(2)]
    const ttl = reader.number(4)
    const data = reader.part(reader.number(2))
    // EDNS keeps the upper bits of the rcode where other records have their lifetime.
    if (type === TYPE_OPT) extendedRcode = ttl >>> 24
    if (index >= answers || type !== DNS_TYPES[asked] || recordClass !== CLASS_IN) continue
    records.push(readRecord(asked, data))
    if (!data.done) throw new RangeError('a record that is longer than its data')
  }
  const code = (extendedRcode << 4) | (flags & 0x0f)
  return {
    kind: 'answer',
    rcode: RCODES[code] ?? `RCODE${code}`,
    authoritative: (flags & FLAG_AUTHORITATIVE) !== 0,
    records,
    serial: asked === 'SOA' && records[0] !== undefined ? soaSerial(records[0]) : undefined,
  }
}

/**
 * RFC 5452, section 9.1: an answer counts where its id and its question are ours. A server that could not read the question may
 * leave it out of its error.
 */
function answersQuestion(query: Buffer, message: Buffer): boolean {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== query.readUInt16BE(0)) return false
  const flags = message.readUInt16BE(2)
  if ((flags & FLAG_RESPONSE) === 0) return false
  const questions = message.readUInt16BE(4)
  return questions === 0 ? (flags & 0x0f) !== 0 : questions === 1 && questionOf(message) === questionOf(query)
}

/** Name, type and class as one text; a message without a whole question has none. */
function questionOf(message: Buffer): string | undefined {
  try {
    const reader = new WireReader(message, HEADER_BYTES)
    return `${reader.name()} ${reader.number(2)} ${reader.number(2)}`
  } catch {
    return undefined
  }
}

function numbers(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value, index * 2)
  return buffer
}
