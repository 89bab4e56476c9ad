/** What the work knows of its input. */
export interface Turn<Input> {
  /** The newest; a later call may give another. */
  readonly peek: () => Input
  /** The newest, and from now on the one of this run: what comes later waits for the next. */
  readonly take: () => Input
}

/**
 * Runs one piece of work at a time. While one runs, the newest input waits, and takes the place of one that waited before
 * it: what was wanted meanwhile and is wanted no more is never done. All who waited get the result of the newest.
 */
export class Latest<Input, Result> {
  readonly #work: (turn: Turn<Input>) => Promise<Result>
  #running: Promise<unknown> | undefined
  #waiting: { input: Input; readonly result: Promise<Result> } | undefined

  /** @param work takes its input as late as it can: until then a newer one may take its place */
  constructor(work: (turn: Turn<Input>) => Promise<Result>) {
    this.#work = work
  }

  run(input: Input): Promise<Result> {
    if (this.#waiting) {
      this.#waiting.input = input
      return this.#waiting.result
    }
    const before = this.#running ?? Promise.resolve()
    const turn = before.then(() => this.#begin())
    this.#waiting = { input, result: turn }
    // The next one comes after this one, however it ends.
    const ended = turn.then(
      () => undefined,
      () => undefined,
    )
    this.#running = ended
    return turn
  }

  async #begin(): Promise<Result> {
    const turn = this.#waiting!
    let taken = false
    const take = () => {
      if (!taken) {
        taken = true
        this.#waiting = undefined
      }
      return turn.input
    }
    try {
      return await this.#work({ peek: () => turn.input, take })
    } finally {
      take()
    }
  }
}
