import type { Edns, WireRecord } from './message.ts'
import type { RecordData } from './record-data.ts'

/** A value as text, in the spelling of `presentValue` or any other that `parseValue` reads; or as data. */
export type GivenValue = string | RecordData

/** What must hold for an update to be done (RFC 2136, 2.4). */
export type Prerequisite =
  /** At least one record of the name, of any type. Else NXDOMAIN. */
  | { readonly kind: 'name-in-use'; readonly name: string }
  /** No record of the name, of any type. Else YXDOMAIN. */
  | { readonly kind: 'name-not-in-use'; readonly name: string }
  /** At least one record of the name and type. Else NXRRSET. */
  | { readonly kind: 'set-exists'; readonly name: string; readonly type: string }
  /** No record of the name and type. Else YXRRSET. */
  | { readonly kind: 'set-absent'; readonly name: string; readonly type: string }
  /** Exactly these values, in whatever order; a TTL cannot be compared. Else NXRRSET. */
  | { readonly kind: 'set-is'; readonly name: string; readonly type: string; readonly values: readonly GivenValue[] }

/** What an update does (RFC 2136, 2.5), one after the other. */
export type UpdateStep =
  | {
      readonly kind: 'add'
      readonly name: string
      readonly type: string
      readonly ttlSeconds: number
      readonly values: readonly GivenValue[]
    }
  /** All records of the name and type. */
  | { readonly kind: 'delete-set'; readonly name: string; readonly type: string }
  /** All records of the name. */
  | { readonly kind: 'delete-name'; readonly name: string }
  /** Those with these values. */
  | { readonly kind: 'delete-record'; readonly name: string; readonly type: string; readonly values: readonly GivenValue[] }

/** What is asked of the primary of a zone: all of it, or nothing. */
export interface UpdateChange {
  readonly zone: string
  readonly prerequisites: readonly Prerequisite[]
  readonly updates: readonly UpdateStep[]
}

/** A change as a message (RFC 2136, 2). */
export interface UpdateMessage extends UpdateChange {
  readonly id: number
  /** Glue, which servers are free to ignore. Default: none */
  readonly additionals?: readonly WireRecord[] | undefined
  readonly edns?: Edns | undefined
}
