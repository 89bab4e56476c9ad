/**
 * What happens to a service's resources when nobody controls them any more: `release` lets the kernel take them away before
 * another node may have them, `keep` leaves them where they are.
 */
export type OnControlLoss = 'keep' | 'release'

/** How a service comes back to a member that it prefers. */
export type FailbackPolicy =
  /** When people say so. */
  | { readonly type: 'manual' }
  /** Once the preferred member has been well for this long without a break, in milliseconds. */
  | { readonly type: 'after'; readonly holdMs: number }

/** How a node that takes over makes sure of the others. */
export interface FencingPolicy {
  /** `required`: nothing is brought here before it is certain. `automatic`: it is tried once, and the takeover goes on. */
  readonly mode: 'required' | 'automatic'
  /** A node that was never heard since our own start may be booting: it is not fenced before this, in milliseconds. */
  readonly startDelayMs: number
}

/** What users reach, and who may be active for it. The same on every node. */
export interface ServiceDefinition {
  readonly name: string
  /** Nodes, the preferred one first. */
  readonly members: readonly string[]
  readonly onControlLoss: OnControlLoss
  readonly failback: FailbackPolicy
  /** Moves away from a member that still answers, in any hour; more are refused. Moves away from a dead one are never refused. */
  readonly maxFailoversPerHour: number
  /**
   * Whether other nodes can see if it answers at its address. Where they cannot, a service with `keep` is taken over as soon as its
   * right may pass on, though it may still serve where it was. Default: true
   */
  readonly isLookedAt?: boolean | undefined
  /** It is taken only once these are active, on whichever node; it leaves before them. Default: none */
  readonly after?: readonly string[] | undefined
  /** It is active where this one is, and follows it; it comes after it. The same members, and the same `onControlLoss`. Default: none */
  readonly with?: string | undefined
  /** It is taken on a node without these where another one is well. The same for them. Default: none */
  readonly apartFrom?: readonly string[] | undefined
  /** Of several that are to be taken at once, those with a higher one go first. Default: 0 */
  readonly priority?: number | undefined
  /** Whether nodes that may still hold something are switched off before anything is brought here. Default: they are not */
  readonly fencing?: FencingPolicy | undefined
}
