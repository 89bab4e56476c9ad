import { type Clock, systemClock } from './clock.ts'
import { retryBudgetDefaults } from './defaults.ts'

export interface RetryBudgetOptions {
  /** Retries allowed as a share of the requests of the window. Default: 0.2 */
  readonly ratio?: number | undefined
  /** Retries per second that are always allowed, so that a quiet service can retry at all; counted over the window, so they may come in one burst. Default: 10 */
  readonly minimumPerSecond?: number | undefined
  /** How long a request or a retry counts, in milliseconds. Default: 10,000 */
  readonly windowMs?: number | undefined
  readonly clock?: Clock | undefined
}

const SLOTS = retryBudgetDefaults.slots

/**
 * Keeps retries from becoming the outage: over a sliding window, at most `ratio` of the requests plus a small
 * floor may be retried. A retry is charged when it is decided, so those that wait in back-off count.
 * (The budget of Finagle: 20 % and 10 a second over 10 s.)
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #floor: number
  readonly #slotMs: number
  readonly #clock: Clock
  readonly #requests = new Float64Array(SLOTS)
  readonly #retries = new Float64Array(SLOTS)
  #slot = 0

  constructor(options: RetryBudgetOptions = {}) {
    const {
      ratio = retryBudgetDefaults.ratio,
      minimumPerSecond = retryBudgetDefaults.minimumPerSecond,
      windowMs = retryBudgetDefaults.windowMs,
      clock = systemClock,
    } = options
    this.#ratio = ratio
    this.#floor = (minimumPerSecond * windowMs) / 1_000
    this.#slotMs = windowMs / SLOTS
    this.#clock = clock
    this.#slot = this.#currentSlot()
  }

  /** Counts a request, not its retries. */
  recordRequest(): void {
    this.#advance()
    this.#requests[this.#slot % SLOTS]! += 1
  }

  /** @returns whether one more retry may go out; if so it is charged */
  tryRetry(): boolean {
    if (this.remaining() < 1) return false
    this.#retries[this.#slot % SLOTS]! += 1
    return true
  }

  /** How many retries may go out now. */
  remaining(): number {
    this.#advance()
    return this.#floor + this.#ratio * sum(this.#requests) - sum(this.#retries)
  }

  #currentSlot(): number {
    return Math.floor(this.#clock.monotonicMs() / this.#slotMs)
  }

  #advance(): void {
    const current = this.#currentSlot()
    const expired = Math.min(SLOTS, current - this.#slot)
    for (let offset = 1; offset <= expired; offset++) {
      const index = (this.#slot + offset) % SLOTS
      this.#requests[index] = 0
      this.#retries[index] = 0
    }
    this.#slot = current
  }
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}
