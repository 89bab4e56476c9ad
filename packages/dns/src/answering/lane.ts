interface Waiting {
  begin: () => void
  isUrgent: boolean
}

/** A place in a lane. */
export interface Place<T> {
  readonly done: Promise<T>
  /** Goes before all that is not urgent; too late once it has begun. */
  hurry(): void
}

/** Work that waits for its turn: so much of it at the same time, what is urgent first, and else in the order in which it was asked for. */
export class Lane {
  readonly #width: number
  readonly #waiting: Waiting[] = []
  #busy = 0

  constructor(width: number) {
    this.#width = width
  }

  enter<T>(work: () => Promise<T>, isUrgent: boolean): Place<T> {
    const waiting: Waiting = { begin: () => {}, isUrgent }
    const turn = new Promise<void>((resolve) => (waiting.begin = resolve))
    this.#waiting.push(waiting)
    const done = turn.then(work).finally(() => {
      this.#busy -= 1
      this.#next()
    })
    this.#next()
    return { done, hurry: () => void (waiting.isUrgent = true) }
  }

  #next(): void {
    while (this.#busy < this.#width && this.#waiting.length > 0) {
      const first = this.#waiting.findIndex(({ isUrgent }) => isUrgent)
      const [next] = this.#waiting.splice(Math.max(0, first), 1)
      this.#busy += 1
      next?.begin()
    }
  }
}
