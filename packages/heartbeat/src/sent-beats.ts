/** When our last beats went out: what a peer reports to have heard is dated with it. */
export class SentBeats {
  readonly #counters: Float64Array
  readonly #times: Float64Array
  #first = 0
  #latest = 0
  #oldestMs = 0

  /** @param capacity how many beats are remembered */
  constructor(capacity: number) {
    this.#counters = new Float64Array(capacity)
    this.#times = new Float64Array(capacity)
  }

  /** The lowest counter that we have sent; 0 before the first. */
  get first(): number {
    return this.#first
  }

  /** The highest counter that we have sent; 0 before the first. */
  get latest(): number {
    return this.#latest
  }

  /** No beat that is forgotten went out after this. */
  get oldestMs(): number {
    return this.#oldestMs
  }

  record(counter: number, atMs: number): void {
    const slot = counter % this.#counters.length
    if (this.#latest === 0) {
      this.#first = counter
      this.#oldestMs = atMs
    } else if (this.#counters[slot] !== 0) {
      // What is written over here was the oldest: everything that is left was sent later.
      this.#oldestMs = this.#times[slot] ?? atMs
    }
    this.#counters[slot] = counter
    this.#times[slot] = atMs
    this.#latest = counter
  }

  /** @returns when the beat went out, or undefined when that is forgotten or never was */
  at(counter: number): number | undefined {
    const slot = counter % this.#counters.length
    return counter > 0 && this.#counters[slot] === counter ? this.#times[slot] : undefined
  }
}
