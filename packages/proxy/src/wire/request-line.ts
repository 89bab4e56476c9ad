import { CR, isDigit, LF, METHOD, SP, TARGET } from './bytes.ts'
import { type Refusal, refuse } from './refusal.ts'

/** What is read next. */
const BEGIN = 0
const EMPTY_LINE_FEED = 1
const IN_METHOD = 2
const IN_TARGET = 3
const IN_VERSION = 4
const RETURN = 5
const LINE_FEED = 6

/** No registered method has more than 17. */
const LONGEST_METHOD = 32
const PERCENT = 0x25
const VERSION = Buffer.from('HTTP/1.1', 'latin1')
const MAJOR = 5
const MINOR = 7

/** `GET /path HTTP/1.1` (RFC 9112, 3), read byte by byte as they come. Offsets count from the head's first byte. */
export class RequestLine {
  methodStart = 0
  methodEnd = 0
  targetStart = 0
  targetEnd = 0
  minorVersion: 0 | 1 = 1
  /** The target contains `%`. */
  escaped = false
  #state = BEGIN
  #at = 0
  #major = 0
  #minor = 0

  begin(): void {
    this.#state = BEGIN
    this.#at = 0
    this.escaped = false
  }

  /** Where a head that is too large stopped: a target that does not end has a status of its own. */
  get inTarget(): boolean {
    return this.#state === IN_TARGET
  }

  /** @returns the offset behind the line; undefined where more bytes are needed */
  read(bytes: Buffer, base: number, length: number): number | undefined | Refusal {
    const end = base + length
    let at = base + this.#at
    while (at < end) {
      const byte = bytes[at]!
      switch (this.#state) {
        case BEGIN:
          // One empty line may come before: clients of old sent one behind a body (RFC 9112, 2.2).
          if (byte === CR) {
            at += 1
            this.#state = EMPTY_LINE_FEED
          } else this.#startMethod(at - base)
          break
        case EMPTY_LINE_FEED:
          if (byte !== LF) return badEnd()
          at += 1
          this.#startMethod(at - base)
          break
        case IN_METHOD: {
          const furthest = Math.min(end, base + this.methodStart + LONGEST_METHOD + 1)
          while (at < furthest && METHOD[bytes[at]!] === 1) at += 1
          this.methodEnd = at - base
          if (this.methodEnd - this.methodStart > LONGEST_METHOD) return refuse(501, 'method-too-long', 'no method is that long')
          if (at === end) break
          if (bytes[at] !== SP || this.methodEnd === this.methodStart) {
            return refuse(400, 'method', 'the method is not in capitals with one space behind it')
          }
          at += 1
          this.targetStart = at - base
          this.#state = IN_TARGET
          break
        }
        case IN_TARGET:
          for (; at < end && TARGET[bytes[at]!] === 1; at += 1) {
            if (bytes[at] === PERCENT) this.escaped = true
          }
          if (at === end) break
          this.targetEnd = at - base
          if (bytes[at] !== SP || this.targetEnd === this.targetStart) {
            return refuse(400, 'target', 'the target is not visible ASCII with one space behind it')
          }
          at += 1
          this.#state = IN_VERSION
          break
        case IN_VERSION: {
          const index = at - base - this.targetEnd - 1
          if (index === MAJOR || index === MINOR ? !isDigit(byte) : byte !== VERSION[index]) {
            return refuse(400, 'version', 'the line does not end with an HTTP version')
          }
          if (index === MAJOR) this.#major = byte
          at += 1
          if (index < MINOR) break
          this.#minor = byte
          this.#state = RETURN
          break
        }
        case RETURN:
          if (byte !== CR) return refuse(400, 'version', 'the line does not end with its HTTP version')
          at += 1
          this.#state = LINE_FEED
          break
        default:
          if (byte !== LF) return badEnd()
          return this.#versionFits() ? at + 1 - base : refuse(505, 'version-unsupported', 'only HTTP/1.1 and HTTP/1.0 are spoken here')
      }
    }
    this.#at = at - base
    return undefined
  }

  #startMethod(offset: number): void {
    this.methodStart = offset
    this.#state = IN_METHOD
  }

  #versionFits(): boolean {
    if (this.#major !== ONE || (this.#minor !== ONE && this.#minor !== ZERO)) return false
    this.minorVersion = this.#minor === ONE ? 1 : 0
    return true
  }
}

const ZERO = 0x30
const ONE = 0x31

function badEnd(): Refusal {
  return refuse(400, 'line-end', 'a carriage return stands alone')
}
