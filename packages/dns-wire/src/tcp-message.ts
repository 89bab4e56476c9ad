import { writeNumber } from './wire-writer.ts'

/** Collects one message as DNS has it on TCP: two bytes of length, then so many bytes (RFC 1035, 4.2.2). Keeps 64 KiB at most. */
export class TcpMessage {
  readonly #length = new Uint8Array(2)
  #lengthBytes = 0
  #message: Uint8Array | undefined
  #messageBytes = 0

  /** @returns the message, once it is whole; what comes after it is left aside */
  add(chunk: Uint8Array): Uint8Array | undefined {
    let rest = chunk
    if (this.#lengthBytes < 2) {
      const taken = rest.subarray(0, 2 - this.#lengthBytes)
      this.#length.set(taken, this.#lengthBytes)
      this.#lengthBytes += taken.length
      rest = rest.subarray(taken.length)
      if (this.#lengthBytes < 2) return undefined
    }
    const [high = 0, low = 0] = this.#length
    this.#message ??= new Uint8Array(high * 256 + low)
    const taken = rest.subarray(0, this.#message.length - this.#messageBytes)
    this.#message.set(taken, this.#messageBytes)
    this.#messageBytes += taken.length
    return this.#messageBytes === this.#message.length ? this.#message : undefined
  }

  /** `5 of 100 bytes` */
  get progress(): string {
    return this.#message ? `${this.#messageBytes} of ${this.#message.length} bytes` : 'no byte of it'
  }
}

/** @returns the message with its length in front, for TCP */
export function withLength(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(2 + message.length)
  writeNumber(framed, 0, message.length, 2)
  framed.set(message, 2)
  return framed
}
