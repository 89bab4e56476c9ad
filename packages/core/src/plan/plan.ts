import type { Instruction } from './resource.ts'

/** What a step does, for the machine. */
export type StepAction =
  /** The node says whether it could be active now; nothing changes. */
  | { readonly type: 'prepare' }
  | { readonly type: 'take-lease' }
  /** Another node has let go of everything, by its own word, or is switched off: it can do nothing any more. */
  | { readonly type: 'fence'; readonly target: string }
  | { readonly type: 'give-lease' }
  | { readonly type: 'acquire' | 'release'; readonly resource: string }

/** One thing that one node does, verified before the next step begins. */
export interface Step extends Instruction {
  /** Unique in its plan: `2 acquire vip 10.0.0.100/32 on web-2`. */
  readonly id: string
  readonly node: string
  readonly action: StepAction
  /** After this it has failed, in milliseconds. */
  readonly allowedMs: number
  /** How long it took the last time, in milliseconds, where that is known. */
  readonly tookMs?: number | undefined
}

/** Why something is to be done. */
export type PlanPurpose =
  /** The service is active nowhere. */
  | 'start'
  /** It is active where it should be, and something of it is missing. */
  | 'repair'
  /** The active member has failed. */
  | 'failover'
  /** People want it elsewhere. */
  | 'switchover'
  /** A more preferred member is well again. */
  | 'failback'
  /** A node holds what is not its own. */
  | 'release'

/** What is to be done for one service, in order. Data: it can be printed, sent, rehearsed and run. */
export interface Plan {
  readonly service: string
  readonly purpose: PlanPurpose
  /** One clause for people. */
  readonly because: string
  /** Who is active before and after it; undefined for nobody. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly steps: readonly Step[]
}
