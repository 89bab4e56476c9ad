import { assertNever } from '@hotspare/core'

/** A chunk's size with what follows it; the longest that Node itself writes is 18 bytes. */
const MAX_SIZE_LINE_BYTES = 1_024

/** Takes the chunks of a body apart (RFC 9112, section 7.1). Keeps a line at most, and no bytes of the body. */
export class ChunkedBody {
  readonly #maxExtraBytes: number
  #expects: 'size' | 'data' | 'data-end' | 'trailer' | 'nothing' = 'size'
  #line = ''
  #leftBytes = 0
  #extraBytes = 0
  #problem: string | undefined

  /** @param maxExtraBytes for all that is neither size nor body: extensions of chunks, and the trailer */
  constructor(maxExtraBytes: number) {
    this.#maxExtraBytes = maxExtraBytes
  }

  get complete(): boolean {
    return this.#expects === 'nothing' && this.#problem === undefined
  }

  get problem(): string | undefined {
    return this.#problem
  }

  /** Gives each piece of the body to `onBytes`, as a view of `chunk`. */
  add(chunk: Buffer, onBytes: (bytes: Buffer) => void): void {
    let at = 0
    while (at < chunk.length && this.#expects !== 'nothing') {
      if (this.#expects === 'data') {
        const piece = chunk.subarray(at, at + this.#leftBytes)
        at += piece.length
        this.#leftBytes -= piece.length
        if (this.#leftBytes === 0) this.#expects = 'data-end'
        onBytes(piece)
      } else {
        at = this.#addToLine(chunk, at)
      }
    }
  }

  /** @returns where the next line begins */
  #addToLine(chunk: Buffer, from: number): number {
    const feed = chunk.indexOf(0x0a, from)
    const end = feed === -1 ? chunk.length : feed
    const maxBytes = this.#longestLine()
    if (this.#line.length + end - from > maxBytes) {
      this.#refuse()
      return chunk.length
    }
    this.#line += chunk.toString('latin1', from, end)
    if (feed === -1) return end
    const line = this.#line
    this.#line = ''
    if (line.endsWith('\r')) this.#take(line.slice(0, -1))
    else this.#refuse()
    return feed + 1
  }

  #take(line: string): void {
    if (this.#expects === 'data-end') {
      this.#expects = 'size'
      // Anything else than an empty line is a chunk that is longer than it said.
      if (line !== '') this.#refuse()
    } else if (this.#expects === 'trailer') {
      this.#extraBytes += line.length
      if (line === '') this.#expects = 'nothing'
    } else {
      this.#takeSize(line)
    }
    if (this.#extraBytes > this.#maxExtraBytes) this.#refuse(`chunk extensions and a trailer longer than ${this.#maxExtraBytes} bytes`)
  }

  #takeSize(line: string): void {
    const size = /^([0-9A-Fa-f]{1,13})(?:[ \t]*;.*)?$/.exec(line)?.[1]
    if (size === undefined) return this.#refuse()
    this.#leftBytes = Number.parseInt(size, 16)
    this.#extraBytes += line.length - size.length
    this.#expects = this.#leftBytes === 0 ? 'trailer' : 'data'
  }

  #longestLine(): number {
    switch (this.#expects) {
      case 'size':
        return MAX_SIZE_LINE_BYTES
      case 'data-end':
        return 1
      case 'trailer':
        return this.#maxExtraBytes
      case 'data':
      case 'nothing':
        return 0
      default:
        return assertNever(this.#expects)
    }
  }

  #refuse(problem = 'the chunks of the body are malformed'): void {
    this.#problem ??= problem
    this.#expects = 'nothing'
  }
}
