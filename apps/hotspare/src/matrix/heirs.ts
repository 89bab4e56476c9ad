import type { ServiceTimes } from './times.ts'

/**
 * Who may be the first to take what is nobody's any more, the likeliest first. A member leaves those before it some time to go
 * first; it is the next one's all the same where that one finds out so much later.
 */
export function heirsOf(members: readonly string[], times: ServiceTimes): readonly string[] {
  return members.slice(1).filter((_, ahead) => ahead === 0 || mayBeOvertaken(times, ahead))
}

/** Whether a member may find out sooner than one that is so many places before it, and not leave it enough time. */
export function mayBeOvertaken(times: ServiceTimes, places: number): boolean {
  return spreadOf(times) > (places * times.staggerMs) / (1 + times.clockRateError)
}

/** How far apart two members may find out that it is free: by looks that are due at other times, and by clocks of other rates. */
function spreadOf({ clockRateError, lease, heartbeat, tickMs }: ServiceTimes): number {
  const [waitMs, lookMs] = lease ? [lease.ttlMs, lease.pollMs + lease.callTimeoutMs] : [heartbeat.timeoutMs, heartbeat.intervalMs]
  return waitMs * (1 / (1 - clockRateError) - 1 / (1 + clockRateError)) + (lookMs + tickMs) / (1 - clockRateError)
}
