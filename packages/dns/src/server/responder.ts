import type { Answer, AnswerNode } from './answer.ts'
import type { NameTable } from './name-table.ts'
import { AA, HEADER_BYTES, OPT_BYTES, QR, RCODE, RD, TC, TYPE } from './protocol.ts'
import { IGNORED, Question } from './question.ts'
import type { Tail } from './tail-writer.ts'
import type { ZoneImage } from './zone-image.ts'

/** A zone as the responder meets it: the image is looked up with each question, and replaced between two of them. */
export interface Served {
  readonly name: string
  readonly image: ZoneImage
  /** Whether a client may have all of it. */
  mayTransfer(address: string): boolean
}

/** What there is to do about a message. */
export type Finding =
  /** It is no question, and whoever sent it hears nothing. */
  | 'nothing'
  | 'answer'
  /** The zone itself is asked for: {@link Responder.zone}. */
  | 'transfer'

export interface ResponderOptions {
  readonly zones: NameTable<Served>
  /** What we take by UDP ourselves. */
  readonly payloadBytes: number
}

/** Accounts of the rate limit for what is about no name. */
const MALFORMED_ACCOUNT = 1
const OUTSIDE_ACCOUNT = 2
const ABSENT_ACCOUNT = 3
/** Up to here, a loop is quicker than a call. */
const SHORT_COPY = 48
const EXTENDED_BADVERS = RCODE.BADVERS >> 4

/**
 * Questions in, answers out, without sockets and clocks. The parts of an answer were made when the zone changed; here they are put
 * together in a buffer of the caller's: header, question as it was asked (so the letter case comes back), records, SOA, OPT.
 */
export class Responder {
  readonly question: Question = new Question()
  readonly #zones: NameTable<Served>
  readonly #payloadBytes: number
  #bytes: Uint8Array = new Uint8Array(0)
  #rcode: number = RCODE.NOERROR
  #answer: Answer | undefined
  /** Whether the question goes back with the answer: only one that could be read. */
  #repeats = false
  #served: Served | undefined
  /** Whose answers are counted together: those about one name, those about names that are not there, and so on. */
  account = 0

  constructor({ zones, payloadBytes }: ResponderOptions) {
    this.#zones = zones
    this.#payloadBytes = payloadBytes
  }

  /** The zone of the question; undefined outside all of them. */
  get zone(): Served | undefined {
    return this.#served
  }

  /** Of the answer that was found. */
  get rcode(): number {
    return this.#rcode
  }

  /** Reads a message and finds what to answer. What it found holds until the next call. */
  look(bytes: Uint8Array, length: number): Finding {
    const { question } = this
    this.#bytes = bytes
    this.#served = undefined
    const read = question.read(bytes, length)
    if (read === IGNORED) return 'nothing'
    if (read !== RCODE.NOERROR) return this.#refuse(read, read === RCODE.BADVERS, MALFORMED_ACCOUNT)
    // No key is known here. RFC 8945, 5.2.1.
    if (question.signed) return this.#refuse(RCODE.NOTAUTH, true, MALFORMED_ACCOUNT)
    const { type } = question
    // Questions for records that are none, or that nobody keeps. RFC 6895, 3.1.
    if (type === TYPE.OPT || (type >= TYPE.TKEY && type <= TYPE.TSIG) || type === TYPE.MAILB || type === TYPE.MAILA) {
      return this.#refuse(RCODE.NOTIMP, true, MALFORMED_ACCOUNT)
    }
    const zone = question.isInternet ? this.#findZone(bytes) : undefined
    if (zone === undefined) return this.#refuse(RCODE.REFUSED, true, OUTSIDE_ACCOUNT)
    this.#served = zone
    if (type === TYPE.AXFR || type === TYPE.IXFR) return 'transfer'
    this.#found(this.#find(zone.image, bytes))
    return 'answer'
  }

  /** Refuses a question that could be read. */
  refuse(rcode: number): void {
    this.#refuse(rcode, true, OUTSIDE_ACCOUNT)
  }

  /** Answers with the SOA of the zone. */
  answerSoa(): void {
    if (this.#served) this.#found(this.#served.image.ownSoa)
  }

  /**
   * Writes the answer. What does not fit is left out whole, and the client told to ask by TCP (RFC 2181, 9).
   *
   * @param limit how long it may be; never less than the question was, which an empty answer is not longer than
   * @returns its length
   */
  write(out: Uint8Array, limit: number): number {
    const answer = this.#answer
    if (answer === undefined) return this.#writeFrame(out, 0, 0, 0)
    const denial = answer.negative ? this.#served?.image.denial : undefined
    const head = this.question.end
    const size = head + answer.bytes.length + (denial?.bytes.length ?? 0)
    if (size + (this.question.edns ? OPT_BYTES : 0) > limit) return this.writeTruncated(out)
    copyTail(out, head, answer, head)
    if (denial) copyTail(out, head + answer.bytes.length, denial, head)
    return this.#writeFrame(out, AA, answer.count, denial ? 1 : 0, size)
  }

  /** Writes an answer without records that says: ask by TCP. */
  writeTruncated(out: Uint8Array): number {
    return this.#writeFrame(out, this.#answer ? AA | TC : TC, 0, 0)
  }

  #findZone(bytes: Uint8Array): Served | undefined {
    const { starts, hashes, labels, nameEnd } = this.question
    for (let label = 0; label < labels; label++) {
      const served = this.#zones.find(bytes, starts[label]!, nameEnd, hashes[label]!)
      if (served) return served
    }
    return undefined
  }

  /** RFC 1034, 4.3.2, and RFC 4592, 3.3.1: the name, or the wildcard below the longest part of it that is there. */
  #find(image: ZoneImage, bytes: Uint8Array): Answer {
    const { starts, hashes, labels, nameEnd, type } = this.question
    for (let label = 0; label < labels; label++) {
      const node = image.names.find(bytes, starts[label]!, nameEnd, hashes[label]!)
      if (node === undefined) continue
      const answering = label === 0 ? node : node.wildcard
      if (answering === undefined) break
      this.account = hashes[label]!
      return answerFor(answering, type)
    }
    // All names that are not there are one: a flood of them must not have an account each.
    this.account = ABSENT_ACCOUNT
    return image.absent
  }

  #found(answer: Answer): void {
    this.#answer = answer
    this.#rcode = answer.rcode
    this.#repeats = true
  }

  #refuse(rcode: number, repeats: boolean, account: number): 'answer' {
    this.#answer = undefined
    this.#rcode = rcode
    this.#repeats = repeats
    this.account = account
    return 'answer'
  }

  /** Header, question and OPT around what is there already. @returns the length of the whole */
  #writeFrame(
    out: Uint8Array,
    flags: number,
    answers: number,
    authorities: number,
    size = this.#repeats ? this.question.end : HEADER_BYTES,
  ): number {
    const bytes = this.#bytes
    const { question } = this
    const edns = this.#repeats && question.edns
    out[0] = bytes[0]!
    out[1] = bytes[1]!
    // The kind of question and RD come back as they came.
    out[2] = QR | (bytes[2]! & 0x78) | flags | (bytes[2]! & RD)
    out[3] = this.#rcode & 0x0f
    out[4] = 0
    out[5] = this.#repeats ? 1 : 0
    out[6] = answers >>> 8
    out[7] = answers & 0xff
    out[8] = 0
    out[9] = authorities
    out[10] = 0
    out[11] = edns ? 1 : 0
    if (this.#repeats) {
      for (let at = HEADER_BYTES, { end } = question; at < end; at++) out[at] = bytes[at]!
    }
    return edns ? this.writeOpt(out, size) : size
  }

  /** Writes an OPT record without options (RFC 6891, 6.1.2) at the end. @returns where it ends */
  writeOpt(out: Uint8Array, at: number): number {
    out[at] = 0
    out[at + 1] = 0
    out[at + 2] = TYPE.OPT
    out[at + 3] = this.#payloadBytes >>> 8
    out[at + 4] = this.#payloadBytes & 0xff
    out[at + 5] = this.#rcode === RCODE.BADVERS ? EXTENDED_BADVERS : 0
    out[at + 6] = 0
    out[at + 7] = this.question.dnssecOk ? 0x80 : 0
    out[at + 8] = 0
    out[at + 9] = 0
    out[at + 10] = 0
    return at + OPT_BYTES
  }
}

function answerFor({ types, answers, other, any }: AnswerNode, type: number): Answer {
  for (let index = 0; index < types.length; index++) {
    if (types[index] === type) return answers[index]!
  }
  return type === TYPE.ANY ? any : other
}

/** @param head where the question has ended */
function copyTail(out: Uint8Array, at: number, { bytes, pointers, nameLength }: Tail, head: number): void {
  if (bytes.length > SHORT_COPY) out.set(bytes, at)
  else for (let index = 0; index < bytes.length; index++) out[at + index] = bytes[index]!
  const moved = head - HEADER_BYTES - 4 - nameLength
  if (moved === 0) return
  for (const place of pointers) {
    const target = ((out[at + place]! << 8) | out[at + place + 1]!) + moved
    out[at + place] = target >>> 8
    out[at + place + 1] = target & 0xff
  }
}
