import type { ResourceVerb } from '@hotspare/core/plan'
import type { DnsCapabilities } from '../provider.ts'

/** How a record that follows is looked at and moved. Each number with its reason. */
export const resourceDefaults: Readonly<
  Record<
    | 'lookEveryMs'
    | 'looksShare'
    | 'patienceMs'
    | 'firstLookMs'
    | 'longestLookPauseMs'
    | 'retryBaseMs'
    | 'retryCapMs'
    | 'longestPauseMs'
    | 'callMs'
    | 'leastAllowedMs'
    | 'mostAllowedMs'
    | 'takeBackMs'
    | 'mostRounds',
    number
  >
> = Object.freeze({
  /** What somebody edits by hand is noticed soon enough, and twelve calls a minute are below most limits. */
  lookEveryMs: 10_000,
  /** Of what a provider allows over time: what looks may use; the rest is for whoever has to act, and for other nodes. */
  looksShare: 0.1,
  /** How long an observation waits for a provider that has answered before: then what was seen last stands. */
  patienceMs: 1_000,
  /** How long the first observation waits: two readings of a slow provider. */
  firstLookMs: 10_000,
  /** The longest pause that failed looks add: an outage that ends is noticed within a minute or so. */
  longestLookPauseMs: 60_000,
  /** Upper bound of the first pause after a call that failed: most of what a second try meets is over by then. */
  retryBaseMs: 250,
  /** Upper bound of every pause: a takeover is to have a few tries at its end. */
  retryCapMs: 5_000,
  /** A provider that wants to be left alone for longer is not waited for in the middle of a plan. */
  longestPauseMs: 10_000,
  /** What a call takes where a provider is slow; they answer within half a second as a rule. */
  callMs: 2_000,
  /** Two tries and the pause between them. */
  leastAllowedMs: 10_000,
  /** A takeover that has not moved a record in a minute goes on with the next step, or tells people. */
  mostAllowedMs: 60_000,
  /** For putting back what was written under a right that has gone: one look and one change. */
  takeBackMs: 5_000,
  /** Looks and changes of one release: each round but the last has met somebody else who changed it too. */
  mostRounds: 5,
})

/** Two readings, the change (or the claim and then the change), and two readings to see it. */
function callsOf({ atomicBatch }: DnsCapabilities): number {
  return atomicBatch ? 5 : 6
}

/** How long a verb may take: its calls twice, for one conflict on the way, and the waiting that the provider's rate makes of them. */
export function allowedOf(capabilities: DnsCapabilities): Readonly<Record<ResourceVerb, number>> {
  const { callMs, leastAllowedMs, mostAllowedMs } = resourceDefaults
  const calls = 2 * callsOf(capabilities)
  const { perSecond, burst } = capabilities.rate
  const waitingMs = (Math.max(0, calls - burst) * 1_000) / perSecond
  const allowedMs = Math.min(mostAllowedMs, Math.max(leastAllowedMs, Math.ceil(calls * callMs + waitingMs)))
  return { acquire: allowedMs, release: allowedMs }
}

/** A look is two readings. */
export function lookEveryOf({ rate }: DnsCapabilities): number {
  return Math.max(resourceDefaults.lookEveryMs, Math.ceil(2_000 / (rate.perSecond * resourceDefaults.looksShare)))
}
