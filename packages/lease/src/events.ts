import { assertNever, type EventBase } from '@hotspare/core'
import type { EndReason, LeaseEffect } from './state.ts'

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

/** The effects that everybody may hear of. */
export type ToldEffect = Exclude<LeaseEffect, { readonly type: 'call' | 'cancel' | 'renewed' | 'given-back' | 'handed-over' }>

/** An effect as an event: the same facts, with the lease and the time. */
export function leaseEvent(effect: ToldEffect, about: Pick<LeaseEventBase, 'at' | 'lease'>): LeaseEvent {
  switch (effect.type) {
    case 'granted':
      return { type: 'lease-granted', token: effect.token, ...about }
    case 'ended':
      return { type: 'lease-ended', token: effect.token, reason: effect.reason, because: effect.because, ...about }
    case 'unconfirmed':
      return { type: 'lease-unconfirmed', because: effect.because, ...about }
    case 'confirmed':
      return { type: 'lease-confirmed', ...about }
    case 'holder-changed':
      return { type: 'lease-holder-changed', holder: effect.holder, token: effect.token, ...about }
    case 'register-unreachable':
      return { type: 'register-unreachable', because: effect.because, ...about }
    case 'register-reachable':
      return { type: 'register-reachable', ...about }
    default:
      return assertNever(effect)
  }
}
