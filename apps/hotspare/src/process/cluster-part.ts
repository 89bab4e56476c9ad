import type { ClusterNews, ClusterOrder } from '../cluster/messages.ts'

/**
 * What the guard runs for the other nodes: heartbeats, the peer channel, leases, the failover engine, addresses. It lives
 * in the guard so that neither a death nor a stall of control can stop a failover.
 */
export interface ClusterPart {
  /** The children are at work. */
  start(): Promise<void>
  /** Before anything is drained: what must move, moves while we can still serve. */
  stop(because: string): Promise<void>
  /** What control says: verdicts of service checks, commands of people. */
  hear(order: ClusterOrder): void
}

export interface ClusterSurroundings {
  /** To control, if there is one; a new control is told nothing of what came before. */
  readonly tellControl: (news: ClusterNews) => void
}

/** @returns nothing where the configuration has no cluster */
export type OpenCluster = (surroundings: ClusterSurroundings) => ClusterPart | undefined
