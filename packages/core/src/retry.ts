import { type Clock, systemClock } from './clock.ts'
import { abortReason, sleep } from './deadline.ts'
import { retryDefaults } from './defaults.ts'
import { HotspareError } from './errors.ts'
import { type Random, systemRandom } from './random.ts'
import type { RetryBudget } from './retry-budget.ts'

export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. Default: 100 */
  readonly baseMs?: number | undefined
  /** Upper bound of every delay, in milliseconds. Default: 10,000 */
  readonly capMs?: number | undefined
  readonly random?: Random | undefined
}

/**
 * The delay before a retry, even over [0, min(cap, base * 2^(retryNumber - 1))), in milliseconds.
 * ("Full jitter", AWS Architecture Blog, Exponential Backoff And Jitter, 2015.)
 *
 * @param retryNumber 1 for the first retry
 */
export function backoffMs(retryNumber: number, options: BackoffOptions = {}): number {
  const { baseMs = retryDefaults.baseMs, capMs = retryDefaults.capMs, random = systemRandom } = options
  // The power is bounded too: 0 times its infinity would be no number.
  return random.next() * Math.min(capMs, baseMs * 2 ** Math.min(retryNumber - 1, 52))
}

export interface RetryOptions extends BackoffOptions {
  /** Calls in all, the first included. Default: 3 */
  readonly attempts?: number | undefined
  /** Which failures are worth another call. Default: a HotspareError that says `retryable` */
  readonly retryIf?: ((error: unknown) => boolean) | undefined
  /** Asked before every retry; an exhausted budget ends the retries. */
  readonly budget?: RetryBudget | undefined
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
}

/**
 * What {@link retry} calls.
 *
 * @param attempt 1 for the first call
 * @param context the `signal` of {@link RetryOptions}, so that an abort also reaches a call in progress
 */
export type RetriedWork<T> = (attempt: number, context: { readonly signal: AbortSignal | undefined }) => Promise<T>

/**
 * Calls `work` until it succeeds, `attempts` are used up, the failure is not worth a retry, or the budget is empty.
 *
 * @throws the last failure, or the reason of `signal` when it aborts during a wait
 */
export async function retry<T>(work: RetriedWork<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = retryDefaults.attempts, retryIf = isRetryable, budget, signal, clock = systemClock } = options
  budget?.recordRequest()
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted) throw abortReason(signal)
    try {
      return await work(attempt, { signal })
    } catch (error) {
      if (attempt >= attempts || !retryIf(error) || budget?.tryRetry() === false) throw error
      await sleep(backoffMs(attempt, options), { signal, clock })
    }
  }
}

function isRetryable(error: unknown): boolean {
  return HotspareError.is(error) && error.retryable
}
