import type { AnswerKeeper } from '../types.ts'

/** A body on its way to the client, collected for somebody who keeps it: whole, or not at all. */
export class BodyCopy {
  readonly #keeper: AnswerKeeper
  #pieces: Buffer[] | undefined = []
  #bytes = 0

  constructor(keeper: AnswerKeeper) {
    this.#keeper = keeper
  }

  add(piece: Buffer): void {
    this.#bytes += piece.length
    if (this.#bytes > this.#keeper.maxBytes) this.#pieces = undefined
    this.#pieces?.push(piece)
  }

  /** It is whole. */
  end(): void {
    // A copy: a piece may hold on to much more than itself.
    if (this.#pieces) this.#keeper.keep(Buffer.concat(this.#pieces))
    this.#pieces = undefined
  }
}
