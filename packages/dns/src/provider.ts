import type { RecordSet, RecordSetName, RecordType } from './record-set.ts'

/** How a provider lets a change depend on what it replaces. */
export type CompareAndSwap =
  /** The change names the whole old set (or its values), and fails where that is not what is there. */
  | 'exact'
  /** The change names the version that was read, and fails where there is another. */
  | 'etag'
  /** It overwrites blindly: what is compared is what was read a moment before. */
  | 'none'

/** What a provider can do, as data: the table of the documentation is made of it. */
export interface DnsCapabilities {
  readonly compareAndSwap: CompareAndSwap
  /** Whether several sets change in one step, all or none. */
  readonly atomicBatch: boolean
  readonly types: readonly RecordType[]
  /** How many values a set may have; undefined where no limit is published. */
  readonly mostValues?: number | undefined
  readonly minimumTtlSeconds: number
  /** The only TTLs there are, growing; undefined where any is taken. */
  readonly ttlSteps?: readonly number[] | undefined
  /** From the answer of the API to name servers that serve it, as a rule, in milliseconds. */
  readonly typicalPropagationMs: number
  /** Our share of what the provider allows. */
  readonly rate: {
    readonly perSecond: number
    readonly burst: number
    /** Where the limit is written down. */
    readonly source: string
  }
  /** `live`: its tests run against the real server. `contract`: against a strict stand-in of the published API, not yet run live. */
  readonly proven: 'live' | 'contract'
  /** The page of the API that it follows. */
  readonly source: string
}

/** What a provider has of one name and type. */
export interface Reading extends RecordSetName {
  /** Undefined where there is none. */
  readonly set: RecordSet | undefined
  /** With `etag`: names the state that was read. Also what a driver needs to change just this, such as record ids. */
  readonly version?: string | undefined
}

/** One set, as it was read, and as it has to be. */
export interface Replacement {
  readonly expected: Reading
  /** Undefined: it is removed. */
  readonly next: RecordSet | undefined
}

export interface CallOptions {
  readonly signal: AbortSignal
}

/** How a change went. */
export type ChangeOutcome =
  /** Accepted by the provider, which does not mean yet that it is served. */
  | {
      readonly kind: 'applied'
      /** The zone's serial afterwards, where the provider says it. */
      readonly serial?: number | undefined
    }
  /** Something else is there: nothing was changed. What is there now, for each set of the change. */
  | { readonly kind: 'conflict'; readonly current: readonly Reading[] }

/**
 * A zone at a DNS provider: two calls. Everything else (plans, tokens, verification, repetition, the order of calls that
 * cannot compare) is written once, above it.
 */
export interface DnsProvider {
  /** For people, without secrets: `route53 zone Z123 (example.com)`. */
  readonly id: string
  /** Absolute, in lower case, without a dot at its end. */
  readonly zone: string
  readonly capabilities: DnsCapabilities
  /** @throws CloudError, or HotspareError with a code of this package, when no usable answer comes */
  read(question: RecordSetName, options: CallOptions): Promise<Reading>
  /**
   * Replaces sets if each of them still is what was expected. More than one only with `atomicBatch`; all or none of them.
   * Without compare-and-swap it overwrites, and the caller has compared.
   *
   * @throws CloudError, or HotspareError with a code of this package, when it is not known whether it was applied, or it was refused
   */
  change(replacements: readonly Replacement[], options: CallOptions): Promise<ChangeOutcome>
  /** How long until a call may go out, in milliseconds: the budget, and pauses that the provider asked for. */
  waitMs(): number
  close(): Promise<void>
}
