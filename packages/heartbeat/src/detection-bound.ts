/** A look that comes so much later than an interval was held up by something, and reading the socket was too. */
export const LATE_INTERVALS = 1.5

/** What decides how soon a silence is noticed. */
export interface DetectionTimes {
  readonly intervalMs: number
  /** The silence that convicts. */
  readonly limitMs: number
  /** How late this node's looks may be: at most so long after one another. */
  readonly ownPauseMs: number
}

/**
 * The longest time from a peer's last beat to its conviction, in milliseconds: when this node looks on time, and when each of
 * its looks is as late as it may be without being told of. Of a late look one interval counts as silence, and only from the next look
 * on: what lies unread in the socket is not held against the peer. Whatever the looks are, the bound is `limitMs` and two and a
 * half intervals, and the time in which this process did not run on top.
 */
export function detectionBoundMs({ intervalMs, limitMs, ownPauseMs }: DetectionTimes): { readonly onTime: number; readonly late: number } {
  const listeningMs = limitMs + (1 + LATE_INTERVALS) * intervalMs
  // A look that is not late counts in full.
  const wallForCounted = Math.max(1, ownPauseMs / intervalMs)
  return { onTime: limitMs + intervalMs, late: listeningMs * wallForCounted }
}
