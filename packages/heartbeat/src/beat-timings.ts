/** How late beats came, and how many were lost: counts since the start, of one path. Plain data. */
export interface BeatTimings {
  /** The interval that was in force, in milliseconds. */
  readonly intervalMs: number
  /** Beats that came after another of the same process, while this node itself was on time. */
  readonly received: number
  /** Beats that were lost between those. */
  readonly lost: number
  /** Rows of lost beats: fewer than `lost` where several were lost in a row. */
  readonly lostRows: number
  /**
   * Of the beats that came, how many came later than each of {@link LATENESS_BOUNDS_MS}: by how much the time since the beat
   * before it, as it came, was longer than the intervals between the two.
   */
  readonly later: readonly number[]
  /** The largest such lateness, in milliseconds. */
  readonly worstMs: number
}

/** Bounds of lateness in milliseconds: six a decade, so that no bound is more than 1.7 times the one before it. */
export const LATENESS_BOUNDS_MS: readonly number[] = Object.freeze(
  [0, 1, 2, 3, 4].flatMap((decade) => [1, 1.5, 2, 3, 5, 7].map((step) => step * 10 ** decade)),
)

/** Counts beats as they come. */
export class BeatTimer {
  readonly #intervalMs: number
  readonly #later: number[] = LATENESS_BOUNDS_MS.map(() => 0)
  #received = 0
  #lost = 0
  #lostRows = 0
  #worstMs = 0

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  /**
   * A beat that follows another.
   *
   * @param gapMs from the one to the other, as they came
   * @param lost how many between the two did not come
   */
  add(gapMs: number, lost: number): void {
    const latenessMs = Math.max(0, gapMs - (lost + 1) * this.#intervalMs)
    this.#received += 1
    this.#lost += lost
    if (lost > 0) this.#lostRows += 1
    this.#worstMs = Math.max(this.#worstMs, latenessMs)
    for (let index = 0; index < LATENESS_BOUNDS_MS.length; index++) {
      if (latenessMs <= (LATENESS_BOUNDS_MS[index] ?? Infinity)) break
      this.#later[index] = (this.#later[index] ?? 0) + 1
    }
  }

  snapshot(): BeatTimings {
    const counts = { received: this.#received, lost: this.#lost, lostRows: this.#lostRows, worstMs: this.#worstMs }
    return { intervalMs: this.#intervalMs, ...counts, later: [...this.#later] }
  }
}
