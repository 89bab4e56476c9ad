import type { Outcome } from './algorithm.ts'
import type { Key } from './key-hash.ts'

/** What a pool must know of a target; whatever else the caller's object holds comes back with each pick. */
export interface PoolTarget {
  /** Unique within the pool, not empty. */
  readonly id: string
  /** Share of the traffic relative to the other targets: 0 to 1,000,000, where 0 drains. Default: 1 */
  readonly weight?: number | undefined
  /** Order of preference, 0 first: a whole number. Default: 0 */
  readonly tier?: number | undefined
  /** Where it stands: one of the pool's `zoneWeights`, if the pool has those. */
  readonly zone?: string | undefined
  /** How many picks may be open at once: a whole number, 1 or more. Default: as many as come */
  readonly limit?: number | undefined
}

/**
 * What the requests to a target show, apart from its health: `backing-off` asks for less for a while, `ejected` was put
 * aside for what they met there.
 */
export type PassiveState = 'available' | 'backing-off' | 'ejected'

/**
 * Why this target was picked:
 * - `preferred`: it is in the pool's first tier, and healthy (up, or degraded where none is up);
 * - `spill tier 0 -> 1`: it is healthy, in a lower-preference tier, because the tiers before it cannot take all: they have no healthy target left to try, or not enough of them, or are full, or are taking their traffic back step by step;
 * - `slow-start 0.33`: preferred, and it or its tier has so much of its share by now, since it has just come back;
 * - `sticky`: the caller asked for it, and it can be picked;
 * - `unproven`: only targets whose health is unknown are left to try;
 * - `backing-off`: only targets that ask for less are left to try;
 * - `repeat`: every target that is neither ejected nor down was tried already;
 * - `ejected`: there are only targets that were put aside, and one that fails sometimes beats answering nobody;
 * - `panic`: there are only targets that are down, or so few others that the tier uses all that it has, and trying one beats answering nobody.
 */
export type PickReason =
  | 'preferred'
  | `spill tier ${number} -> ${number}`
  | `slow-start ${number}`
  | 'sticky'
  | 'unproven'
  | 'backing-off'
  | 'repeat'
  | 'ejected'
  | 'panic'

export interface TargetPick<Target> {
  /** The object that the pool was made with. */
  readonly target: Target
  readonly reason: PickReason
  /**
   * Gives the slot back when the request has ended; a second call has no effect. Needs no `this`.
   *
   * @param outcome how it ended, for algorithms that learn from it: `peakEwma()`
   */
  readonly done: (outcome?: Outcome) => void
}

export interface PickContext {
  /** What keyed algorithms place the request by: the same key gives the same target, in any process. Others do not look at it. */
  readonly key?: Key | undefined
  /** The id of the target that this client was sent to before: it is picked again while it can be. */
  readonly sticky?: string | undefined
  /** Ids that were tried already: left out as long as any other target can be picked. */
  readonly exclude?: ReadonlySet<string> | undefined
}
