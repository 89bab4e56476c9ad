import { FRAME_HEAD_BYTES } from './frame.ts'

/** What a chunk of the stream completed. */
export interface Decoded {
  readonly payloads: readonly Uint8Array[]
  /** Set once the stream cannot be understood any more; nothing is read after it. */
  readonly fault?: string | undefined
}

/**
 * Cuts a stream into frames, however it was cut into chunks. Holds at most one frame of `maxFrameBytes`; a length
 * beyond that, or of nothing, ends it before a byte of the frame is kept.
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number
  readonly #head = Buffer.alloc(FRAME_HEAD_BYTES)
  #headBytes = 0
  #payload: Buffer | undefined
  #payloadBytes = 0
  #fault: string | undefined

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  push(chunk: Uint8Array): Decoded {
    const payloads: Uint8Array[] = []
    let rest = chunk
    while (rest.length > 0 && this.#fault === undefined) {
      rest = this.#payload ? this.#readPayload(this.#payload, rest, payloads) : this.#readHead(rest)
    }
    return { payloads, fault: this.#fault }
  }

  #readHead(rest: Uint8Array): Uint8Array {
    const taken = rest.subarray(0, FRAME_HEAD_BYTES - this.#headBytes)
    this.#head.set(taken, this.#headBytes)
    this.#headBytes += taken.length
    if (this.#headBytes === FRAME_HEAD_BYTES) {
      const length = this.#head.readUInt32BE(0)
      if (length === 0) this.#fault = 'a frame of no bytes'
      else if (length > this.#maxFrameBytes) this.#fault = `a frame of ${length} bytes, the limit is ${this.#maxFrameBytes}`
      else this.#payload = Buffer.alloc(length)
    }
    return rest.subarray(taken.length)
  }

  #readPayload(payload: Buffer, rest: Uint8Array, payloads: Uint8Array[]): Uint8Array {
    const taken = rest.subarray(0, payload.length - this.#payloadBytes)
    payload.set(taken, this.#payloadBytes)
    this.#payloadBytes += taken.length
    if (this.#payloadBytes === payload.length) {
      payloads.push(payload)
      this.#payload = undefined
      this.#payloadBytes = 0
      this.#headBytes = 0
    }
    return rest.subarray(taken.length)
  }
}
