import { randomBytes } from 'node:crypto'

// What a proxy has to know of RFC 6455 to end a WebSocket that is not its own: where one frame ends and the next begins.

const CLOSE = 0x8
const FINAL = 0x80
const MASKED = 0x80
const LENGTH = 0x7f
/** Two bytes, a length of eight, a mask of four. */
const LONGEST_HEAD = 14
/** RFC 6455, 7.4.1: "going away", such as a server going down. */
const GOING_AWAY = 1001

/** Follows one direction of a WebSocket, and nothing of what is said in it. */
export class FrameWatch {
  readonly #head = new Uint8Array(LONGEST_HEAD)
  /** Bytes of the head of a frame that have come. */
  #have = 0
  /** How long that head is; known once two bytes of it are there. */
  #need = 2
  /** Bytes of the frame's body that have not come. */
  #left = 0
  #closed = false

  /** Whether what comes next is a frame of its own. */
  get betweenFrames(): boolean {
    return this.#have === 0 && this.#left === 0
  }

  /** Whether a Close frame has passed: behind it, nothing more may be said this way (5.5.1). */
  get closed(): boolean {
    return this.#closed
  }

  take(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      if (this.#left === 0) this.#takeHead(piece[at++] ?? 0)
      else {
        const taken = Math.min(this.#left, piece.length - at)
        this.#left -= taken
        at += taken
      }
    }
  }

  /** 5.2: opcode, then length; one that begins a body, or a frame without one, ends here. */
  #takeHead(byte: number): void {
    this.#head[this.#have++] = byte
    if (this.#have === 2) this.#need = 2 + lengthBytes(byte & LENGTH) + (byte & MASKED ? 4 : 0)
    if (this.#have < this.#need) return
    const [first = 0, second = 0] = this.#head
    this.#left = lengthOf(this.#head, second & LENGTH)
    this.#closed ||= (first & 0xf) === CLOSE
    this.#have = 0
    this.#need = 2
  }
}

/** A frame that says 1001. @param masked as clients have to send it (5.3) */
export function goingAway({ masked }: { readonly masked: boolean }): Buffer {
  const code = Buffer.alloc(2)
  code.writeUInt16BE(GOING_AWAY)
  if (!masked) return Buffer.concat([Buffer.of(FINAL | CLOSE, code.length), code])
  const mask = randomBytes(4)
  const body = code.map((byte, index) => byte ^ (mask[index] ?? 0))
  return Buffer.concat([Buffer.of(FINAL | CLOSE, MASKED | code.length), mask, body])
}

function lengthBytes(length: number): number {
  if (length < 126) return 0
  return length === 126 ? 2 : 8
}

/** Past 2^53 it is not exact, and no connection lives to see its end. */
function lengthOf(head: Uint8Array, length: number): number {
  return length < 126 ? length : head.subarray(2, 2 + lengthBytes(length)).reduce((sum, byte) => sum * 256 + byte, 0)
}
