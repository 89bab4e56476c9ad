import { CR, FIELD_VALUE, isDigit, LF, SP } from './bytes.ts'
import { type Refusal, refuse } from './refusal.ts'

const BEFORE_STATUS = 0
const BEHIND_STATUS = 1
const IN_REASON = 2
const LINE_FEED = 3

const PREFIX = Buffer.from('HTTP/1.1 200', 'latin1')
const MINOR = 7
const STATUS = 9
const ZERO = 0x30

/** `HTTP/1.1 200 OK` (RFC 9112, 4), read byte by byte as they come. Offsets count from the head's first byte. */
export class StatusLine {
  minorVersion: 0 | 1 = 1
  status = 0
  reasonStart = 0
  reasonEnd = 0
  #state = BEFORE_STATUS
  #at = 0

  begin(): void {
    this.status = 0
    this.#state = BEFORE_STATUS
    this.#at = 0
  }

  /** @returns the offset behind the line; undefined where more bytes are needed */
  read(bytes: Buffer, base: number, length: number): number | undefined | Refusal {
    const end = base + length
    let at = base + this.#at
    while (at < end) {
      const byte = bytes[at]!
      if (this.#state === BEFORE_STATUS) {
        const refused = this.#prefix(at - base, byte)
        if (refused) return refused
        at += 1
        if (at - base === PREFIX.length) this.#state = BEHIND_STATUS
      } else if (this.#state === BEHIND_STATUS) {
        if (this.status < 100) return refuse(400, 'status', 'no status is that small')
        // The space must be there even without a reason; that it is not harms nobody, and there are such servers.
        if (byte !== SP && byte !== CR) return refuse(400, 'status-line', 'the status has no three digits')
        if (byte === SP) at += 1
        this.reasonStart = at - base
        this.#state = IN_REASON
      } else if (this.#state === IN_REASON) {
        while (at < end && FIELD_VALUE[bytes[at]!] === 1) at += 1
        if (at === end) break
        if (bytes[at] !== CR) return refuse(400, 'status-line', 'the reason contains a control character or a bare line feed')
        this.reasonEnd = at - base
        at += 1
        this.#state = LINE_FEED
      } else {
        if (byte !== LF) return refuse(400, 'line-end', 'a carriage return stands alone')
        return at + 1 - base
      }
    }
    this.#at = at - base
    return undefined
  }

  #prefix(index: number, byte: number): Refusal | undefined {
    if (index >= STATUS) {
      if (!isDigit(byte)) return refuse(400, 'status-line', 'the status has no three digits')
      this.status = this.status * 10 + (byte - ZERO)
    } else if (index === MINOR) {
      if (byte !== ZERO && byte !== ZERO + 1) return refuse(400, 'version-unsupported', 'only HTTP/1.1 and HTTP/1.0 are spoken here')
      this.minorVersion = byte === ZERO ? 0 : 1
    } else if (byte !== PREFIX[index]) return refuse(400, 'status-line', 'the answer does not begin with HTTP/1. and a status')
    return undefined
  }
}
