import { DnsParseError } from '../errors.ts'
import type { TsigRecord } from '../message.ts'
import { readTsig } from '../meta-records.ts'
import { className, typeName } from '../registry.ts'
import { WireReader } from '../wire-reader.ts'

export interface FoundTsig {
  readonly tsig: TsigRecord
  /** Where its record begins: what is signed ends here. */
  readonly offset: number
}

/**
 * Looks for the signature of a message, without a look at what the rest of it means.
 *
 * @returns undefined where there is none
 * @throws DnsParseError where the message is cut, or the signature is not its last record (RFC 8945, 5.1)
 */
export function findTsig(bytes: Uint8Array): FoundTsig | undefined {
  const reader = new WireReader(bytes)
  reader.number(4)
  const [questions, ...counts] = [reader.number(2), reader.number(2), reader.number(2), reader.number(2)]
  for (let left = questions ?? 0; left > 0; left--) {
    reader.skipName()
    reader.number(4)
  }
  let found: FoundTsig | undefined
  const records = counts.reduce((sum, count) => sum + count, 0)
  for (let left = records; left > 0; left--) {
    if (found) throw new DnsParseError('a TSIG record is not the last')
    const { offset } = reader
    reader.skipName()
    const [type, ofClass, ttlSeconds] = [typeName(reader.number(2)), className(reader.number(2)), reader.number(4)]
    const data = reader.part(reader.number(2))
    if (type !== 'TSIG') continue
    const tsig = readTsig({ name: new WireReader(bytes, offset).name(), class: ofClass, ttlSeconds }, data)
    found = { tsig, offset }
  }
  // The last of all, and yet not in the last section.
  if (found && counts[2] === 0) throw new DnsParseError('a TSIG record is not among the additional ones')
  if (!reader.done) throw new DnsParseError('it has something behind its last record')
  return found
}
