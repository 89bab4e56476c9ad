import type { DnsProvider } from '../provider.ts'
import { answeringDefaults } from './defaults.ts'
import { Lane } from './lane.ts'

/** What all records at one provider share. */
export interface ProviderLanes {
  readonly reads: Lane
  /** One at a time: a provider that hangs or fails is met by one change and not by all of them. */
  readonly writes: Lane
}

export function providerLanes(): ProviderLanes {
  return { reads: new Lane(answeringDefaults.readsAtOnce), writes: new Lane(1) }
}

/** How often all records are looked at, in milliseconds, so that looks take their share of what each provider allows and no more. */
export function lookEveryOf(providers: readonly DnsProvider[], records: number, askedMs: number): number {
  const slowest = Math.min(...providers.map(({ capabilities }) => capabilities.rate.perSecond))
  return Math.max(askedMs, Math.ceil((records * 1_000) / (slowest * answeringDefaults.looksShare)))
}
