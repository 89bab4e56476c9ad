import type { Clock, Logger } from '@hotspare/core'
import { clipDetail, errorCode, errorText, LONGEST_DELAY_MS, networkFault, withDeadline } from '@hotspare/core'
import { monitorDefaults } from './defaults.ts'
import type { Probe, ProbeResult } from './probe.ts'

/** A probe may come from JavaScript: whatever else it gives must not count as passed. */
const OUTCOMES: ReadonlySet<unknown> = new Set(['pass', 'degraded', 'fail', 'inconclusive'] satisfies ProbeResult['outcome'][])

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
    const result = await withDeadline(`probe of ${id}`, limitMs, work, { signal, clock })
    const { outcome, warning } = result
    if (!OUTCOMES.has(outcome)) throw new TypeError('the probe gave no result')
    return { ...result, detail: clipDetail(result.detail), ...(warning === undefined ? {} : { warning: clipDetail(warning) }) }
  } catch (error) {
    if (!signal.aborted) logger.warn({ targetId: id, probeType: probe.type, error: errorText(error) }, 'a probe threw')
    const durationMs = clock.monotonicMs() - startedMs
    const detail = clipDetail(errorText(error))
    if (networkFault(error) === 'local') return { outcome: 'inconclusive', detail, durationMs }
    const reason = errorCode(error) === 'HOTSPARE_CORE_TIMEOUT' ? 'timeout' : 'error'
    return { outcome: 'fail', reason, detail, durationMs }
  }
}
