import type { Clock, Random } from '@hotspare/core'
import type { ResourceVerb } from '@hotspare/core/plan'
import type { DnsProvider } from '../provider.ts'
import type { ServedCheck } from '../reconcile-served.ts'
import type { RecordType } from '../record-set.ts'
import type { ByHand } from './by-hand.ts'

export interface DnsResourceOptions {
  /** Of the zone that the record is in; it stays the caller's. */
  readonly provider: DnsProvider
  /** This node's name. */
  readonly node: string
  /** Of the record: `shop.example.com`. */
  readonly name: string
  readonly type: RecordType
  /** Of every member: what the record holds while it is active. */
  readonly follows: Readonly<Record<string, readonly string[]>>
  /** How long resolvers may keep it, in seconds: a part of every failover. */
  readonly ttlSeconds: number
  /** Whether a record that leads to no member, and that nobody of us has claimed, may be taken over. Default: false */
  readonly adopt?: boolean | undefined
  /** Looks after a takeover whether the name servers answer with it. It holds nothing up. Default: nobody looks */
  readonly served?: ServedCheck | undefined
  /** What people type instead. Default: the provider's console, named */
  readonly byHand?: ByHand | undefined
  /** Which server people ask to see the record. Default: the first of the zone */
  readonly nameServer?: string | undefined
  /** How long each verb may take, in milliseconds. Default: by the provider's capabilities */
  readonly allowedMs?: Readonly<Record<ResourceVerb, number>> | undefined
  /** How old what was seen may be before it is looked at again, in milliseconds. Default: 10,000, or more where the provider wants it */
  readonly lookEveryMs?: number | undefined
  /** Default: the system's; that of the right */
  readonly clock?: Clock | undefined
  /** For the pauses between calls that fail. Default: the system's */
  readonly random?: Random | undefined
}
