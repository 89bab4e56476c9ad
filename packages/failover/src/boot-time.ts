import { uptime } from 'node:os'
import { type Clock, systemClock } from '@hotspare/core'

/**
 * Milliseconds since boot, suspended time included: by it, a process that slept knows for how long. The monotonic clock stands
 * still meanwhile.
 *
 * @returns the machine's; for a `clock` that is not the system's, that one's monotonic time
 */
export function bootTime(clock: Clock): () => number {
  return () => (clock === systemClock ? uptime() * 1_000 : clock.monotonicMs())
}
