/** The last `capacity` entries, oldest first; older ones fall out. */
export class BoundedHistory<Entry> implements Iterable<Entry> {
  readonly capacity: number
  readonly #entries: Entry[] = []
  /** Where the next entry goes; once the buffer is full, the place of the oldest. */
  #next = 0

  /** @param capacity how many entries are kept, at least 1 */
  constructor(capacity: number) {
    this.capacity = capacity >= 1 ? Math.floor(capacity) : 1
  }

  get size(): number {
    return this.#entries.length
  }

  push(entry: Entry): void {
    this.#entries[this.#next] = entry
    this.#next = (this.#next + 1) % this.capacity
  }

  /** What the history holds now; entries that are pushed during the iteration do not show in it. */
  [Symbol.iterator](): Iterator<Entry> {
    const oldest = this.#entries.length < this.capacity ? 0 : this.#next
    return [...this.#entries.slice(oldest), ...this.#entries.slice(0, oldest)].values()
  }
}
