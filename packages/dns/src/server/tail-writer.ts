import { dnsError } from '../errors.ts'
import { CLASS_IN, HEADER_BYTES, QUESTION_END_BYTES } from './protocol.ts'

/** The records of an answer as they stand on the wire after the question. */
export interface Tail {
  /** How many records. */
  readonly count: number
  readonly bytes: Uint8Array
  /** Where pointers stand that move with the length of the question's name. */
  readonly pointers: readonly number[]
  /** The length for which they are right, with the root. */
  readonly nameLength: number
}

/** Data of a record: bytes, and names that may be shortened by a pointer. */
export type DataPart = Uint8Array | string

/** The name that was asked for: a pointer to the question, in the letter case of the question. */
export const ASKED = ''

/** What a pointer can say, less the length of the longest name: one that moves must not run over. */
const FARTHEST_TARGET = 0x3fff - 255
/** A pointer to the name of the question: the one that never moves. */
const POINTER_TO_ASKED = 0xc000 | HEADER_BYTES
/** A message on TCP has 65,535 bytes; room is left for the question, the SOA and OPT. */
const MOST_BYTES = 64_000

/**
 * Writes records with compressed names (RFC 1035, 4.1.4) behind a question that is not known yet. All pointers lead to the end of the
 * question's name or past it, so they are right for one length of that name, and move with it by the difference.
 */
export class TailWriter {
  readonly #bytes: number[] = []
  readonly #pointers: number[] = []
  readonly #places = new Map<string, number>()
  readonly #nameLength: number
  readonly #start: number
  readonly #movable: boolean
  #count = 0

  /**
   * @param question what is asked for, or any name that it ends in: the zone's own where it may be any below
   * @param movable other records may come before these: no pointer leads to one of them
   */
  constructor(question: string, movable = false) {
    this.#movable = movable
    this.#nameLength = question.length + 2
    this.#start = HEADER_BYTES + this.#nameLength + QUESTION_END_BYTES
    this.#remember(question, HEADER_BYTES)
  }

  get length(): number {
    return this.#bytes.length
  }

  get count(): number {
    return this.#count
  }

  record(owner: string, type: number, ttlSeconds: number, data: readonly DataPart[]): this {
    if (owner === ASKED) this.#u16(POINTER_TO_ASKED)
    else this.#name(owner)
    this.#u16(type)
    this.#u16(CLASS_IN)
    this.#u16(ttlSeconds >>> 16)
    this.#u16(ttlSeconds & 0xffff)
    const lengthAt = this.#bytes.length
    this.#u16(0)
    for (const part of data) {
      if (typeof part === 'string') this.#name(part)
      else for (const byte of part) this.#bytes.push(byte)
    }
    const length = this.#bytes.length - lengthAt - 2
    this.#bytes[lengthAt] = length >>> 8
    this.#bytes[lengthAt + 1] = length & 0xff
    this.#count += 1
    return this
  }

  /** @throws HotspareError `HOTSPARE_DNS_ZONE` where it does not fit into a message */
  done(mostBytes: number = MOST_BYTES): Tail {
    if (this.#bytes.length > mostBytes) {
      throw dnsError('HOTSPARE_DNS_ZONE', `zone: an answer of ${this.#count} records would be larger than a message of DNS can be`)
    }
    return { count: this.#count, bytes: Uint8Array.from(this.#bytes), pointers: this.#pointers, nameLength: this.#nameLength }
  }

  #name(name: string): void {
    if (name !== '.') {
      for (let rest = name; ;) {
        const place = this.#places.get(rest)
        if (place !== undefined) {
          this.#pointers.push(this.#bytes.length)
          return this.#u16(0xc000 | place)
        }
        const here = this.#start + this.#bytes.length
        if (!this.#movable && here <= FARTHEST_TARGET) this.#places.set(rest, here)
        const dot = rest.indexOf('.')
        const label = dot === -1 ? rest : rest.slice(0, dot)
        this.#bytes.push(label.length)
        for (let index = 0; index < label.length; index++) this.#bytes.push(label.charCodeAt(index))
        if (dot === -1) break
        rest = rest.slice(dot + 1)
      }
    }
    this.#bytes.push(0)
  }

  #remember(name: string, from: number): void {
    let at = from
    for (let rest = name; ;) {
      this.#places.set(rest, at)
      const dot = rest.indexOf('.')
      if (dot === -1) return
      at += dot + 1
      rest = rest.slice(dot + 1)
    }
  }

  #u16(value: number): void {
    this.#bytes.push((value >>> 8) & 0xff, value & 0xff)
  }
}
