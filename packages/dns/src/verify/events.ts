import type { EventBase } from '@hotspare/core'
import type { RecordType } from '../record-set.ts'

interface VerifyEventBase extends EventBase {
  readonly zone: string
  readonly name: string
  readonly recordType: RecordType
  /** How many addresses of name servers serve the set, and how many there are. */
  readonly serving: number
  readonly of: number
}

/** How a change makes its way to the name servers. */
export type VerifyEvent =
  /** One more name server serves it. */
  | (VerifyEventBase & { readonly type: 'dns-served'; readonly server: string; readonly lagMs: number })
  /** All of them do. */
  | (VerifyEventBase & { readonly type: 'dns-converged'; readonly tookMs: number })
  /** The budget is over, and some do not. */
  | (VerifyEventBase & {
      readonly type: 'dns-overdue'
      readonly budgetMs: number
      readonly missing: readonly { readonly server: string; readonly because: string }[]
    })
