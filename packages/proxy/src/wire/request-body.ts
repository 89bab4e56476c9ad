import { BodyReader } from './body-reader.ts'
import type { Framing } from './framing.ts'
import type { ChunkedLimits } from './limits.ts'

/**
 * The body of a request, seen from its retries. A small one is read whole before the first attempt and can be sent
 * as often as wanted; a large one flows through, and can be sent only as long as none of it has gone.
 */
export class RequestBody {
  readonly kind: 'none' | 'kept' | 'streamed'
  readonly reader: BodyReader
  /** What the head says of its size; 0 where it says nothing. */
  readonly announcedBytes: number
  /** A piece of it has gone to a target. */
  started = false
  readonly #kept: Buffer[] = []
  #whole: Buffer | undefined

  constructor(framing: Framing, limits: ChunkedLimits, replayBytes: number) {
    this.reader = new BodyReader(framing, limits, false)
    this.announcedBytes = framing.kind === 'length' ? framing.bytes : 0
    if (this.reader.done) this.kind = 'none'
    else this.kind = framing.kind === 'length' && framing.bytes <= replayBytes ? 'kept' : 'streamed'
  }

  /** Whether the client has sent all of it. */
  get complete(): boolean {
    return this.reader.done
  }

  /** Of a body in chunks: how many bytes of data have come, without what is around them. */
  get readBytes(): number {
    return this.reader.chunkedBytes
  }

  /** Whether it can be handed to one more target. */
  get replayable(): boolean {
    return !this.started
  }

  keep(piece: Buffer): void {
    this.#kept.push(piece)
  }

  /** What can be sent with the head. */
  get ready(): Buffer | undefined {
    if (this.kind !== 'kept') return undefined
    this.#whole ??= this.#kept.length === 1 ? this.#kept[0] : Buffer.concat(this.#kept)
    return this.#whole
  }
}
