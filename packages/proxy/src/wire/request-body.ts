import { BodyReader } from './body-reader.ts'
import type { ChunkedLimits } from './limits.ts'
import type { RequestHead } from './request-head.ts'

/** Of an upload that was answered early, this much is read and dropped; past it the connection ends. */
const MOST_DROPPED_BYTES = 16 * 1024 * 1024

/**
 * A request's body on its way: one that is short and says so is kept, and can be handed to one target after the other;
 * any other flows through once.
 */
export class RequestBody {
  readonly kind: 'none' | 'kept' | 'streamed'
  readonly reader: BodyReader
  /** What the head says of its size; 0 where it says nothing. */
  readonly announcedBytes: number
  /** Whether what comes of it is taken now. */
  wanted = false
  /** A piece of it has gone to a target. */
  started = false
  /** For 100, before it sends any of it. */
  #clientWaits: boolean
  #droppedBytes = 0
  readonly #kept: Buffer[] = []
  #whole: Buffer | undefined

  /** @param head holds for this call alone */
  constructor({ framing, expectsContinue }: RequestHead, limits: ChunkedLimits, replayBytes: number) {
    this.reader = new BodyReader(framing, limits, false)
    this.announcedBytes = framing.kind === 'length' ? framing.bytes : 0
    if (this.reader.done) this.kind = 'none'
    else this.kind = framing.kind === 'length' && framing.bytes <= replayBytes ? 'kept' : 'streamed'
    this.#clientWaits = expectsContinue && !this.reader.done
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

  /** It is wanted. @returns whether the client has to be told so */
  ask(): boolean {
    const tells = this.#clientWaits
    this.#clientWaits = false
    this.wanted = true
    return tells
  }

  keep(piece: Buffer): void {
    this.#kept.push(piece)
  }

  /** What comes when the request has been answered. @returns false where it is too much to be dropped */
  drop(piece: Buffer): boolean {
    this.#droppedBytes += piece.length
    return this.#droppedBytes <= MOST_DROPPED_BYTES
  }

  /** What can be sent with the head. */
  get ready(): Buffer | undefined {
    if (this.kind !== 'kept') return undefined
    this.#whole ??= this.#kept.length === 1 ? this.#kept[0] : Buffer.concat(this.#kept)
    return this.#whole
  }
}
