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

/** What users reach, and who may be active for it. The same on every node. */
export interface ServiceDefinition {
  readonly name: string
  /** Nodes, the preferred one first. */
  readonly members: readonly string[]
  readonly onControlLoss: OnControlLoss
  readonly failback: FailbackPolicy
  /** Moves away from a member that still answers, in any hour; more are refused. Moves away from a dead one are never refused. */
  readonly maxFailoversPerHour: number
}
