import { DnsValueError } from './errors.ts'
import { wireLimits } from './limits.ts'
import { type Edns, type Flags, type Message, noFlags, type Question, type WireRecord } from './message.ts'
import { writeOpt, writeTsig } from './meta-records.ts'
import { classNumber, opcodeNumber, rcodeNumber, typeName, typeNumber } from './registry.ts'
import { writeData } from './write-data.ts'
import { WireWriter } from './wire-writer.ts'

/**
 * Writes a message down; names are compressed where every reader can follow (RFC 3597, 4). `decodeMessage` reads the same out of it,
 * but for spellings that are not the canonical one.
 *
 * @throws DnsValueError where something in it cannot be written, or it does not fit into 65,535 bytes
 */
export function encodeMessage(message: Message): Uint8Array {
  const { id, flags, rcode, questions, answers, authorities, additionals, edns, tsig } = message
  const code = rcodeNumber(rcode)
  if (code > 0x0f && !edns) throw new DnsValueError(`${rcode} cannot be said without EDNS`)
  const to = new WireWriter()
  to.number(id, 2)
  to.number(flagBits(flags) + (code & 0x0f), 2)
  to.number(questions.length, 2)
  to.number(answers.length, 2)
  to.number(authorities.length, 2)
  to.number(additionals.length + (edns ? 1 : 0) + (tsig ? 1 : 0), 2)
  for (const question of questions) writeQuestion(question, to)
  for (const section of [answers, authorities, additionals]) for (const record of section) writeRecord(record, to)
  if (edns) writeOpt(edns, rcode, to)
  if (tsig) writeTsig(tsig, to)
  return to.take()
}

/** A question as it is put to a server. */
export interface GivenQuery extends Omit<Question, 'class'> {
  readonly id: number
  /** Default: IN */
  readonly class?: string | undefined
  /** Default: false */
  readonly recursionDesired?: boolean | undefined
  /** Default: version 0, 1,232 bytes, no options; false: no EDNS at all */
  readonly edns?: Partial<Edns> | false | undefined
}

const plainEdns: Edns = Object.freeze({ udpPayloadBytes: wireLimits.ednsBytes, version: 0, dnssecOk: false, options: [] })

/** @throws DnsValueError where name, type or class are none */
export function encodeQuery(query: GivenQuery): Uint8Array {
  const { id, name, type, class: of = 'IN', recursionDesired = false, edns = {} } = query
  return encodeMessage({
    id,
    flags: { ...noFlags, recursionDesired },
    rcode: 'NOERROR',
    questions: [{ name, type, class: of }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: edns === false ? undefined : { ...plainEdns, ...edns },
  })
}

function flagBits(flags: Flags): number {
  const bits = [
    [flags.response, 0x80_00],
    [flags.authoritative, 0x04_00],
    [flags.truncated, 0x02_00],
    [flags.recursionDesired, 0x01_00],
    [flags.recursionAvailable, 0x80],
    [flags.authenticData, 0x20],
    [flags.checkingDisabled, 0x10],
  ] as const
  return opcodeNumber(flags.opcode) * 0x08_00 + bits.reduce((sum, [isSet, bit]) => sum + (isSet ? bit : 0), 0)
}

function writeQuestion(question: Question, to: WireWriter): void {
  to.name(question.name, { compressed: true })
  to.number(typeNumber(question.type), 2)
  to.number(classNumber(question.class), 2)
}

function writeRecord(record: WireRecord, to: WireWriter): void {
  const { data } = record
  const type = typeName(typeNumber(record.type))
  const isOfType = data.kind === 'opaque' ? type !== 'OPT' && type !== 'TSIG' : data.kind === type
  if (!isOfType) throw new DnsValueError(`a record of the type ${type} cannot have the data of ${data.kind}`)
  writeQuestion(record, to)
  to.number(record.ttlSeconds, 4)
  to.sized(() => writeData(data, to))
}
