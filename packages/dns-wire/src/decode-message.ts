import { DnsParseError } from './errors.ts'
import { wireLimits } from './limits.ts'
import type { Flags, Message, Question, TsigRecord, WireRecord } from './message.ts'
import { type OptRecord, readOpt, readTsig } from './meta-records.ts'
import { readData } from './read-data.ts'
import type { RecordData } from './record-data.ts'
import { className, opcodeName, rcodeName, typeName } from './registry.ts'
import { WireReader } from './wire-reader.ts'

export const HEADER_BYTES = 12

/** One section, and what was found in it that is no record of a zone. */
interface Section {
  readonly records: readonly WireRecord[]
  readonly opt?: OptRecord | undefined
  readonly tsig?: TsigRecord | undefined
}

/**
 * Reads a message, whole and strictly: each count and length has to be right, a name leads back only, nothing may stand behind the
 * last record, OPT and TSIG only where they belong (RFC 1035, 4; RFC 6891, 6.1.1; RFC 8945, 5.1).
 *
 * @throws DnsParseError where it is no such message, and nothing else
 */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length < HEADER_BYTES) throw new DnsParseError('it has no whole header')
  if (bytes.length > wireLimits.messageBytes) throw new DnsParseError('it is longer than 65,535 bytes')
  const reader = new WireReader(bytes)
  const [id, bits] = [reader.number(2), reader.number(2)]
  const asked = reader.number(2)
  const [answered, authoritative, additional] = [reader.number(2), reader.number(2), reader.number(2)]
  const questions = Array.from({ length: asked }, () => readQuestion(reader))
  const answers = readSection(reader, answered).records
  const authorities = readSection(reader, authoritative).records
  const additionals = readSection(reader, additional, { mayHaveMeta: true })
  if (!reader.done) throw new DnsParseError('it has something behind its last record')
  const rcode = rcodeName((additionals.opt?.upperRcode ?? 0) * 16 + (bits & 0x0f))
  return {
    id,
    flags: readFlags(bits),
    rcode,
    questions,
    answers,
    authorities,
    additionals: additionals.records,
    ...(additionals.opt && { edns: additionals.opt.edns }),
    ...(additionals.tsig && { tsig: additionals.tsig }),
  }
}

function readFlags(bits: number): Flags {
  return {
    response: (bits & 0x80_00) !== 0,
    opcode: opcodeName((bits >> 11) & 0x0f),
    authoritative: (bits & 0x04_00) !== 0,
    truncated: (bits & 0x02_00) !== 0,
    recursionDesired: (bits & 0x01_00) !== 0,
    recursionAvailable: (bits & 0x80) !== 0,
    authenticData: (bits & 0x20) !== 0,
    checkingDisabled: (bits & 0x10) !== 0,
  }
}

function readQuestion(reader: WireReader): Question {
  return { name: reader.name(), type: typeName(reader.number(2)), class: className(reader.number(2)) }
}

function readSection(reader: WireReader, count: number, { mayHaveMeta = false } = {}): Section {
  const records: WireRecord[] = []
  let opt: OptRecord | undefined
  let tsig: TsigRecord | undefined
  for (let left = count; left > 0; left--) {
    const name = reader.name()
    const [type, classNumber, ttlSeconds] = [typeName(reader.number(2)), reader.number(2), reader.number(4)]
    const data = reader.part(reader.number(2))
    switch (type) {
      case 'OPT':
        if (!mayHaveMeta || opt || name !== '.') throw new DnsParseError('an OPT record is where none belongs')
        opt = readOpt(classNumber, ttlSeconds, data)
        break
      case 'TSIG':
        if (!mayHaveMeta || left > 1) throw new DnsParseError('a TSIG record is not the last')
        tsig = readTsig({ name, class: className(classNumber), ttlSeconds }, data)
        break
      default: {
        const record = { name, type, class: className(classNumber), ttlSeconds }
        records.push({ ...record, data: readDataOf(record, data) })
      }
    }
  }
  return { records, opt, tsig }
}

/**
 * In other classes than IN a type may mean something else (an address in CH has a name in it), but for TXT. NONE and ANY stand in
 * updates: NONE with the data of class IN or without any, ANY without (RFC 2136, 2.4 and 2.5).
 */
function readDataOf(record: Question, data: WireReader): RecordData {
  const isKnown = record.class === 'IN' || (record.class === 'NONE' && !data.done) || (record.class === 'CH' && record.type === 'TXT')
  return isKnown ? readData(record.type, data) : { kind: 'opaque', bytes: data.rest() }
}
