import { DnsParseError } from './errors.ts'
import type { Edns, EdnsOption, TsigRecord } from './message.ts'
import { rcodeNumber, tsigErrorName, tsigErrorNumber, typeNumber } from './registry.ts'
import type { WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

// Records about the message they stand in.

const TYPE_OPT = typeNumber('OPT')
const TYPE_TSIG = typeNumber('TSIG')
const CLASS_ANY = 255
const DNSSEC_OK = 0x80_00

export interface OptRecord {
  readonly edns: Edns
  /** The upper eight bits of twelve. */
  readonly upperRcode: number
}

/** RFC 6891, 6.1.2: where others have class and TTL it has the size that is taken, the rest of the rcode, its version, flags. */
export function readOpt(classNumber: number, ttl: number, data: WireReader): OptRecord {
  const options: EdnsOption[] = []
  while (!data.done) options.push({ code: data.number(2), bytes: data.bytes(data.number(2)) })
  const edns = { udpPayloadBytes: classNumber, version: (ttl >>> 16) & 0xff, dnssecOk: (ttl & DNSSEC_OK) !== 0, options }
  return { edns, upperRcode: ttl >>> 24 }
}

/** @throws DnsValueError */
export function writeOpt(edns: Edns, rcode: string, to: WireWriter): void {
  to.name('.', { compressed: false })
  to.number(TYPE_OPT, 2)
  to.number(edns.udpPayloadBytes, 2)
  to.number(rcodeNumber(rcode) >> 4, 1)
  to.number(edns.version, 1)
  to.number(edns.dnssecOk ? DNSSEC_OK : 0, 2)
  to.sized(() => {
    for (const { code, bytes } of edns.options) {
      to.number(code, 2)
      to.number(bytes.length, 2)
      to.bytes(bytes)
    }
  })
}

/** RFC 8945, 4.2. */
export function readTsig(
  owner: { readonly name: string; readonly class: string; readonly ttlSeconds: number },
  data: WireReader,
): TsigRecord {
  if (owner.class !== 'ANY' || owner.ttlSeconds !== 0) throw new DnsParseError('a TSIG record has a class or a TTL that is not its own')
  const record = {
    name: owner.name,
    algorithm: data.name({ pointers: false }),
    atSeconds: data.number(6),
    fudgeSeconds: data.number(2),
    mac: data.bytes(data.number(2)),
    originalId: data.number(2),
    error: tsigErrorName(data.number(2)),
    other: data.bytes(data.number(2)),
  }
  if (!data.done) throw new DnsParseError('the data of a record has something behind it')
  return record
}

/** @throws DnsValueError */
export function writeTsig(tsig: TsigRecord, to: WireWriter): void {
  to.name(tsig.name, { compressed: false })
  to.number(TYPE_TSIG, 2)
  to.number(CLASS_ANY, 2)
  to.number(0, 4)
  to.sized(() => {
    to.name(tsig.algorithm, { compressed: false })
    to.number(tsig.atSeconds, 6)
    to.number(tsig.fudgeSeconds, 2)
    to.number(tsig.mac.length, 2)
    to.bytes(tsig.mac)
    to.number(tsig.originalId, 2)
    to.number(tsigErrorNumber(tsig.error), 2)
    to.number(tsig.other.length, 2)
    to.bytes(tsig.other)
  })
}
