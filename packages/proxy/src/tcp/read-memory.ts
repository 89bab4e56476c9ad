/** As much as libuv reads at a time. With a quarter of it, bulk costs three times as much. */
const READ_BYTES = 65_536
/** For connections that come and go: four megabytes. */
const MOST_SPARES = 64

/**
 * The memory that targets are read into: each connection has one piece of it for all its life, instead of a new one for each
 * read. Only what was read into becomes real memory, so a connection that never carried much has little.
 */
export class ReadMemory {
  readonly #spares: Buffer[] = []

  borrow(): Buffer {
    // Not of the shared pool; and only bytes that were read into it are ever looked at.
    return this.#spares.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES)
  }

  /** Nobody reads into it any more, and nobody writes from it. */
  giveBack(memory: Buffer): void {
    if (this.#spares.length < MOST_SPARES) this.#spares.push(memory)
  }
}
