/** How well a target answers, by what the probes and the traffic show. */
export type HealthState = 'up' | 'degraded' | 'down' | 'unknown'

/** What people have decided about a target; it stands above its health. */
export type AdminState = 'maintenance' | 'draining'

export type TargetState = HealthState | AdminState

/**
 * What Hotspare believes, since when, and why: one shape for targets, peers, leases and resources.
 * `explain` prints it.
 */
export interface Verdict<State extends string = TargetState> {
  readonly state: State
  /** Milliseconds since the Unix epoch, by the wall clock. */
  readonly since: number
  /** One clause for people: `3 probes in a row failed: connection refused`. */
  readonly because: string
}
