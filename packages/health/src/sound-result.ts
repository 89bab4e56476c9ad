import { errorCode, errorText, networkFault } from '@hotspare/core'
import { clippedTexts, failed, type Finding, inconclusive } from './failure.ts'
import type { ProbeFacts, ProbeResult } from './probe.ts'

/** A probe may come from JavaScript: whatever else it gives must not count as passed, nor break whoever reads it later. */
const OUTCOMES: ReadonlySet<unknown> = new Set(['pass', 'degraded', 'fail', 'inconclusive'] satisfies ProbeResult['outcome'][])
const ADMIN_WORDS: ReadonlySet<unknown> = new Set([undefined, 'ready', 'draining', 'maintenance'])

type Claimed = Readonly<Partial<Record<keyof ProbeFacts | 'outcome' | 'reason', unknown>>>

/**
 * The result that a probe gave, fit for a line of a log.
 *
 * @throws TypeError for what is none
 */
export function soundResult(given: ProbeResult): ProbeResult {
  const problem = problemOf(given)
  if (problem !== undefined) throw new TypeError(`the probe gave no result: ${problem}`)
  return clippedTexts(given)
}

/** A probe that throws is a broken one; only for want of something on this side that says nothing of the target. */
export function thrownResult(error: unknown, durationMs: number): ProbeResult {
  return { ...clippedTexts(thrownFinding(error)), durationMs }
}

function thrownFinding(error: unknown): Finding {
  const text = errorText(error)
  try {
    if (networkFault(error) === 'local') return inconclusive(text)
    return failed(errorCode(error) === 'HOTSPARE_CORE_TIMEOUT' ? 'timeout' : 'error', text)
  } catch {
    // What is thrown may throw itself when it is looked at.
    return failed('error', text)
  }
}

function problemOf(given: unknown): string | undefined {
  if (!isObject(given)) return 'it is no object'
  const { outcome, reason, durationMs, detail, phases, measures, warning, advice }: Claimed = given
  if (!OUTCOMES.has(outcome)) return 'its outcome is none'
  if (outcome === 'fail' && typeof reason !== 'string') return 'a failure without a reason'
  if (typeof durationMs !== 'number' || Number.isNaN(durationMs)) return 'it has no durationMs'
  if (typeof detail !== 'string') return 'it has no detail'
  if (warning !== undefined && typeof warning !== 'string') return 'its warning is no text'
  if (phases !== undefined && !arePhases(phases)) return 'its phases are none'
  if (measures !== undefined && !areMeasures(measures)) return 'its measures are no numbers'
  return advice === undefined || isAdvice(advice) ? undefined : 'its advice is none'
}

function arePhases(phases: unknown): boolean {
  return Array.isArray(phases) && phases.every((phase: unknown) => isObject(phase) && 'tookMs' in phase && typeof phase.tookMs === 'number')
}

function areMeasures(measures: unknown): boolean {
  return isObject(measures) && Object.values(measures).every((value) => typeof value === 'number')
}

function isAdvice(advice: unknown): boolean {
  if (!isObject(advice)) return false
  const { weight, admin }: Readonly<{ weight?: unknown; admin?: unknown }> = advice
  return (weight === undefined || typeof weight === 'number') && ADMIN_WORDS.has(admin)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
