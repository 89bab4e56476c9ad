/**
 * Looks at the bytes that have come so far.
 *
 * @returns how many of them, from the first, make up what was waited for, or undefined while that is not whole
 */
export type Cut = (bytes: Buffer) => number | undefined

const EMPTY = Buffer.alloc(0)

/** Keeps what a server has sent until it is taken, and never more than the limit of the one who waits, and one chunk. */
export class Inbox {
  #bytes: Buffer = EMPTY

  add(chunk: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#bytes, chunk])
  }

  get length(): number {
    return this.#bytes.length
  }

  /** @returns what `cut` asks for; `'more'` while that may still come; `'too-long'` when it is not within `maxBytes` */
  take(cut: Cut, maxBytes: number): Buffer | 'more' | 'too-long' {
    const size = cut(this.#bytes.subarray(0, maxBytes))
    if (size === undefined) return this.#bytes.length >= maxBytes ? 'too-long' : 'more'
    const taken = this.#bytes.subarray(0, size)
    this.#bytes = this.#bytes.subarray(size)
    return taken
  }
}

const LINE_FEED = 10

/** Up to and with the next line feed. */
export const wholeLine: Cut = (bytes) => {
  const at = bytes.indexOf(LINE_FEED)
  return at === -1 ? undefined : at + 1
}

export function exactly(count: number): Cut {
  return (bytes) => (bytes.length >= count ? count : undefined)
}

/** Up to and with the first occurrence of `wanted`. */
export function upTo(wanted: Uint8Array): Cut {
  return (bytes) => {
    const at = bytes.indexOf(wanted)
    return at === -1 ? undefined : at + wanted.length
  }
}
