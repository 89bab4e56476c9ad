import type { FaultOptions, StandInFault } from '@hotspare/cloud/testing'
import type { Clock } from '@hotspare/core'
import type { DnsProvider } from '../provider.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'

/** Something on loopback that passes for a provider, or stands before a real one: strict, and slow or broken when told to be. */
export interface DnsStandIn {
  /** What was asked, in order; what changes something begins with `change`. */
  readonly asked: readonly string[]
  /** How many requests were left without an answer so far. */
  readonly hung: number
  /** How many requests it is at work on at this moment, without those that hang. Default: none, as it answers at once */
  readonly busy?: number | undefined
  /** What a real one would have refused: expected to stay empty. */
  readonly objections: readonly string[]
  /** The next requests (that change something, or that do not) are not answered as they should be. `limited` names a time. */
  fail(fault: StandInFault, options?: FaultOptions): void
  /** Called once a change has come, before it is looked at: whoever comes in between. */
  onChange(listener: (() => unknown) | undefined): void
  /** Nobody is believed from now on. */
  refuseCredentials(): void
}

/** One provider, ready to be tested: an empty zone, and ways to look at it and to change it past the driver. */
export interface DnsProviderFixture {
  /** A client of its own. Its calls are bounded by the clock that it is given. */
  open(clock: Clock): DnsProvider
  /** Absent where faults cannot be had: then what needs them is left out, and time is real. */
  readonly standIn?: DnsStandIn | undefined
  /** Puts a set there as somebody else would, instead of what is there. */
  seed(set: RecordSet): void | Promise<void>
  /** Removes a set, as somebody else would. */
  remove(name: RecordSetName): void | Promise<void>
  /** What is there, canonical, by the server's own word. */
  peek(name: RecordSetName): RecordSet | undefined | Promise<RecordSet | undefined>
  /** With compare-and-swap: whether another TTL alone is a conflict. Default: true */
  readonly comparesTtl?: boolean | undefined
  /** The faults that there are. Default: all */
  readonly faults?: readonly StandInFault[] | undefined
  /** Whether a server that does not believe us says that. Default: true; otherwise it is no usable answer */
  readonly tellsCredentials?: boolean | undefined
  /** What must be in no message. */
  readonly secrets: readonly string[]
  close(): Promise<void>
}
