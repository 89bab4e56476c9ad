import { abortReason, backoffMs, type Clock, HotspareError, type Random, sleep } from '@hotspare/core'
import type { DnsProvider } from '../provider.ts'
import { resourceDefaults } from './defaults.ts'

export interface PatienceOptions {
  readonly provider: Pick<DnsProvider, 'waitMs'>
  readonly clock: Clock
  readonly random: Random
  /** Ends it. There has to be a deadline in it. */
  readonly signal: AbortSignal
}

/**
 * Does it again after failures that may pass, unless the provider wants to be left alone for longer than a plan can wait.
 *
 * @throws the last failure; the reason of `signal`
 */
export async function patiently<T>(work: () => Promise<T>, { provider, clock, random, signal }: PatienceOptions): Promise<T> {
  const { retryBaseMs: baseMs, retryCapMs: capMs, longestPauseMs } = resourceDefaults
  for (let failures = 1; ; failures++) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) throw abortReason(signal)
      const pauseMs = Math.max(baseMs / 2 + backoffMs(failures, { baseMs, capMs, random }), provider.waitMs())
      if (!(HotspareError.is(error) && error.retryable) || pauseMs > longestPauseMs) throw error
      await sleep(pauseMs, { signal, clock })
    }
  }
}
