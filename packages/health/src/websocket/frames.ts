/** Kinds of frames (RFC 6455, section 11.8). */
export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

/** A frame that matters to a probe: what steers the connection. Texts and data are passed over. */
export interface ControlFrame {
  readonly opcode: number
  readonly payload: Buffer
}

const MAX_CONTROL_BYTES = 125
const KNOWN_OPCODES = new Set<number>(Object.values(OPCODE))

/**
 * Reads the frames of a server. It keeps what it needs of one header and one control frame, never data: 14 and 125 bytes.
 * What a server must not send (RFC 6455, section 5) ends the reading, with a problem in words.
 */
export class FrameReader {
  #head: Buffer = Buffer.alloc(0)
  #control: { readonly opcode: number; payload: Buffer; readonly wanted: number } | undefined
  #skipBytes = 0
  #inMessage = false

  /** @returns the control frames that are whole now, or what is wrong */
  add(chunk: Buffer): readonly ControlFrame[] | string {
    const frames: ControlFrame[] = []
    let rest = chunk
    while (rest.length > 0) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, rest.length)
        this.#skipBytes -= skipped
        rest = rest.subarray(skipped)
      } else if (this.#control) {
        const { opcode, payload, wanted } = this.#control
        const taken = rest.subarray(0, wanted - payload.length)
        this.#control.payload = Buffer.concat([payload, taken])
        rest = rest.subarray(taken.length)
        if (this.#control.payload.length === wanted) {
          frames.push({ opcode, payload: this.#control.payload })
          this.#control = undefined
        }
      } else {
        this.#head = Buffer.concat([this.#head, rest.subarray(0, 1)])
        rest = rest.subarray(1)
        const problem = this.#readHead(frames)
        if (problem !== undefined) return problem
      }
    }
    return frames
  }

  #readHead(frames: ControlFrame[]): string | undefined {
    const [first = 0, second] = this.#head
    if (second === undefined) return undefined
    const opcode = first & 0x0f
    if ((first & 0x70) !== 0) return 'a frame with reserved bits, which no extension was agreed on for'
    if (!KNOWN_OPCODES.has(opcode)) return `a frame of a kind that does not exist (${opcode})`
    if ((second & 0x80) !== 0) return 'a masked frame, which a server must not send'
    const short = second & 0x7f
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8
    const isLast = (first & 0x80) !== 0
    if (opcode >= OPCODE.close && (short > MAX_CONTROL_BYTES || !isLast)) return 'a control frame that is too long or in pieces'
    if (this.#head.length < 2 + lengthBytes) return undefined
    const length = lengthBytes === 0 ? short : Number(lengthBytes === 2 ? this.#head.readUInt16BE(2) : this.#head.readBigUInt64BE(2))
    if (length > Number.MAX_SAFE_INTEGER) return 'a frame longer than there can be'
    this.#head = Buffer.alloc(0)
    if (opcode >= OPCODE.close) {
      if (length === 0) frames.push({ opcode, payload: Buffer.alloc(0) })
      else this.#control = { opcode, payload: Buffer.alloc(0), wanted: length }
      return undefined
    }
    if ((opcode === OPCODE.continuation) !== this.#inMessage) return 'pieces of messages in the wrong order'
    this.#inMessage = !isLast
    this.#skipBytes = length
    return undefined
  }
}

/** @returns a control frame as a client sends it: whole, and masked with `mask` (RFC 6455, section 5.3) */
export function encodeControl(opcode: number, payload: Buffer, mask: Buffer): Buffer {
  const masked = Buffer.from(payload.subarray(0, MAX_CONTROL_BYTES))
  for (const [index, byte] of masked.entries()) masked[index] = byte ^ (mask[index % 4] ?? 0)
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | masked.length]), mask.subarray(0, 4), masked])
}

/** The code of a close frame; 1005 where it says none (RFC 6455, section 7.1.5). */
export function closeCode(payload: Buffer): number {
  return payload.length < 2 ? 1_005 : payload.readUInt16BE(0)
}
