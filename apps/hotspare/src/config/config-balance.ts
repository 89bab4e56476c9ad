import type {
  BoundedLoadOptions,
  LeastRequestOptions,
  MaglevOptions,
  PeakEwmaOptions,
  RequestKeyOptions,
  RingHashOptions,
  SlowStartOptions,
  ZoneWeights,
} from '@hotspare/balance'

/** How requests spread over targets of equal preference, with the options that `@hotspare/balance` takes. */
export type BalanceConfig = UnkeyedBalanceConfig | KeyedBalanceConfig

export type UnkeyedBalanceConfig =
  | { readonly algorithm: 'round-robin' | 'edf' | 'random' | 'first-available' }
  | { readonly algorithm: 'least-request'; readonly options: Omit<LeastRequestOptions, 'random'> }
  | { readonly algorithm: 'peak-ewma'; readonly options: Omit<PeakEwmaOptions, 'random'> }

/** The same key goes to the same target. */
export type KeyedBalanceConfig = KeyedAlgorithmConfig & {
  /** What of a request is its key. */
  readonly key: RequestKeyOptions
  /** How much of its fair share a target may have; undefined: its keys alone decide. */
  readonly boundedLoad?: BoundedLoadOptions | undefined
}

export type KeyedAlgorithmConfig =
  | { readonly algorithm: 'rendezvous' | 'jump' }
  | { readonly algorithm: 'ring-hash'; readonly options: RingHashOptions }
  | { readonly algorithm: 'maglev'; readonly options: MaglevOptions }

/** How the traffic of a pool divides over its tiers and zones, and how requests wait and stay. */
export interface SpreadConfig {
  /** Whether targets that are down are tried at all. */
  readonly panic: boolean
  /** Percent: a tier with fewer healthy targets uses all that it has. */
  readonly panicThreshold: number
  /** Undefined: a tier serves while it has one healthy target. */
  readonly overprovisioningFactor?: number | undefined
  /** Share of each zone in a tier's traffic; undefined: zones count for nothing. */
  readonly zones?: ZoneWeights | undefined
  /** How who comes back gets its traffic; undefined: at once. */
  readonly slowStart?: SlowStartOptions | undefined
  /** Where requests wait while no target has room; undefined: they do not. */
  readonly queue?: QueueConfig | undefined
  /** Undefined: a client may get another target with each request. */
  readonly sticky?: StickyConfig | undefined
}

export interface QueueConfig {
  readonly size: number
  readonly timeoutMs: number
}

export interface StickyConfig {
  /** Name of the cookie. */
  readonly cookie: string
  /** The first one signs; all are accepted. */
  readonly secrets: readonly string[]
  readonly maxAgeSeconds: number
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly path: string
}
