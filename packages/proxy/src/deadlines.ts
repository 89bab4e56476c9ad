import type { Clock, Timer } from '@hotspare/core'
import { Slots } from './slots.ts'

/** Something that may wait until a time of {@link Deadlines}; to wait for something else is to write another number. */
export interface Timed {
  dueMs: number
  /** Called once the time has come; `dueMs` is `NEVER` by then. */
  expired(): void
}

export const NEVER: number = Number.POSITIVE_INFINITY

const FINEST_MS = 5
const COARSEST_MS = 250

/**
 * All deadlines of one proxy, under one timer: a look at everything that waits, now and then, instead of a timer for
 * each request. A deadline comes at its time or up to two looks later.
 *
 * Its time stands still while the process does: after a stall of seconds the bytes that were in time wait to be read,
 * and nobody must be convicted before that.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #waiting = new Slots<Timed>()
  #count = 0
  #nowMs = 0
  #lookedAtMs = 0
  #timer: Timer | undefined

  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock
    this.#tickMs = tickMs
  }

  /** @returns the place, to be given back with `remove` */
  add(timed: Timed): number {
    this.#count += 1
    if (!this.#timer) {
      this.#lookedAtMs = this.#clock.monotonicMs()
      this.#schedule()
    }
    return this.#waiting.add(timed)
  }

  remove(place: number): void {
    this.#waiting.remove(place)
    this.#count -= 1
    if (this.#count > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** The time `delayMs` milliseconds from now, for `dueMs`; never too early. */
  after(delayMs: number): number {
    return this.#nowMs + this.#tickMs + delayMs
  }

  #schedule(): void {
    this.#timer = this.#clock.schedule(this.#tickMs, this.#look, { unref: true })
  }

  readonly #look = (): void => {
    this.#timer = undefined
    const atMs = this.#clock.monotonicMs()
    this.#nowMs += Math.min(atMs - this.#lookedAtMs, 2 * this.#tickMs)
    this.#lookedAtMs = atMs
    for (const timed of this.#waiting) {
      if (timed.dueMs > this.#nowMs) continue
      timed.dueMs = NEVER
      timed.expired()
    }
    // Something that was added meanwhile has seen to it.
    if (this.#count > 0 && !this.#timer) this.#schedule()
  }
}

/** How often to look, so that the shortest of these times is kept to a quarter. */
export function tickFor(timesMs: readonly number[]): number {
  return Math.min(COARSEST_MS, Math.max(FINEST_MS, Math.floor(Math.min(...timesMs) / 8)))
}
