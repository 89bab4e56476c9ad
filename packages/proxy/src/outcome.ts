import { type AttemptFailure, isOfTarget } from './failure.ts'
import type { EndedTry } from './request-record.ts'
import type { PickOutcome } from './types.ts'

/**
 * What an attempt shows its picker; undefined where it shows nothing of the target.
 *
 * @param failure absent when the target answered
 * @param nowMs by the clock of `startedMs`
 */
export function outcomeOf({ head, startedMs }: EndedTry, failure: AttemptFailure | undefined, nowMs: number): PickOutcome | undefined {
  if (failure ? !isOfTarget(failure) : !head) return undefined
  const latencyMs = (head?.atMs ?? nowMs) - startedMs
  return { latencyMs, ok: !failure && head !== undefined && isWork(head.status) }
}

/** What is quickly turned away must not draw more: a target that fails, or that is asked too much. */
function isWork(status: number): boolean {
  return status < 500 && status !== 429
}
