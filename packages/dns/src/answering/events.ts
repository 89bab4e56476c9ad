import type { EventBase } from '@hotspare/core'
import type { DnsRecordEvent } from '../reconcile-events.ts'

/** Too much would disappear at once: nothing of it is written until people say so, or less of it is left. */
export interface MassChangeRefused extends EventBase {
  readonly type: 'mass-change-refused'
  /** The names of the records that are held, the first twenty of them. */
  readonly names: readonly string[]
  readonly held: number
  /** Of the values that all records of the set publish. */
  readonly withdrawn: number
  readonly published: number
  /** One sentence for people, which names what to call. */
  readonly text: string
}

export type AnsweringEvent = DnsRecordEvent | MassChangeRefused
