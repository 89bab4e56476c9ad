import type { Readable } from 'node:stream'

/** Reads a stream to its end and keeps the beginning. Says so once when more than `maxBytes` have come. */
export class KeptOutput {
  readonly #chunks: Buffer[] = []
  #bytes = 0

  constructor(stream: Readable | null | undefined, limits: { readonly keptBytes: number; readonly maxBytes: number }, onFlood: () => void) {
    // A machine that has run out of descriptors gives no stream.
    stream?.on('data', (chunk: Buffer) => {
      const room = limits.keptBytes - this.#bytes
      if (room > 0) this.#chunks.push(chunk.subarray(0, room))
      const before = this.#bytes
      this.#bytes += chunk.length
      if (before <= limits.maxBytes && this.#bytes > limits.maxBytes) onFlood()
    })
    stream?.on('error', () => {})
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
