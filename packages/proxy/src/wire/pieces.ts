const NOTHING = Buffer.alloc(0)
const SMALLEST = 512

/**
 * The bytes of a head as they come in. One that came in one piece, as nearly all do, is read where it lies; of one that
 * comes in several, the pieces are put together in a buffer that doubles as it fills, so that each byte is copied a
 * bounded number of times.
 */
export class Pieces {
  /** Where the bytes lie: from `base`, `length` of them. */
  bytes: Buffer = NOTHING
  base = 0
  length = 0
  readonly #most: number
  #kept: Buffer = NOTHING
  #keptLength = 0
  /** Of `length`, those that an earlier piece brought. */
  #before = 0

  /** @param most bytes that are taken in; what comes behind them is left where it is */
  constructor(most: number) {
    this.#most = most
  }

  /** Nothing more can be taken in. */
  get full(): boolean {
    return this.length === this.#most
  }

  /** Lets the last head's bytes go. */
  begin(): void {
    this.#kept = NOTHING
    this.#keptLength = 0
  }

  add(piece: Buffer, start: number, end: number): void {
    this.#before = this.#keptLength
    const taken = Math.min(end - start, this.#most - this.#before)
    this.length = this.#before + taken
    if (this.#before === 0) {
      this.bytes = piece
      this.base = start
      return
    }
    this.#keep(piece, start, taken)
    this.bytes = this.#kept
    this.base = 0
  }

  /** The head goes on in another piece: what there is of it is kept, since the piece is not ours. */
  keep(): void {
    if (this.#keptLength === 0) this.#keep(this.bytes, this.base, this.length)
  }

  /** How many of the last piece's bytes the head took, if it ends at this offset. */
  takenFromLast(end: number): number {
    return end - this.#before
  }

  #keep(piece: Buffer, start: number, length: number): void {
    const needed = this.#keptLength + length
    if (needed > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(SMALLEST, Math.min(this.#most, 2 * needed)))
      this.#kept.copy(larger, 0, 0, this.#keptLength)
      this.#kept = larger
    }
    piece.copy(this.#kept, this.#keptLength, start, start + length)
    this.#keptLength = needed
  }
}
