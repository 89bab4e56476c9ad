/** Collects one message as DNS has it on TCP: two bytes of length, then so many bytes. Keeps 64 KiB at most. */
export class TcpMessage {
  readonly #length = Buffer.alloc(2)
  #lengthBytes = 0
  #message: Buffer | undefined
  #messageBytes = 0

  /** @returns the message, once it is whole; what comes after it is left aside */
  add(chunk: Buffer): Buffer | undefined {
    let rest = chunk
    if (this.#lengthBytes < 2) {
      const taken = rest.copy(this.#length, this.#lengthBytes)
      this.#lengthBytes += taken
      rest = rest.subarray(taken)
      if (this.#lengthBytes < 2) return undefined
    }
    this.#message ??= Buffer.alloc(this.#length.readUInt16BE(0))
    this.#messageBytes += rest.copy(this.#message, this.#messageBytes)
    return this.#messageBytes === this.#message.length ? this.#message : undefined
  }

  /** `5 of 100 bytes` */
  get progress(): string {
    return this.#message ? `${this.#messageBytes} of ${this.#message.length} bytes` : 'no byte of it'
  }
}

/** @returns the message with its length in front, for TCP */
export function withLength(message: Buffer): Buffer {
  const framed = Buffer.alloc(2 + message.length)
  framed.writeUInt16BE(message.length)
  message.copy(framed, 2)
  return framed
}
