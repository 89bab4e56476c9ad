import type { EngineEvent, EngineFailure, EngineFailureReason, EngineSynced } from './engine.ts'

/** What was known of an engine after the last look. */
export interface Standing {
  /** What was wanted when it last was as wanted; undefined: never yet. */
  readonly agreed: string | undefined
  readonly failing: { readonly reason: EngineFailureReason; readonly sinceMs: number } | undefined
}

export const unknownStanding: Standing = { agreed: undefined, failing: undefined }

/**
 * What one sync means: pure, so that each order of failures and repairs can be tried.
 *
 * @param wanted what was wanted, in a form that can be compared
 * @param nowMs monotonic; the wall clock is for the events
 */
export function stepStanding(
  standing: Standing,
  outcome: EngineSynced | EngineFailure,
  { wanted, nowMs, at }: { readonly wanted: string; readonly nowMs: number; readonly at: number },
): { readonly standing: Standing; readonly events: readonly EngineEvent[] } {
  const { agreed, failing } = standing
  if (!outcome.ok) {
    const { reason, detail } = outcome
    const told = failing?.reason === reason
    return {
      standing: { agreed, failing: { reason, sinceMs: failing?.sinceMs ?? nowMs } },
      events: told ? [] : [{ type: 'engine-failed', at, reason, detail }],
    }
  }
  const { changes } = outcome
  const cause = agreed === wanted ? 'drift' : 'wanted'
  return {
    standing: { agreed: wanted, failing: undefined },
    events: [
      ...(failing ? [{ type: 'engine-recovered' as const, at, failedForMs: nowMs - failing.sinceMs }] : []),
      ...(changes.length > 0 ? [{ type: 'engine-changed' as const, at, cause, changes } as const] : []),
    ],
  }
}
