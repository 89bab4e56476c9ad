interface Entry<Item> {
  readonly item: Item
  dueMs: number
  index: number
}

/** Items by the time they are due, earliest first: a binary heap that can also move and drop what is in it. */
export class DueQueue<Item> {
  readonly #heap: Entry<Item>[] = []
  readonly #entries = new Map<Item, Entry<Item>>()

  get size(): number {
    return this.#heap.length
  }

  /** The earliest item and its time, which stays in the queue. */
  peek(): { readonly item: Item; readonly dueMs: number } | undefined {
    return this.#heap[0]
  }

  /** Puts an item in, or moves it to a new time. */
  set(item: Item, dueMs: number): void {
    let entry = this.#entries.get(item)
    if (entry) {
      entry.dueMs = dueMs
    } else {
      entry = { item, dueMs, index: this.#heap.length }
      this.#heap.push(entry)
      this.#entries.set(item, entry)
    }
    this.#restore(entry)
  }

  /** Takes an item out, wherever it stands. */
  delete(item: Item): void {
    const entry = this.#entries.get(item)
    if (!entry) return
    this.#entries.delete(item)
    const last = this.#heap.pop()!
    if (last === entry) return
    this.#place(last, entry.index)
    this.#restore(last)
  }

  clear(): void {
    this.#heap.length = 0
    this.#entries.clear()
  }

  #restore(entry: Entry<Item>): void {
    this.#up(entry)
    this.#down(entry)
  }

  #up(entry: Entry<Item>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1]!
      if (parent.dueMs <= entry.dueMs) return
      this.#swap(parent, entry)
    }
  }

  #down(entry: Entry<Item>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1]
      const right = this.#heap[2 * entry.index + 2]
      const child = left && right && right.dueMs < left.dueMs ? right : left
      if (!child || child.dueMs >= entry.dueMs) return
      this.#swap(entry, child)
    }
  }

  #swap(first: Entry<Item>, second: Entry<Item>): void {
    const index = first.index
    this.#place(first, second.index)
    this.#place(second, index)
  }

  #place(entry: Entry<Item>, index: number): void {
    entry.index = index
    this.#heap[index] = entry
  }
}
