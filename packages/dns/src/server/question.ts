import { CLASS_IN, HEADER_BYTES, PLAIN_UDP_BYTES, QR, QUESTION_END_BYTES, RCODE, TYPE } from './protocol.ts'
import { HASH_START, hashStep, LOWER } from './wire-name.ts'

/** A name has 255 bytes at most, and so 127 labels. */
const MOST_LABELS = 128
const LONGEST_NAME = 255
const LONGEST_LABEL = 63
const OPCODE = 0x78
/** OPT, TSIG or SIG(0), and a few that we do not know. */
const MOST_ADDITIONALS = 8
/** Type, class, TTL, length of the data. */
const RECORD_FIXED_BYTES = 10

/** No question at all: nothing is said. */
export const IGNORED = -1

/**
 * A question, read where it stands: one object for all of them, so that a question costs no memory. What it says holds until the next
 * `read`.
 */
export class Question {
  /** Of the message. */
  length = 0
  /** Of the name: how many labels, where each begins, and the hash of the name from there on. */
  labels = 0
  readonly starts: Uint16Array = new Uint16Array(MOST_LABELS)
  readonly hashes: Int32Array = new Int32Array(MOST_LABELS)
  /** Where the root of the name stands. */
  nameEnd: number = HEADER_BYTES
  type = 0
  class = 0
  edns = false
  /** What the sender takes by UDP. */
  payloadBytes: number = PLAIN_UDP_BYTES
  dnssecOk = false
  signed = false
  /** Of the SOA that an IXFR carries; undefined where it has none. */
  heldSerial: number | undefined

  /** Past the question: where its answer would begin. */
  get end(): number {
    return this.nameEnd + 1 + QUESTION_END_BYTES
  }

  /**
   * @returns `RCODE.NOERROR` for a question that can be looked up; {@link IGNORED}; or the code to refuse it with. With a code below
   * `BADVERS`, nothing past the header is known.
   */
  read(bytes: Uint8Array, length: number): number {
    this.length = length
    // What is shorter has no id to answer to; an answer is never answered, or two servers would talk for ever.
    if (length < HEADER_BYTES || (bytes[2]! & QR) !== 0) return IGNORED
    if ((bytes[2]! & OPCODE) !== 0) return RCODE.NOTIMP
    if (u16(bytes, 4) !== 1 || u16(bytes, 6) !== 0) return RCODE.FORMERR
    if (!this.#readName(bytes, length)) return RCODE.FORMERR
    const at = this.nameEnd + 1
    if (at + QUESTION_END_BYTES > length) return RCODE.FORMERR
    this.type = u16(bytes, at)
    this.class = u16(bytes, at + 2)
    this.edns = false
    this.payloadBytes = PLAIN_UDP_BYTES
    this.dnssecOk = false
    this.signed = false
    this.heldSerial = undefined
    return this.#readRest(bytes, at + QUESTION_END_BYTES, length)
  }

  /** Without pointers: there is nothing before a question that one could lead to. */
  #readName(bytes: Uint8Array, length: number): boolean {
    let at = HEADER_BYTES
    let labels = 0
    for (;;) {
      if (at >= length) return false
      const size = bytes[at]!
      if (size === 0) break
      if (size > LONGEST_LABEL) return false
      this.starts[labels] = at
      labels += 1
      at += 1 + size
      if (at - HEADER_BYTES >= LONGEST_NAME) return false
    }
    this.nameEnd = at
    this.labels = labels
    let hash = HASH_START
    let label = labels - 1
    for (let place = at - 1; place >= HEADER_BYTES; place--) {
      hash = hashStep(hash, LOWER[bytes[place]!]!)
      if (place === this.starts[label]) {
        this.hashes[label] = hash
        label -= 1
      }
    }
    return true
  }

  /** Records after the question: the SOA of an IXFR, OPT, TSIG. */
  #readRest(bytes: Uint8Array, from: number, length: number): number {
    const authorities = u16(bytes, 8)
    const additionals = u16(bytes, 10)
    if (authorities > (this.type === TYPE.IXFR ? 1 : 0) || additionals > MOST_ADDITIONALS) return RCODE.FORMERR
    let at = from
    let version = 0
    for (let index = 0; index < authorities + additionals; index++) {
      const owner = at
      at = skipName(bytes, at, length)
      if (at < 0 || at + RECORD_FIXED_BYTES > length) return RCODE.FORMERR
      const type = u16(bytes, at)
      const next = at + RECORD_FIXED_BYTES + u16(bytes, at + 8)
      if (next > length) return RCODE.FORMERR
      if (index < authorities) {
        // The serial is the first of the five numbers at the end of the data.
        if (type !== TYPE.SOA || next - at - RECORD_FIXED_BYTES < 22) return RCODE.FORMERR
        this.heldSerial = u16(bytes, next - 20) * 0x1_0000 + u16(bytes, next - 18)
      } else if (type === TYPE.OPT) {
        if (this.edns || bytes[owner] !== 0) return RCODE.FORMERR
        this.edns = true
        this.payloadBytes = Math.max(PLAIN_UDP_BYTES, u16(bytes, at + 2))
        version = bytes[at + 5]!
        this.dnssecOk = (bytes[at + 6]! & 0x80) !== 0
      } else if (type === TYPE.TSIG) {
        this.signed = true
      }
      at = next
    }
    if (at !== length) return RCODE.FORMERR
    return version === 0 ? RCODE.NOERROR : RCODE.BADVERS
  }

  /** Whether it is about names of the internet. */
  get isInternet(): boolean {
    return this.class === CLASS_IN
  }
}

/** @returns where the name has ended; -1 where it does not end in the message */
function skipName(bytes: Uint8Array, from: number, length: number): number {
  for (let at = from; at < length && at - from < LONGEST_NAME;) {
    const size = bytes[at]!
    if (size === 0) return at + 1
    if (size >= 0xc0) return at + 2 <= length ? at + 2 : -1
    if (size > LONGEST_LABEL) return -1
    at += 1 + size
  }
  return -1
}

export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}
