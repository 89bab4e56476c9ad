import { abortReason, type Clock, type Random, systemClock, systemRandom } from '@hotspare/core'
import type { Right } from '@hotspare/core/plan'
import { RunCalls } from './apply/calls.ts'
import { ChangeRun } from './apply/change-run.ts'
import { applyDefaults } from './apply/defaults.ts'
import type { Claim, PlanPolicy, PlanRefusal } from './plan-records.ts'
import type { DnsProvider, Reading } from './provider.ts'
import type { RecordSet } from './record-set.ts'

export interface ApplyOptions {
  readonly provider: DnsProvider
  /** What has to be there, canonical; all of one name where there is a claim. At least one. */
  readonly desired: readonly RecordSet[]
  /** Whose change it is. Absent for sets that nobody owns by a lease. */
  readonly claim?: Claim | undefined
  readonly policy?: PlanPolicy | undefined
  /** Looked at right before each call; nothing is asked for after its end, and what is under way then is given up. */
  readonly right?: Pick<Right, 'isValid' | 'deadlineMs' | 'signal'> | undefined
  /** How long all of it may take, in milliseconds. Default: 20,000 */
  readonly allowedMs?: number | undefined
  /** That of the right. Default: the system's clock */
  readonly clock?: Clock | undefined
  /** Default: the machine's own */
  readonly random?: Random | undefined
  readonly signal?: AbortSignal | undefined
}

/** How it went; whatever goes wrong in the world is one of these. */
export type ApplyOutcome =
  /** Everything is as it has to be, by a look after the last change. */
  | {
      readonly kind: 'applied'
      /** Whether a change was accepted; one whose answer was lost is not counted. */
      readonly changed: boolean
      /** What was there at the first look. */
      readonly before: readonly Reading[]
      /** What is there. */
      readonly after: readonly Reading[]
      /** The zone's serial after the last change, where the provider says it. */
      readonly serial: number | undefined
      readonly tookMs: number
    }
  /** It must not be done. */
  | {
      readonly kind: 'refused'
      readonly code: PlanRefusal
      readonly because: string
      /** What is there. */
      readonly current: readonly Reading[]
    }
  /** Somebody else has changed it meanwhile, and there is no claim to go by; or does so again and again. */
  | { readonly kind: 'conflict'; readonly because: string; readonly current: readonly Reading[] }
  /** It could not be done in its time. */
  | {
      readonly kind: 'failed'
      readonly because: string
      /** Whether the same may succeed later without a change by people. */
      readonly retryable: boolean
      /** How long the provider wants to be left alone, in milliseconds. */
      readonly retryAfterMs: number | undefined
      /** Whether something was written or may have been: look before anything is concluded. */
      readonly mayBeWritten: boolean
    }

/**
 * Brings sets of one provider to what they have to be: looks, plans (`planRecords`) and changes until a last look shows nothing to
 * do. With compare-and-swap, nothing is overwritten that was not read. Without it, what was read just before is compared, and looked
 * at again afterwards. Owner and sets change in one step where the provider has that; else the owner comes first.
 *
 * @throws the reason of `signal`
 */
export async function applyChange(options: ApplyOptions): Promise<ApplyOutcome> {
  const { provider, desired, claim, policy, right, signal } = options
  const { allowedMs = applyDefaults.allowedMs, clock = systemClock, random = systemRandom } = options
  const startMs = clock.monotonicMs()
  const { rightMarginMs } = applyDefaults
  const calls = new RunCalls({ who: provider.id, right, untilMs: startMs + allowedMs, rightMarginMs, clock, signal })
  const run = new ChangeRun({ provider, desired, claim, policy, random }, calls)
  try {
    const outcome = await run.run()
    return outcome.kind === 'applied' ? { ...outcome, tookMs: clock.monotonicMs() - startMs } : outcome
  } catch (error) {
    if (signal?.aborted) throw abortReason(signal)
    return run.failed(error)
  }
}
