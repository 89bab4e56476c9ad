import type { AttemptFailure } from '../failure.ts'

export interface ReconnectQuestion {
  readonly failure: AttemptFailure
  /** Attempts made so far, the failed one included. */
  readonly attempts: number
  readonly maxAttempts: number
  /** What is left of `openTimeoutMs`. */
  readonly remainingMs: number
}

export type ReconnectDecision =
  /** `charged`: the retry budget has to allow it. */
  { readonly retry: true; readonly charged: boolean } | { readonly retry: false; readonly because: string }

/**
 * Whether another target is tried after one could not be connected to. Nothing of the client has reached the first, so it is
 * always safe; it is only a matter of how often and how long. What never left this machine has cost no target anything, and
 * is not charged.
 */
export function decideReconnect({ failure, attempts, maxAttempts, remainingMs }: ReconnectQuestion): ReconnectDecision {
  if (attempts >= maxAttempts) return { retry: false, because: `${attempts} ${attempts === 1 ? 'attempt was' : 'attempts were'} made` }
  if (remainingMs <= 0) return { retry: false, because: 'the time to open a connection is over' }
  return { retry: true, charged: failure.reason !== 'local' }
}
