import type { HealthState, Verdict } from '@hotspare/core'
import type { Outcome, Right } from '@hotspare/core/plan'
import type { Hold, LeaseStanding } from './facts.ts'

/** A right that can be given back. */
export interface GrantedRight extends Right {
  /** @returns whether the arbiter has confirmed it; if not, others have to wait for the end of its time */
  release(options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean>
  /**
   * Hands it over to whoever has given out the invitation, without the arbiter: it ends here and goes on there.
   *
   * @param options `ageMs`: how old the invitation may be, in milliseconds
   * @returns what the successor has to accept, JSON; undefined when it stays ours, or has ended
   */
  handOver?(invitation: unknown, options: { readonly ageMs: number }): Promise<unknown>
}

/** What a lease tells; more fields and other types are passed over. */
export interface LeaseNews {
  readonly type: string
  readonly holder?: string | null | undefined
  readonly token?: number | undefined
}

/** Who may be active. The leases of `@hotspare/lease` fit, one for each service. */
export interface LeasePort {
  /** Begins to watch who holds it. */
  start(): void
  verdict(): Verdict<LeaseStanding>
  /**
   * Waits until it is ours.
   *
   * @param options `handover`: what the holder has handed over for an invitation of ours; what makes no sense is passed over
   */
  acquire(options?: { readonly signal?: AbortSignal | undefined; readonly handover?: unknown }): Promise<GrantedRight>
  /** Asks the arbiter at once: somebody has just given it back. */
  look(): void
  /** Gives out what the holder may hand its right over for, JSON. */
  invite?(): unknown
  /** `lease-holder-changed` brings `holder` and `token`; `register-unreachable` and `register-reachable` say whether the arbiter answers. */
  subscribe(listener: (news: LeaseNews) => void): () => void
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

/** Which peers live, and what they say. A heartbeat and a peer channel behind one face. */
export interface PeersPort {
  /** By the heartbeat. */
  verdict(node: string): Verdict<HealthState>
  /** Whether its configuration and protocol are ours; undefined before it has said so. */
  agrees(node: string): boolean | undefined
  /** Asks a peer's engine; rejects when it does not answer. What arrives there goes into `Failover.answer`. */
  request(
    node: string,
    method: FailoverMethod,
    body: unknown,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<unknown>
  /** Called after any change of the above. */
  subscribe(listener: () => void): () => void
}

/** Switches other nodes off, for services with fencing. */
export interface FencePort {
  /**
   * Makes sure that a node can do nothing any more; `ok` means that it is certain. Bounded by `signal` at the latest. Asked by
   * holders of a right alone, and perhaps for several services at once.
   */
  fence(node: string, options: { readonly signal: AbortSignal }): Promise<Outcome>
  /** Whether a node is certain to be off: fenced, or by people's word, and not heard since. */
  isOff(node: string): boolean
}

/** What engines ask each other. */
export const failoverMethods = ['failover-report', 'failover-perform', 'failover-command'] as const

export type FailoverMethod = (typeof failoverMethods)[number]

/** What people have decided about this node; read again and again. */
export interface PeoplePort {
  hold(): Hold | undefined
  /** Why no service is wanted here. */
  maintenance(): string | undefined
  /**
   * Why no service is wanted on another node, where people have said so here and that node is only just being told: several nodes
   * that are emptied together do not hand over to each other meanwhile. Default: nothing is said here of other nodes
   */
  maintenanceOf?(node: string): string | undefined
}
