import type { Clock } from '@hotspare/core'
import { HotspareError } from '@hotspare/core'
import type { Probe, ProbeResult } from '../probe.ts'
import { soundResult, thrownResult } from '../sound-result.ts'
import { type CompositionRules, decide, judgeAll, type OutcomeCounts } from './decide.ts'

/** The probes that make a whole, by name. */
export type ProbeParts = Readonly<Record<string, Probe>>

interface PartsOrder {
  readonly parts: ProbeParts
  readonly rules: CompositionRules
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/** How it ended: which outcome, and from which results, in the order of the parts. */
interface PartsEnd {
  readonly outcome: ProbeResult['outcome']
  readonly results: ReadonlyMap<string, ProbeResult>
}

/**
 * Runs all parts at once, until the outcome is certain or the deadline comes; a part that is still out then has failed.
 * What is still running afterwards is cancelled.
 *
 * @throws the reason of the caller's signal when it aborts
 */
export function runParts({ parts, rules, timeoutMs, clock, signal }: PartsOrder): Promise<PartsEnd> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const startedMs = clock.monotonicMs()
    const cancel = new AbortController()
    const results = new Map<string, ProbeResult>()
    const names = Object.keys(parts)
    let ended = false
    const end = (settle: () => void, reason: unknown) => {
      ended = true
      timer.cancel()
      signal?.removeEventListener('abort', onAbort)
      settle()
      cancel.abort(reason)
    }
    const finish = (outcome: ProbeResult['outcome']) => {
      const inOrder = new Map<string, ProbeResult>()
      for (const name of names) {
        const result = results.get(name)
        if (result) inOrder.set(name, result)
      }
      end(() => resolve({ outcome, results: inOrder }), notNeeded())
    }
    const onAbort = () => end(() => reject(signal?.reason), signal?.reason)
    const timer = clock.schedule(timeoutMs, () => {
      for (const name of names) if (!results.has(name)) results.set(name, lateResult(timeoutMs))
      finish(judgeAll(count(results), rules))
    })
    signal?.addEventListener('abort', onAbort, { once: true })
    const note = (name: string, result: ProbeResult) => {
      if (ended) return
      results.set(name, result)
      const outcome = decide(count(results), names.length - results.size, rules)
      if (outcome !== undefined) finish(outcome)
    }
    for (const [name, probe] of Object.entries(parts)) {
      runPart(probe, cancel.signal).then(
        (result) => note(name, result),
        (error: unknown) => note(name, thrownResult(error, clock.monotonicMs() - startedMs)),
      )
    }
  })
}

/** A probe that throws instead of rejecting, or gives no result, is one broken part, and not the end of the others. */
async function runPart(probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
  return soundResult(await probe.run({ signal }))
}

function count(results: ReadonlyMap<string, ProbeResult>): OutcomeCounts {
  const counts = { pass: 0, degraded: 0, fail: 0, inconclusive: 0 }
  for (const { outcome } of results.values()) counts[outcome]++
  return counts
}

function lateResult(timeoutMs: number): ProbeResult {
  return { outcome: 'fail', reason: 'timeout', durationMs: timeoutMs, detail: `no result within ${timeoutMs} ms` }
}

function notNeeded(): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEALTH_ABORTED', message: 'health: probe: the outcome is certain without it' })
}
