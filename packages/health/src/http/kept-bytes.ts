const NO_BYTES: Buffer = Buffer.alloc(0)

/** Keeps the first bytes of what comes in pieces, in one place: however small the pieces are, they take no more room than their bytes. */
export class KeptBytes {
  readonly #maxBytes: number
  #buffer = NO_BYTES
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get length(): number {
    return this.#length
  }

  /** What is kept; good until more is added. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** What does not fit any more is left out. */
  add(piece: Buffer): void {
    const wanted = Math.min(this.#length + piece.length, this.#maxBytes)
    if (wanted > this.#buffer.length) {
      // Twice the room each time, so that what comes byte by byte is not copied as often.
      const larger = Buffer.alloc(Math.min(Math.max(2 * this.#buffer.length, wanted, 512), this.#maxBytes))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    this.#length += piece.copy(this.#buffer, this.#length, 0, wanted - this.#length)
  }

  clear(): void {
    this.#length = 0
  }
}
