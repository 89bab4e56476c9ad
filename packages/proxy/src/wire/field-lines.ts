import { COLON, CR, FIELD_VALUE, HTAB, LF, SP, TOKEN } from './bytes.ts'
import { fieldKind, type FieldKind, OTHER } from './field-names.ts'
import { type Refusal, refuse } from './refusal.ts'

/** What is read next. */
const LINE = 0
const NAME = 1
const BEFORE_VALUE = 2
const VALUE = 3
const LINE_FEED = 4
const LAST_LINE_FEED = 5

/** Four offsets for each line: where its name begins and ends, where its value begins and ends. */
const STRIDE = 4

/**
 * The field lines of a head or a trailer section, up to and with the empty line (RFC 9112, 5). Each byte is looked at
 * once, wherever the network has cut; what is kept are offsets, counted from the beginning of the head.
 */
export class FieldLines {
  /** How many lines have been read. */
  count = 0
  bytes: Buffer = Buffer.alloc(0)
  /** Where the head begins in `bytes`; every offset counts from here. */
  base = 0
  readonly #most: number
  readonly #offsets: Uint32Array
  readonly #kinds: Uint8Array
  #state = LINE
  #at = 0
  /** A bit for each kind that has been seen, and that has been seen again. */
  #seen = 0
  #doubled = 0

  /** @param most lines that there may be */
  constructor(most: number) {
    this.#most = most
    this.#offsets = new Uint32Array(most * STRIDE)
    this.#kinds = new Uint8Array(most)
  }

  /** Forgets all, and reads on from that offset. */
  begin(at: number): void {
    this.count = 0
    this.#state = LINE
    this.#at = at
    this.#seen = 0
    this.#doubled = 0
  }

  /**
   * Reads on, up to `length` bytes behind `base`.
   *
   * @returns the offset behind the empty line; undefined where more bytes are needed
   */
  read(bytes: Buffer, base: number, length: number): number | undefined | Refusal {
    this.bytes = bytes
    this.base = base
    const end = base + length
    const offsets = this.#offsets
    let at = base + this.#at
    let state = this.#state
    while (at < end) {
      if (state === LINE) {
        const byte = bytes[at]!
        if (byte === CR) {
          at += 1
          state = LAST_LINE_FEED
          continue
        }
        if (byte === SP || byte === HTAB) return refuse(400, 'line-folded', 'a line begins with a space')
        if (this.count === this.#most) return refuse(431, 'fields-too-many', `there are more than ${this.#most} fields`)
        offsets[this.count * STRIDE] = at - base
        state = NAME
      } else if (state === NAME) {
        while (at < end && TOKEN[bytes[at]!] === 1) at += 1
        if (at === end) break
        if (bytes[at] !== COLON || at - base === offsets[this.count * STRIDE]) {
          return refuse(400, 'field-name', 'the name of a field is no token with a colon right behind it')
        }
        offsets[this.count * STRIDE + 1] = at - base
        at += 1
        state = BEFORE_VALUE
      } else if (state === BEFORE_VALUE) {
        while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at += 1
        if (at === end) break
        offsets[this.count * STRIDE + 2] = at - base
        state = VALUE
      } else if (state === VALUE) {
        while (at < end && FIELD_VALUE[bytes[at]!] === 1) at += 1
        if (at === end) break
        if (bytes[at] !== CR) return refuse(400, 'field-value', 'the value of a field contains a control character or a bare line feed')
        offsets[this.count * STRIDE + 3] = this.#valueEnd(at - base)
        at += 1
        state = LINE_FEED
      } else {
        if (bytes[at] !== LF) return refuse(400, 'line-end', 'a carriage return stands alone')
        at += 1
        if (state === LAST_LINE_FEED) return at - base
        const refused = this.#endLine(at - base)
        if (refused) return refused
        state = LINE
      }
    }
    this.#at = at - base
    this.#state = state
    return undefined
  }

  kind(line: number): FieldKind {
    return this.#kinds[line] ?? OTHER
  }

  has(kind: FieldKind): boolean {
    return (this.#seen & (1 << kind)) !== 0
  }

  hasTwice(kind: FieldKind): boolean {
    return (this.#doubled & (1 << kind)) !== 0
  }

  /** The first line of that kind, or -1. */
  indexOf(kind: FieldKind): number {
    if (!this.has(kind)) return -1
    let line = 0
    while (this.#kinds[line] !== kind) line += 1
    return line
  }

  name(line: number): string {
    return this.bytes.toString('latin1', this.nameStart(line), this.base + this.#offsets[line * STRIDE + 1]!)
  }

  /** Without the white space around it. */
  value(line: number): string {
    return this.bytes.toString('latin1', this.valueStart(line), this.valueEnd(line))
  }

  /** Indexes into `bytes`, as all that follow. A line begins with its name, and ends where the next one begins. */
  nameStart(line: number): number {
    return this.base + this.#offsets[line * STRIDE]!
  }

  valueStart(line: number): number {
    return this.base + this.#offsets[line * STRIDE + 2]!
  }

  valueEnd(line: number): number {
    return this.base + this.#offsets[line * STRIDE + 3]!
  }

  #valueEnd(to: number): number {
    const from = this.#offsets[this.count * STRIDE + 2]!
    let end = to
    while (end > from && (this.bytes[this.base + end - 1] === SP || this.bytes[this.base + end - 1] === HTAB)) end -= 1
    return end
  }

  #endLine(end: number): Refusal | undefined {
    const start = this.count * STRIDE
    const nameEnd = this.#offsets[start + 1]!
    const kind = fieldKind(this.bytes, this.base + this.#offsets[start]!, this.base + nameEnd)
    this.#kinds[this.count] = kind
    this.count += 1
    if (kind === OTHER) return undefined
    this.#doubled |= this.#seen & (1 << kind)
    this.#seen |= 1 << kind
    // White space to the letter of RFC 9110; but to nginx a part of the value, and to llhttp now and then.
    return this.#tabBetween(nameEnd, this.#offsets[start + 2]!) || this.#tabBetween(this.#offsets[start + 3]!, end)
      ? refuse(400, 'field-value', 'a tab stands around a value that others would read with it')
      : undefined
  }

  #tabBetween(from: number, to: number): boolean {
    for (let at = from; at < to; at += 1) if (this.bytes[this.base + at] === HTAB) return true
    return false
  }
}
