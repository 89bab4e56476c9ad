/** What decides how soon a silence is noticed. */
export interface DetectionTimes {
  readonly intervalMs: number
  /** The silence that convicts. */
  readonly limitMs: number
  readonly ownPauseMs: number
}

/**
 * The longest time from a peer's last beat to its conviction, in milliseconds: when this node looks on time, and when its looks are
 * as late as they may be without being a pause. Of a late look, what may still lie unread in the socket is not held
 * against the peer; so two late looks in a row add up.
 */
export function detectionBoundMs({ intervalMs, limitMs, ownPauseMs }: DetectionTimes): { readonly onTime: number; readonly late: number } {
  return { onTime: limitMs + intervalMs, late: limitMs + 2 * ownPauseMs }
}
