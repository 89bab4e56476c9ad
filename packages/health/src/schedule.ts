/**
 * The next time of an absolute schedule: the first of `anchor + k * interval` (k >= 0) that lies after `now`.
 * Times that were missed are skipped, not made up for; nothing drifts, since lateness never enters the sum.
 */
export function nextDueMs(anchorMs: number, intervalMs: number, nowMs: number): number {
  if (nowMs < anchorMs) return anchorMs
  const passed = Math.floor((nowMs - anchorMs) / intervalMs)
  const dueMs = anchorMs + (passed + 1) * intervalMs
  // The division may round a whole number down; without this the same time would come twice.
  return dueMs > nowMs ? dueMs : dueMs + intervalMs
}
