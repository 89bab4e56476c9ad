/** More than this many are in use only while heads come in pieces. */
const MOST = 64

/**
 * Readers that nobody uses. One serves any number of connections, but for a head that is incomplete, which stays in its
 * reader; so a connection borrows one for as long as it reads a head, and an idle one has none.
 */
export class Spares<Reader> {
  readonly #make: () => Reader
  readonly #spare: Reader[] = []

  constructor(make: () => Reader) {
    this.#make = make
  }

  borrow(): Reader {
    return this.#spare.pop() ?? this.#make()
  }

  /** Only one that has given a head or a refusal, and whose head nobody looks at any more. */
  giveBack(reader: Reader): void {
    if (this.#spare.length < MOST) this.#spare.push(reader)
  }
}
