import { abortReason, type Clock, sleep, withDeadline } from '@hotspare/core'
import type { Right } from '@hotspare/core/plan'

/** Nothing more may be asked for: the right has ended, or the time. */
export class RunEnded extends Error {}

export interface CallsOptions {
  readonly who: string
  readonly right: Pick<Right, 'isValid' | 'deadlineMs' | 'signal'> | undefined
  /** Until when calls may be under way, in milliseconds of the clock; the right may end earlier. */
  readonly untilMs: number
  readonly rightMarginMs: number
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/** The calls of one run: none begins without a right that is valid at that moment, and none outlives it. */
export class RunCalls {
  readonly #options: CallsOptions

  constructor(options: CallsOptions) {
    this.#options = options
  }

  /** How much time is left, in milliseconds. A right that is renewed meanwhile lasts longer. */
  leftMs(): number {
    const { right, untilMs, rightMarginMs, clock } = this.#options
    return Math.min(untilMs, (right?.deadlineMs ?? Infinity) - rightMarginMs) - clock.monotonicMs()
  }

  /** @throws RunEnded; the reason of the caller's signal; whatever the call throws */
  async make<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { who, right, clock, signal } = this.#options
    this.#check()
    const signals = [signal, right?.signal].filter((each) => each !== undefined)
    try {
      return await withDeadline(who, this.leftMs(), call, { clock, signal: AbortSignal.any(signals) })
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal)
      this.#check()
      throw error
    }
  }

  /** @throws RunEnded at once where the wait would outlast the time; the reason of the caller's signal */
  async wait(forMs: number): Promise<void> {
    const { right, clock, signal } = this.#options
    if (forMs >= this.leftMs()) throw new RunEnded('the time that is left is shorter than the pause that is needed')
    const signals = [signal, right?.signal].filter((each) => each !== undefined)
    await sleep(forMs, { clock, signal: AbortSignal.any(signals) }).catch(() => this.#check())
  }

  #check(): void {
    const { right, signal } = this.#options
    if (signal?.aborted) throw abortReason(signal)
    if (right && (right.signal.aborted || !right.isValid())) throw new RunEnded('the right has ended')
    if (this.leftMs() <= 0) throw new RunEnded('its time is over')
  }
}
