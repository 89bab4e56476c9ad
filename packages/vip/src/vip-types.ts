import type { EventSource, Verdict } from '@hotspare/core'
import type { Outcome, ResourceState, Right } from '@hotspare/core/plan'
import type { LinkFacts } from './driver.ts'
import type { ClaimTimes, VipEvent } from './events.ts'

export interface VipCallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface ClaimOptions extends VipCallOptions {
  /** Needed when the address has a lifetime, which then never lasts longer; else only looked at before acting. */
  readonly right?: Right | undefined
  /** Hardware addresses that may still answer for it: peers of a service that keeps its address when Hotspare dies. */
  readonly tolerate?: readonly string[] | undefined
  /** It is known that nobody holds it: the former holder has just let go. Default: false */
  readonly probed?: boolean | undefined
}

/** How things are, for status pages. */
export interface VipSnapshot {
  readonly address: string
  readonly interface: string
  /** Which driver is in use; undefined before the start, or where none works. */
  readonly driver: string | undefined
  readonly announcer: 'raw' | 'arping' | 'none'
  /** As last seen; undefined when there is no such interface. */
  readonly link: LinkFacts | undefined
  /** Whether this process holds it. */
  readonly held: boolean
  /** Whether traffic may pass, where the address has a lifetime. */
  readonly gate: 'open' | 'shut' | undefined
  /** Who else was last heard to claim it, and when by the wall clock. */
  readonly heard: { readonly mac: string; readonly at: number } | undefined
  /** Of the last claim. */
  readonly tookMs: ClaimTimes | undefined
}

/** A virtual address of this node. Events come out of `subscribe`. */
export interface Vip extends EventSource<VipEvent>, AsyncDisposable {
  /** In its usual form: `10.0.0.100/32`. */
  readonly address: string
  readonly interface: string
  /**
   * Begins to watch for foreign claims. Idempotent; what does not work here is told by the first claim.
   *
   * @param options `sweep` removes the address when it is marked as ours and nobody holds it any more; without it, and for an
   * address without a lifetime, what a process before us has left is adopted instead
   * @throws HotspareError `HOTSPARE_VIP_STOPPED`
   */
  start(options?: VipCallOptions & { readonly sweep?: boolean | undefined }): Promise<void>
  /** Begins to look who answers for the address, unless that is known or being found out: for a claim that may come soon. */
  prepare(): void
  /** Looks who answers for the address, so that a claim soon after need not wait for that. @returns hardware addresses, never our own */
  probe(options?: VipCallOptions): Promise<readonly string[]>
  /** Who answers for it on this network, as seen from this node; undefined for nobody. For whoever claims it elsewhere. */
  probeHolder(options?: VipCallOptions): Promise<string | undefined>
  /** Brings the address here, or repairs what is missing; ends within `callTimeoutMs`. @throws the reason of `signal` */
  claim(options?: ClaimOptions): Promise<Outcome>
  /** Why it could not be had here, as last seen: no such interface, no carrier, no permission. Undefined before the start. */
  obstacle(): string | undefined
  /** As last known; looks at nothing. */
  verdict(): Verdict<ResourceState>
  /** Looks at the kernel. @throws the reason of `signal` */
  observe(options?: VipCallOptions): Promise<Verdict<ResourceState>>
  /** Takes the address off the interface, whoever has put it there. Idempotent. @throws the reason of `signal` */
  release(options?: VipCallOptions): Promise<Outcome>
  snapshot(): VipSnapshot
  /**
   * Stops for good. Idempotent.
   *
   * @param options `leave` lets an address without a lifetime stay; else it is released
   */
  stop(options?: VipCallOptions & { readonly leave?: boolean | undefined }): Promise<void>
}
