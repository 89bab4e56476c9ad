/** What a pool must know of a target; whatever else the caller's object holds comes back with each pick. */
export interface PoolTarget {
  /** Unique within the pool, not empty. */
  readonly id: string
  /** Share of the traffic relative to the other targets: 0 to 1,000,000, where 0 drains. Default: 1 */
  readonly weight?: number | undefined
  /** Order of preference, 0 first: a whole number. A tier serves only while none before it can. Default: 0 */
  readonly tier?: number | undefined
}

/**
 * What the requests to a target show, apart from its health: `backing-off` asks for less for a while, `ejected` was put
 * aside for what they met there.
 */
export type PassiveState = 'available' | 'backing-off' | 'ejected'

/**
 * Why this target was picked:
 * - `preferred`: it is in the pool's first tier, and healthy (up, or degraded where none is up);
 * - `spill`: it is healthy, in a lower-preference tier, because no better one has a healthy target left to try;
 * - `unproven`: only targets whose health is unknown are left to try;
 * - `backing-off`: only targets that ask for less are left to try;
 * - `repeat`: every target that is neither ejected nor down was tried already;
 * - `ejected`: there are only targets that were put aside, and one that fails sometimes beats answering nobody;
 * - `panic`: there are only targets that are down, and trying one beats answering nobody.
 */
export type PickReason = 'preferred' | 'spill' | 'unproven' | 'backing-off' | 'repeat' | 'ejected' | 'panic'

export interface TargetPick<Target> {
  /** The object that the pool was made with. */
  readonly target: Target
  readonly reason: PickReason
  /** Gives the slot back when the request has ended; a second call has no effect. Needs no `this`. */
  readonly done: () => void
}

export interface PickContext {
  /** Ids that were tried already: left out as long as any other target can be picked. */
  readonly exclude?: ReadonlySet<string> | undefined
}
