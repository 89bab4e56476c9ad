import { type Clock, sleep } from '@hotspare/core'
import { cloudDefaults } from './defaults.ts'
import { CloudError, type CloudFault } from './errors.ts'
import type { CallLimits } from './limits.ts'

export interface CallBudgetOptions {
  /** How many calls a second come back. */
  readonly perSecond: number
  /** How many calls there may be at once after a quiet time. */
  readonly burst: number
  readonly clock: Clock
}

/** A token bucket for the calls to one cloud. It also keeps the pauses that are asked for, and heeds what answers say of limits. */
export class CallBudget {
  readonly #options: CallBudgetOptions
  #left: number
  #filledMs: number
  #pausedUntilMs = -Infinity
  #pausedBy: CloudFault = 'limited'
  #limitedInRow = 0

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

  /** A pause is told, and not waited for. @throws CloudError of what it is for, with the time that is left */
  checkPause(who: string): void {
    const retryAfterMs = Math.ceil(this.pauseMs())
    if (retryAfterMs > 0) throw new CloudError({ who, fault: this.#pausedBy, why: leftAlone(retryAfterMs), retryAfterMs })
  }

  /** Waits for its turn. @throws the reason of `signal` */
  async take(signal: AbortSignal): Promise<void> {
    while (!this.tryTake()) await sleep(Math.max(1, Math.ceil(this.waitMs())), { signal, clock: this.#options.clock })
  }

  /** Nothing goes out for so long, in milliseconds. */
  pause(forMs: number, by: CloudFault = 'limited'): void {
    const untilMs = this.#options.clock.monotonicMs() + forMs
    if (untilMs <= this.#pausedUntilMs) return
    this.#pausedUntilMs = untilMs
    this.#pausedBy = by
  }

  /** What is left by the word of the other side: others may use the same account. */
  heedLimits({ remaining, resetMs }: CallLimits): void {
    if (remaining === undefined) return
    this.#fill()
    this.#left = Math.min(this.#left, remaining)
    if (remaining === 0 && resetMs !== undefined) this.pause(Math.min(resetMs, cloudDefaults.longestAskedMs))
  }

  /** A call was answered as it should be. */
  succeeded(): void {
    this.#limitedInRow = 0
  }

  /**
   * A call has failed: what that asks for is kept.
   *
   * @param pauses for refused credentials, and for a limit without a time: how long, in milliseconds; by default a minute at most
   */
  failed(
    { fault, retryAfterMs }: Pick<CloudError, 'fault' | 'retryAfterMs'>,
    pauses: { readonly credentialsMs?: number | undefined; readonly limitedMs?: number | undefined } = {},
  ): void {
    const { credentialsPauseMs, limitedMs, longestGuessMs, longestAskedMs } = cloudDefaults
    const askedMs = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, longestAskedMs)
    if (fault === 'credentials') return this.pause(pauses.credentialsMs ?? credentialsPauseMs, fault)
    if (fault !== 'limited') {
      if (askedMs !== undefined) this.pause(askedMs, fault)
      return
    }
    // A limit without a time is one that has to be guessed: each further answer of this kind makes the guess longer.
    const guessMs = pauses.limitedMs ?? Math.min(limitedMs * 2 ** Math.min(this.#limitedInRow, 30), longestGuessMs)
    this.#limitedInRow += 1
    this.pause(askedMs ?? guessMs, fault)
  }

  #fill(): void {
    const nowMs = this.#options.clock.monotonicMs()
    const { perSecond, burst } = this.#options
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#filledMs) * perSecond) / 1_000)
    this.#filledMs = nowMs
  }
}

/** @param forMs how long nothing goes out */
export function leftAlone(forMs: number): string {
  return `left alone for another ${forMs} ms`
}
