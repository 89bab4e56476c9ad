import { answersRequest, encodeQuery as encodeMessageOf, typeNumber, WireReader } from '@hotspare/dns-wire'
import { type DnsType, readRecord, soaSerial } from './records.ts'

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

const FLAG_AUTHORITATIVE = 0x04_00
const FLAG_TRUNCATED = 0x02_00
const CLASS_IN = 1
const TYPE_OPT = 41
const RCODES = 'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE'.split(' ')

/** @param question with a name of labels of 1 to 63 ASCII characters, or the root as a dot */
export function encodeQuery({ name, type, recursion }: DnsQuestion, id: number): DnsQuery {
  return { type, bytes: Buffer.from(encodeMessageOf({ id, name, type, recursionDesired: recursion })) }
}

/** Reads what a server sent; whatever it is, it is one of the kinds. */
export function readMessage(query: DnsQuery, message: Uint8Array): DnsMessage {
  if (!answersRequest(query.bytes, message)) return { kind: 'stray' }
  // Its records may be cut anywhere, so they are not looked at.
  if ((new WireReader(message, 2).number(2) & FLAG_TRUNCATED) !== 0) return { kind: 'truncated' }
  try {
    return readAnswer(query.type, message)
  } catch {
    return { kind: 'malformed', why: 'an answer whose records cannot be read' }
  }
}

/** Only what was asked for is read: an answer with something odd beside it still tells whether the service works. */
function readAnswer(asked: DnsType, message: Uint8Array): DnsAnswer {
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
    if (index >= answers || type !== typeNumber(asked) || recordClass !== CLASS_IN) continue
    records.push(readRecord(asked, data))
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
