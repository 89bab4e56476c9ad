/** Something that waits for its time. */
export interface Waiting {
  readonly dueMs: number
  /** Of two that are due at one time, the one that was added first comes first. */
  readonly order: number
  readonly callback: () => void
  cancelled: boolean
}

/** What waits, the first of it at hand: a binary heap. What is cancelled leaves it when its turn comes. */
export class WaitingHeap {
  readonly #heap: Waiting[] = []

  /** What is due first; undefined when nothing waits. */
  first(): Waiting | undefined {
    while (this.#heap[0]?.cancelled) this.shift()
    return this.#heap[0]
  }

  push(entry: Waiting): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (!parent || comesFirst(parent, entry)) break
      heap[at] = parent
      at = above
    }
    heap[at] = entry
  }

  cancel(entry: Waiting): void {
    entry.cancelled = true
  }

  /** Takes the first one out, cancelled or not. */
  shift(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const below = smaller(heap, 2 * at + 1)
      const child = heap[below]
      if (!child || comesFirst(last, child)) break
      heap[at] = child
      at = below
    }
    heap[at] = last
  }
}

function smaller(heap: readonly Waiting[], left: number): number {
  const [one, other] = [heap[left], heap[left + 1]]
  return one && other && comesFirst(other, one) ? left + 1 : left
}

function comesFirst(one: Waiting, other: Waiting): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order)
}
