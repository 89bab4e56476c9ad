import type { AdminState, Verdict } from '@hotspare/core'
import type { ProbeResult } from './probe.ts'

/** HAProxy's largest weight, as a share of the usual one. */
const MOST_WEIGHT = 256

/** The warning that holds after a result. What could not look, or looked in vain, takes none back. */
export function nextWarning(current: string | undefined, { outcome, warning }: ProbeResult): string | undefined {
  return warning ?? (outcome === 'fail' || outcome === 'inconclusive' ? current : undefined)
}

/** The share of its usual weight that a target wants, after a result: what it has said last, 1 before it said anything. */
export function nextWeight(current: number, { advice }: ProbeResult): number {
  const weight = advice?.weight
  return weight === undefined || Number.isNaN(weight) ? current : Math.min(MOST_WEIGHT, Math.max(0, weight))
}

/** What a target asks for itself, after a result: what it has said last. */
export function nextAdvice(
  current: Verdict<AdminState> | undefined,
  { advice, detail }: ProbeResult,
  wallMs: number,
): Verdict<AdminState> | undefined {
  const admin = advice?.admin
  if (admin === undefined || admin === current?.state) return current
  return admin === 'ready' ? undefined : { state: admin, since: wallMs, because: `it asks for it itself: ${detail}` }
}
