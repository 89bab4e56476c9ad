import type { Clock } from '@hotspare/core'
import { sleep } from '@hotspare/core'

export interface CallBudgetOptions {
  /** How many calls a second come back. */
  readonly perSecond: number
  /** How many calls there may be at once after a quiet time. */
  readonly burst: number
  readonly clock: Clock
}

/** A token bucket for the calls to one provider, which also keeps the pauses that the provider asks for. */
export class CallBudget {
  readonly #options: CallBudgetOptions
  #left: number
  #filledMs: number
  #pausedUntilMs = -Infinity

  constructor(options: CallBudgetOptions) {
    this.#options = options
    this.#left = options.burst
    this.#filledMs = options.clock.monotonicMs()
  }

  /** @param reserve how many calls have to be left for others @returns whether a call may go out now; if so it is charged */
  tryTake(reserve = 0): boolean {
    if (this.waitMs(reserve) > 0) return false
    this.#left -= 1
    return true
  }

  /** Until a call may go out, in milliseconds. */
  waitMs(reserve = 0): number {
    this.#fill()
    const missing = Math.max(0, 1 + reserve - this.#left)
    return Math.max((missing * 1_000) / this.#options.perSecond, this.pauseMs())
  }

  /** What is left of a pause that was asked for, in milliseconds. */
  pauseMs(): number {
    return Math.max(0, this.#pausedUntilMs - this.#options.clock.monotonicMs())
  }

  /** Waits for its turn. @throws the reason of `signal` */
  async take(signal: AbortSignal): Promise<void> {
    while (!this.tryTake()) await sleep(Math.max(1, Math.ceil(this.waitMs())), { signal, clock: this.#options.clock })
  }

  /** Nothing goes out for so long. */
  pause(forMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#options.clock.monotonicMs() + forMs)
  }

  #fill(): void {
    const nowMs = this.#options.clock.monotonicMs()
    const { perSecond, burst } = this.#options
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#filledMs) * perSecond) / 1_000)
    this.#filledMs = nowMs
  }
}
