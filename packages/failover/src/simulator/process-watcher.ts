import type { HealthState } from '@hotspare/core'
import type { Right } from '@hotspare/core/plan'
import type { FailoverEvent } from '../events.ts'
import type { GrantedRight } from '../ports.ts'

/** What a process tells whoever watches it, besides its events. */
export interface ProcessWatcher {
  readonly event: (event: FailoverEvent) => void
  /** By the heartbeat; after any change of it. */
  readonly peersChanged: () => void
  readonly checked: (service: string, state: HealthState) => void
  readonly looked: (service: string, state: 'yes' | 'no') => void
  readonly arbiterHeard: (service: string, answers: boolean) => void
  readonly granted: (service: string, right: GrantedRight) => void
  readonly acquired: (service: string, right: Right) => void
  readonly released: (service: string, beganMs: number) => void
}
