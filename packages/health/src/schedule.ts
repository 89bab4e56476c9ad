import type { MachineRules, MachineState } from './machine.ts'

/** From the start of a probe to the start of the next, in milliseconds, by how settled the state is. */
export interface PaceRules {
  readonly intervalMs: number
  /** While the state may be about to change, and at the start. */
  readonly fastIntervalMs: number
  /** While the target is down and nothing has passed. */
  readonly downIntervalMs: number
}

/** The interval that holds now, as HAProxy's `inter`, `fastinter` and `downinter`. */
export function paceMs({ state, health }: MachineState, rules: PaceRules & Pick<MachineRules, 'rise' | 'fall'>): number {
  if (state === 'unknown') return rules.fastIntervalMs
  if (health === 0) return rules.downIntervalMs
  return health === rules.rise + rules.fall - 1 ? rules.intervalMs : rules.fastIntervalMs
}

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
