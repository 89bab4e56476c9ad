import type { EventBase } from '@hotspare/core'
import type { EndReason } from './state.ts'

interface LeaseEventBase extends EventBase {
  /** Which lease. */
  readonly lease: string
}

/** What happens to a lease, as this process sees it. */
export type LeaseEvent =
  | (LeaseEventBase & { readonly type: 'lease-granted'; readonly token: number })
  | (LeaseEventBase & { readonly type: 'lease-ended'; readonly token: number; readonly reason: EndReason; readonly because: string })
  /** The right may have gone, after a gap in time: nothing is done under it until the register has confirmed it. */
  | (LeaseEventBase & { readonly type: 'lease-unconfirmed'; readonly because: string })
  | (LeaseEventBase & { readonly type: 'lease-confirmed' })
  /** The register shows another holder, or another grant to the same; null is nobody. */
  | (LeaseEventBase & { readonly type: 'lease-holder-changed'; readonly holder: string | null; readonly token: number })
  | (LeaseEventBase & { readonly type: 'register-unreachable'; readonly because: string })
  | (LeaseEventBase & { readonly type: 'register-reachable' })
