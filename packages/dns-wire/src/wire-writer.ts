import { DnsValueError } from './errors.ts'
import { wireLimits } from './limits.ts'
import { nameLabels, nameText } from './name.ts'

/** The highest offset that a pointer can say. */
const POINTER_LIMIT = 0x40_00

/** Writes a message from front to back, and shortens names by pointers to those that stand in it already (RFC 1035, 4.1.4). */
export class WireWriter {
  readonly #names = new Map<string, number>()
  #bytes = new Uint8Array(512)
  #length = 0

  /** So many bytes were written. */
  get length(): number {
    return this.#length
  }

  /** An unsigned number, in so many bytes. @throws DnsValueError where it does not fit */
  number(value: number, size: 1 | 2 | 4 | 6): void {
    if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) throw new DnsValueError(`${value} is no number of ${size} bytes`)
    const start = this.#grow(size)
    writeNumber(this.#bytes, start, value, size)
  }

  bytes(bytes: Uint8Array): void {
    const start = this.#grow(bytes.length)
    this.#bytes.set(bytes, start)
  }

  /**
   * @param options.compressed whether it may end in a pointer: the owner of a record may, of the data only what RFC 3597, 4 allows
   * @throws DnsValueError where it is no name
   */
  name(text: string, options: { readonly compressed: boolean }): void {
    const labels = nameLabels(text)
    for (const [index, label] of labels.entries()) {
      if (options.compressed) {
        const rest = nameText(labels.slice(index))
        const known = this.#names.get(rest)
        if (known !== undefined) return this.number(0xc0_00 + known, 2)
        if (this.#length < POINTER_LIMIT) this.#names.set(rest, this.#length)
      }
      this.number(label.length, 1)
      this.bytes(label)
    }
    this.number(0, 1)
  }

  /** Writes two bytes of length, and then what is as long as that. */
  sized(write: () => void): void {
    const start = this.#grow(2)
    write()
    const size = this.#length - start - 2
    if (size > 0xff_ff) throw new DnsValueError('the data of a record is longer than 65,535 bytes')
    writeNumber(this.#bytes, start, size, 2)
  }

  /** @returns a copy of what was written */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** @returns where the new bytes begin */
  #grow(count: number): number {
    const start = this.#length
    const needed = start + count
    if (needed > wireLimits.messageBytes) throw new DnsValueError('the message is longer than 65,535 bytes')
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#length = needed
    return start
  }
}

/** Big-endian, as all numbers in DNS. */
export function writeNumber(bytes: Uint8Array, offset: number, value: number, size: number): void {
  let left = value
  for (let index = offset + size - 1; index >= offset; index--) {
    bytes[index] = left % 256
    left = Math.floor(left / 256)
  }
}
