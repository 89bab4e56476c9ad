import { dnsLimits } from './limits.ts'

/** A name has at most 127 labels, so more jumps than that are made to keep the reader busy. */
const MAX_JUMPS = 127
const MAX_NAME_BYTES = 255

/** Reads a part of a DNS message from front to back. Whatever is cut, too long or points astray throws a RangeError. */
export class WireReader {
  readonly #message: Buffer
  readonly #end: number
  /** Shared with the readers of parts. */
  readonly #labels: { left: number }
  #offset: number

  constructor(message: Buffer, offset: number = 0, end: number = message.length, labels: { left: number } = { left: dnsLimits.labels }) {
    this.#message = message
    this.#offset = offset
    this.#end = end
    this.#labels = labels
  }

  get done(): boolean {
    return this.#offset === this.#end
  }

  /** An unsigned number of so many bytes. */
  number(size: 1 | 2 | 4): number {
    return this.#message.readUIntBE(this.#take(size), size)
  }

  bytes(count: number): Buffer {
    const start = this.#take(count)
    return this.#message.subarray(start, start + count)
  }

  rest(): Buffer {
    return this.bytes(this.#end - this.#offset)
  }

  /** A reader of the next bytes alone; names in it may still point to what stands before them in the message. */
  part(count: number): WireReader {
    const start = this.#take(count)
    return new WireReader(this.#message, start, start + count, this.#labels)
  }

  /** A name in lower case, without a dot at its end; the root is a dot. A pointer leads back only (RFC 1035, section 4.1.4). */
  name(): string {
    const labels: string[] = []
    let nameBytes = 1
    let jumps = 0
    let elsewhere: WireReader | undefined
    let lowest = this.#offset
    for (;;) {
      const reader: WireReader = elsewhere ?? this
      const size = reader.number(1)
      if (size === 0) return labels.length === 0 ? '.' : labels.join('.').toLowerCase()
      if (size >= 0xc0) {
        const target = ((size & 0x3f) << 8) | reader.number(1)
        if (target >= lowest || ++jumps > MAX_JUMPS) throw new RangeError('a name that points astray')
        lowest = target
        elsewhere = new WireReader(this.#message, target)
      } else {
        nameBytes += size + 1
        if (size > 63 || nameBytes > MAX_NAME_BYTES) throw new RangeError('a name that is too long')
        if (--this.#labels.left < 0) throw new RangeError('more names than are read')
        labels.push(escapeLabel(reader.bytes(size)))
      }
    }
  }

  /** Passes over a name, without a look at where it points. */
  skipName(): void {
    for (let size = this.number(1); size !== 0; size = this.number(1)) {
      if (size >= 0xc0) return void this.#take(1)
      if (size > 63) throw new RangeError('a name that is too long')
      this.#take(size)
    }
  }

  #take(count: number): number {
    const start = this.#offset
    if (start + count > this.#end) throw new RangeError('the message is cut')
    this.#offset = start + count
    return start
  }
}

/** As in a zone file: what would be taken for something else is its number (RFC 4343, section 2.1). */
function escapeLabel(label: Buffer): string {
  return label.toString('latin1').replaceAll(/[^!-\-/-[\]-~]/g, (character) => `\\${String(character.charCodeAt(0)).padStart(3, '0')}`)
}
