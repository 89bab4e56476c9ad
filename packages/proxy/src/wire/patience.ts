import { type Deadlines, NEVER, type Timed } from '../deadlines.ts'

/** Waits once, for something that may take a while. */
export class Patience implements Timed {
  dueMs: number
  readonly #deadlines: Deadlines
  readonly #place: number
  readonly #ranOut: () => void

  constructor(deadlines: Deadlines, longestMs: number, ranOut: () => void) {
    this.#deadlines = deadlines
    this.#ranOut = ranOut
    this.dueMs = deadlines.after(longestMs)
    this.#place = deadlines.add(this)
  }

  expired(): void {
    this.#ranOut()
  }

  /** Called once, whether it has run out or not. */
  end(): void {
    this.dueMs = NEVER
    this.#deadlines.remove(this.#place)
  }
}
