import type { EventBase } from '@hotspare/core'

interface VipEventBase extends EventBase {
  /** Which one, as `10.0.0.100/32`. */
  readonly address: string
  readonly interface: string
}

/** How long the parts of a claim took, in milliseconds. */
export interface ClaimTimes {
  /** Waiting for somebody to object; 0 when that was known already. */
  readonly probe: number
  /** Gate and address. */
  readonly add: number
  /** The first announcement. */
  readonly announce: number
  /** From the call to the first announcement. */
  readonly total: number
}

/** What happens to a virtual address, as this process sees it. */
export type VipEvent =
  /** It is ours; `adopted` when it was here already. */
  | (VipEventBase & { readonly type: 'vip-claimed'; readonly adopted: boolean; readonly tookMs: ClaimTimes })
  | (VipEventBase & { readonly type: 'vip-released'; readonly because: string })
  /** It was not claimed; `mac` is the stranger's who holds it, where that is the reason. */
  | (VipEventBase & { readonly type: 'vip-refused'; readonly because: string; readonly mac?: string | undefined })
  /** Somebody else has claimed what is ours; it was announced again, or is within the interval. */
  | (VipEventBase & { readonly type: 'vip-conflict'; readonly mac: string })
  /** The right had ended before we could let go: the kernel has taken the address away. */
  | (VipEventBase & { readonly type: 'vip-expired'; readonly because: string })
  /** The right is in doubt: traffic is refused until it is confirmed. */
  | (VipEventBase & { readonly type: 'vip-suspended'; readonly because: string })
  | (VipEventBase & { readonly type: 'vip-resumed' })
  /** The lifetime could not be set anew; without that the address goes. Once until it works again. */
  | (VipEventBase & { readonly type: 'vip-refresh-failed'; readonly because: string })
  /** It is announced by less than raw frames, or not at all. */
  | (VipEventBase & { readonly type: 'vip-announcer-degraded'; readonly means: 'arping' | 'none'; readonly because: string })
  /** One that a process before us had left behind was removed. */
  | (VipEventBase & { readonly type: 'vip-swept' })

/** An event without what all events of one address have in common. */
export type VipEventDetails = VipEvent extends infer Event
  ? Event extends VipEvent
    ? Omit<Event, 'at' | 'address' | 'interface'>
    : never
  : never
