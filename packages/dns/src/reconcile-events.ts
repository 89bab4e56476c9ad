import type { EventBase } from '@hotspare/core'
import type { RecordType } from './record-set.ts'

/** What is done when somebody has edited a record. */
export type DriftPolicy = 'repair' | 'report'

interface RecordEventBase extends EventBase {
  /** Of the record, absolute and without a dot at its end. */
  readonly name: string
  readonly recordType: RecordType
  /** Of a record that follows, its provider's id; of one that answers, the name that the options have the provider under. */
  readonly provider: string
  /** One sentence for people. */
  readonly text: string
}

/** What becomes of a record that follows or answers. Each is told once, when it begins, however often it is looked at again. */
export type DnsRecordEvent =
  /** The provider has accepted a change, and shows it. */
  | (RecordEventBase & {
      readonly type: 'record-changed'
      /** Empty where there was no record. */
      readonly from: readonly string[]
      readonly to: readonly string[]
      readonly ttlSeconds: number
      readonly because: string
      /** From the first look to the last, in milliseconds. */
      readonly tookMs: number
    })
  /** Nothing was written: somebody else has it, or changes it too. */
  | (RecordEventBase & { readonly type: 'record-conflict'; readonly code: string; readonly because: string })
  /** Every name server that was asked answers with it. */
  | (RecordEventBase & { readonly type: 'record-served'; readonly afterMs: number })
  /** It was accepted, and not all name servers answer with it in the time that they have. */
  | (RecordEventBase & { readonly type: 'record-unserved'; readonly because: string })
  /** Somebody has edited the record, or it is not the same at two providers of one name. */
  | (RecordEventBase & {
      readonly type: 'drift-found'
      readonly found: readonly string[]
      readonly expected: readonly string[]
      /** What is done about it. */
      readonly policy: DriftPolicy
      /** The other provider, where the two do not agree. */
      readonly other?: string | undefined
    })
  | (RecordEventBase & { readonly type: 'drift-ended'; readonly other?: string | undefined })
  /** A call failed; it is told again only after one has worked. */
  | (RecordEventBase & { readonly type: 'provider-failed'; readonly because: string; readonly retryInMs: number | undefined })
  | (RecordEventBase & { readonly type: 'provider-recovered'; readonly afterMs: number })

/** An event without what all events of one record have in common. */
export type DnsRecordEventDetails = DnsRecordEvent extends infer Event
  ? Event extends DnsRecordEvent
    ? Omit<Event, 'at' | 'name' | 'recordType' | 'provider'>
    : never
  : never
