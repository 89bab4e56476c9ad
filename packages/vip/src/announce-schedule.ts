/** When an address that is held is announced: a burst after the claim, then at a steady pace. */
export interface AnnounceSchedule {
  /** Milliseconds after the claim, growing. */
  readonly burstMs: readonly number[]
  /** The pace after the burst. */
  readonly everyMs: number
}

/**
 * @param sinceClaimMs how long ago the claim was
 * @returns milliseconds after the claim of the next announcement, later than `sinceClaimMs`: those that were missed are not made up for
 */
export function nextAnnouncementMs(schedule: AnnounceSchedule, sinceClaimMs: number): number {
  const inBurst = schedule.burstMs.find((atMs) => atMs > sinceClaimMs)
  if (inBurst !== undefined) return inBurst
  const lastMs = schedule.burstMs.at(-1) ?? 0
  return lastMs + (Math.floor((sinceClaimMs - lastMs) / schedule.everyMs) + 1) * schedule.everyMs
}
