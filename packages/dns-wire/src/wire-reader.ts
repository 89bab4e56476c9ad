import { DnsParseError } from './errors.ts'
import { wireLimits } from './limits.ts'
import { labelText } from './name.ts'

/** Reads a part of a DNS message from front to back. Whatever is cut, too long or points astray is a DnsParseError. */
export class WireReader {
  readonly #message: Uint8Array
  readonly #end: number
  /** Shared with the readers of parts. */
  readonly #labels: { left: number }
  #offset: number

  constructor(
    message: Uint8Array,
    offset: number = 0,
    end: number = message.length,
    labels: { left: number } = { left: wireLimits.labels },
  ) {
    this.#message = message
    this.#offset = offset
    this.#end = end
    this.#labels = labels
  }

  /** From the start of the message, in bytes. */
  get offset(): number {
    return this.#offset
  }

  get done(): boolean {
    return this.#offset === this.#end
  }

  /** An unsigned number of so many bytes. */
  number(size: 1 | 2 | 4 | 6): number {
    let offset = this.#take(size)
    let value = 0
    // No shifts: they would make a negative number of the highest ones, and lose what is beyond 32 bits.
    for (let left = size; left > 0; left--) value = value * 256 + (this.#message[offset++] ?? 0)
    return value
  }

  /** A copy: what was read does not keep the message. */
  bytes(count: number): Uint8Array {
    const start = this.#take(count)
    return new Uint8Array(this.#message.subarray(start, start + count))
  }

  rest(): Uint8Array {
    return this.bytes(this.#end - this.#offset)
  }

  /** A reader of the next bytes alone; names in it may still point to what stands before them in the message. */
  part(count: number): WireReader {
    const start = this.#take(count)
    return new WireReader(this.#message, start, start + count, this.#labels)
  }

  /**
   * A name in lower case, without a dot at its end; the root is a dot. A pointer leads back only, each further than the one before
   * (RFC 1035, 4.1.4), so that none can lead in a circle.
   *
   * @param options.pointers whether there may be one; where a type does not allow it, none is followed
   */
  name(options: { readonly pointers?: boolean | undefined } = {}): string {
    const { pointers = true } = options
    let text = ''
    let nameBytes = 1
    let jumps = 0
    let elsewhere: WireReader | undefined
    let lowest = this.#offset
    for (;;) {
      const reader: WireReader = elsewhere ?? this
      const size = reader.number(1)
      if (size === 0) return text === '' ? '.' : text
      if (size >= 0xc0) {
        const target = (size - 0xc0) * 256 + reader.number(1)
        if (!pointers) throw new DnsParseError('a name is compressed where that is not allowed')
        if (target >= lowest || ++jumps > wireLimits.jumps) throw new DnsParseError('a name points astray')
        lowest = target
        elsewhere = new WireReader(this.#message, target)
      } else {
        nameBytes += size + 1
        if (size > wireLimits.labelBytes || nameBytes > wireLimits.nameBytes) throw new DnsParseError('a name is too long')
        if (--this.#labels.left < 0) throw new DnsParseError('there are more names than are read')
        const start = reader.#take(size)
        text += (text === '' ? '' : '.') + labelText(this.#message.subarray(start, start + size))
      }
    }
  }

  /** Passes over a name, without a look at where it points. */
  skipName(): void {
    for (let size = this.number(1); size !== 0; size = this.number(1)) {
      if (size >= 0xc0) return void this.#take(1)
      if (size > wireLimits.labelBytes) throw new DnsParseError('a name is too long')
      this.#take(size)
    }
  }

  #take(count: number): number {
    const start = this.#offset
    if (start + count > this.#end) throw new DnsParseError('it is cut')
    this.#offset = start + count
    return start
  }
}
