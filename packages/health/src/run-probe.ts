import type { Clock } from '@hotspare/core'
import { errorCode, withDeadline } from '@hotspare/core'
import { clippedTexts, failed, type Finding } from './failure.ts'
import type { ProbePhase, ProbePhaseName, ProbeResult } from './probe.ts'

/** One run in progress. */
export interface ProbeRun {
  /** Aborts at the deadline or with the caller: let go of everything then. */
  readonly signal: AbortSignal
  /** What the run waits for, as it fits after "while": named when the deadline passes. */
  phase: string
  /** Notes that a part has ended: it took the time since the one before it. */
  ended(name: ProbePhaseName): void
}

interface RunOptions {
  readonly what: string
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/**
 * Runs `look` under the one deadline of a probe and adds the times.
 *
 * @throws the reason of the caller's signal when it aborts, and whatever `look` throws
 */
export async function runProbe(options: RunOptions, look: (run: ProbeRun) => Promise<Finding>): Promise<ProbeResult> {
  const { what, timeoutMs, clock, signal } = options
  const startedMs = clock.monotonicMs()
  const phases: ProbePhase[] = []
  let phaseStartedMs = startedMs
  const progress = {
    phase: 'starting',
    ended(name: ProbePhaseName) {
      const nowMs = clock.monotonicMs()
      phases.push({ name, tookMs: nowMs - phaseStartedMs })
      phaseStartedMs = nowMs
    },
  }
  let finding: Finding
  try {
    const work = (own: AbortSignal) => look(Object.assign(progress, { signal: own }))
    finding = await withDeadline(what, timeoutMs, work, { signal, clock })
  } catch (error) {
    // The reason as it is, whatever it is: that is the contract of a probe.
    signal?.throwIfAborted()
    if (errorCode(error) !== 'HOTSPARE_CORE_TIMEOUT') throw error
    finding = failed('timeout', `nothing more within ${timeoutMs} ms while ${progress.phase}`)
  }
  const times = { durationMs: clock.monotonicMs() - startedMs, ...(phases.length > 0 ? { phases: [...phases] } : {}) }
  return { ...clippedTexts(finding), ...times }
}
