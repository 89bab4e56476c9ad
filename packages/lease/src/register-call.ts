import { abortReason, type Clock, HotspareError, timeoutError, withDeadline } from '@hotspare/core'
import { registerDefaults } from './defaults.ts'
import { registerError } from './errors.ts'
import type { RegisterCallOptions } from './register.ts'

export interface RegisterCall {
  /** Whose call it is, as its errors begin: the register's description. */
  readonly who: string
  /** For the message at the deadline: `read shop`. */
  readonly what: string
  readonly clock: Clock
  readonly options: RegisterCallOptions | undefined
}

/**
 * Runs one call of a driver within its deadline, and makes of whatever goes wrong the error that a register promises.
 *
 * @param work gets a signal that aborts at the deadline or with the caller, and the deadline by the monotonic clock
 */
export async function registerCall<T>(call: RegisterCall, work: (signal: AbortSignal, deadlineMs: number) => Promise<T>): Promise<T> {
  const { who, what, clock, options: { signal, timeoutMs = registerDefaults.timeoutMs } = {} } = call
  const deadlineMs = clock.monotonicMs() + timeoutMs
  try {
    const answer = await withDeadline(what, timeoutMs, (inner) => work(inner, deadlineMs), { signal, clock })
    // Where the event loop stood still, the answer can be there before the timer had its turn.
    if (clock.monotonicMs() > deadlineMs) throw timeoutError(what, timeoutMs)
    return answer
  } catch (error) {
    if (signal?.aborted) throw abortReason(signal)
    if (HotspareError.is(error) && error.code.startsWith('HOTSPARE_LEASE_')) throw error
    throw registerError(who, error)
  }
}
