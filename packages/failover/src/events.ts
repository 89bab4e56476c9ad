import type { EventBase } from '@hotspare/core'
import type { PlanPurpose } from '@hotspare/core/plan'
import type { Role } from './facts.ts'

interface ServiceEventBase extends EventBase {
  readonly service: string
}

/** What happens to services, as this node sees it. */
export type FailoverEvent =
  | (ServiceEventBase & { readonly type: 'role-changed'; readonly from: Role; readonly to: Role; readonly because: string })
  | (ServiceEventBase & {
      readonly type: 'plan-started'
      readonly purpose: PlanPurpose
      readonly from?: string | undefined
      readonly to?: string | undefined
      readonly because: string
      readonly steps: readonly string[]
    })
  | (ServiceEventBase & { readonly type: 'step-finished'; readonly step: string; readonly detail: string; readonly tookMs: number })
  | (ServiceEventBase & { readonly type: 'step-failed'; readonly step: string; readonly because: string; readonly tookMs: number })
  | (ServiceEventBase & { readonly type: 'plan-finished'; readonly purpose: PlanPurpose; readonly tookMs: number })
  | (ServiceEventBase & { readonly type: 'plan-failed'; readonly purpose: PlanPurpose; readonly because: string; readonly tookMs: number })
  /** Something is not as it should be, and the engine does not mend it: people are needed. */
  | (ServiceEventBase & { readonly type: 'service-concern'; readonly because: string })
  | (ServiceEventBase & { readonly type: 'service-concern-ended' })
  | (ServiceEventBase & { readonly type: 'automation-off'; readonly because: string })
  | (ServiceEventBase & { readonly type: 'automation-on' })
  /** This process did not run for a while, and does not trust what it saw before. */
  | (EventBase & { readonly type: 'engine-paused'; readonly pauseMs: number })
