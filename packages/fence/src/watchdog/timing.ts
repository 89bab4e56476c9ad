/** The times that a watchdog and a lease depend on each other by, all in milliseconds. */
export interface WatchdogTimes {
  /** From the last pet to the reset. */
  readonly timeoutMs: number
  /** From one pet to the next. */
  readonly petMs: number
  /** How late the device may be. */
  readonly marginMs: number
}

/**
 * How long before the end of its right a node has to have stopped petting, so that the reset comes before another node may
 * act. (Patroni's rule: the watchdog fires `safety_margin` before the leader key runs out.)
 */
export function reserveMs({ timeoutMs, marginMs }: Pick<WatchdogTimes, 'timeoutMs' | 'marginMs'>): number {
  return timeoutMs + marginMs
}

/** Whether a pet at `atMs` leaves enough: the reset that it puts off would still come before `untilMs`. */
export function mayPet(atMs: number, untilMs: number, times: Pick<WatchdogTimes, 'timeoutMs' | 'marginMs'>): boolean {
  return atMs + reserveMs(times) <= untilMs
}

/**
 * Whether a watchdog fits a lease at all: after a renewal that succeeded at once, and until the next one has, there has to
 * be room for a pet.
 *
 * @param lease `rightMs`: from the start of a renewal to the end of the right; `renewMs`: from one renewal to the next
 * @returns why it does not fit; undefined where it does
 */
export function watchdogProblem(times: WatchdogTimes, lease: { readonly rightMs: number; readonly renewMs: number }): string | undefined {
  const neededMs = lease.renewMs + times.petMs + reserveMs(times)
  if (neededMs <= lease.rightMs) return undefined
  const round = Math.round
  return `a renewal (${round(lease.renewMs)} ms), a pet (${round(times.petMs)} ms), the timeout (${round(times.timeoutMs)} ms) and the margin (${round(times.marginMs)} ms) take ${round(neededMs)} ms, and a right lasts ${round(lease.rightMs)} ms`
}
