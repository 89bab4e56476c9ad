import { followDefaults } from './defaults.ts'

/** What the timers of a backup follow from. */
export interface RouterTimes {
  readonly version: 2 | 3
  /** Of the backup, 1 to 255. */
  readonly priority: number
  /** Of the master's adverts, in milliseconds. */
  readonly intervalMs: number
  /** keepalived's `down_timer_adverts`. Default: 3 */
  readonly downAdverts?: number | undefined
}

/**
 * How much longer a backup waits the less it counts, in milliseconds: (256 - priority) / 256 of a second in version 2 (RFC 3768 section
 * 6.1), and of the advert interval in version 3 (RFC 9568 section 6.1).
 */
export function skewMs({ version, priority, intervalMs }: RouterTimes): number {
  return ((256 - priority) / 256) * (version === 2 ? 1_000 : intervalMs)
}

/** After how long a silence of the master a backup takes over, in milliseconds: 3.609 s for version 2, priority 100 and 1 s. */
export function masterDownMs(times: RouterTimes): number {
  return (times.downAdverts ?? followDefaults.downAdverts) * times.intervalMs + skewMs(times)
}
