import type { Clock, Logger } from '@hotspare/core'
import { errorText, LONGEST_DELAY_MS, withDeadline } from '@hotspare/core'
import { monitorDefaults } from './defaults.ts'
import type { Probe, ProbeResult } from './probe.ts'
import { soundResult, thrownResult } from './sound-result.ts'

interface GuardOptions {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Runs a probe; one that throws, never ends or gives no result counts as failed, so that a broken probe stops no loop. Only
 * for want of something on this side it does not count.
 */
export async function runGuarded(id: string, probe: Probe, { signal, clock, logger }: GuardOptions): Promise<ProbeResult> {
  const startedMs = clock.monotonicMs()
  try {
    const work = (own: AbortSignal) => probe.run({ signal: own })
    const limitMs = Math.min(LONGEST_DELAY_MS, probe.timeoutMs + monitorDefaults.overrunMs)
    return soundResult(await withDeadline(`probe of ${id}`, limitMs, work, { signal, clock }))
  } catch (error) {
    if (!signal.aborted) logger.warn({ targetId: id, probeType: probe.type, error: errorText(error) }, 'a probe threw')
    return thrownResult(error, clock.monotonicMs() - startedMs)
  }
}
