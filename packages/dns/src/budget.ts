import { LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'
import { budgetDefaults } from './budget-defaults.ts'
import { type Quantiles, sumOf } from './budget-sum.ts'
import { parseOptions } from './options.ts'

export { formatBudget } from './budget-text.ts'
export { spreadOf } from './budget-sum.ts'
export type { Quantiles } from './budget-sum.ts'

/** How a death is noticed: `fall` probes in a row that fail. */
export interface DetectionTimes {
  /** From the start of one probe to the start of the next, in milliseconds. */
  readonly intervalMs: number
  readonly fall: number
  /** How long a probe may hang, in milliseconds. Default: 0, which is right for a target that refuses */
  readonly timeoutMs?: number | undefined
}

export interface FailoverBudgetOptions {
  readonly detection: DetectionTimes
  /** How long the agreement of several observers takes, or a lease that has to pass. Default: 0 */
  readonly quorumMs?: number | Quantiles | undefined
  /** From the decision to the provider's "applied". Default: 1,000 */
  readonly writeMs?: number | Quantiles | undefined
  /** From "applied" to the last name server: the lags that `verifyServed` has measured. Default: 0 */
  readonly propagationMs?: number | Quantiles | undefined
  /** Of the record, in seconds. */
  readonly ttlSeconds: number
  /** The share of resolvers that keep answers for longer than their TTL. Default: 0.0874 (Bhowmick et al., PAM 2023) */
  readonly tailRatio?: number | undefined
}

/** One part of the time. */
export interface BudgetPart extends Quantiles {
  readonly part: 'detection' | 'quorum' | 'write' | 'propagation' | 'ttl'
  /** How it comes about: `30s x 3`. */
  readonly because: string
}

/** From a death until resolvers answer with the spare. */
export interface FailoverBudget {
  readonly parts: readonly BudgetPart[]
  /** Half of the resolvers that keep to the TTL have the new address within this, and 95 % within `p95Ms`; all times in milliseconds. */
  readonly p50Ms: number
  readonly p95Ms: number
  /** All of those that keep to the TTL do. */
  readonly worstMs: number
  /** Who does not: for them there is no bound. */
  readonly tail: {
    /** The share of resolvers. */
    readonly ratio: number
    /** Where the figure comes from. */
    readonly source: string
  }
}

const durationMs = z.number().min(0).max(LONGEST_DELAY_MS)

const spread = z.union([
  durationMs,
  z
    .strictObject({ leastMs: durationMs.optional(), p50Ms: durationMs, p95Ms: durationMs, worstMs: durationMs })
    .refine(isOrdered, 'expected leastMs <= p50Ms <= p95Ms <= worstMs'),
])

interface ParsedBudget {
  readonly detection: { readonly intervalMs: number; readonly fall: number; readonly timeoutMs: number }
  readonly quorumMs: number | Quantiles
  readonly writeMs: number | Quantiles
  readonly propagationMs: number | Quantiles
  readonly ttlSeconds: number
  readonly tailRatio: number
}

export const failoverBudgetSchema: z.ZodType<ParsedBudget, FailoverBudgetOptions> = z.strictObject({
  detection: z.strictObject({
    intervalMs: z.number().positive().max(LONGEST_DELAY_MS),
    fall: z.int().min(1).max(1_000),
    timeoutMs: durationMs.default(0),
  }),
  quorumMs: spread.default(0),
  writeMs: spread.default(budgetDefaults.writeMs),
  propagationMs: spread.default(0),
  ttlSeconds: z.int().min(0).max(2_147_483),
  tailRatio: z.number().min(0).max(1).default(budgetDefaults.tailRatio),
})

/**
 * How long a failover by DNS takes:
 *
 *     detection + quorum + write + propagation + TTL
 *
 * Detection is `interval + (fall - 1) * max(interval, timeout) + timeout` at worst; deaths come at any moment of the interval.
 * A resolver has asked at any moment of the TTL, so what is left of it is anything between nothing and all. A part given as one
 * number always takes that long. p50 and p95 are those of the sum, with parts that do not depend on each other.
 *
 * Route 53's documented figures follow from it: checks every 30 s, three failures and a TTL of 60 s are 150 s at worst, fast
 * checks (10 s) 90 s.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function failoverBudget(options: FailoverBudgetOptions): FailoverBudget {
  const { detection, quorumMs, writeMs, propagationMs, ttlSeconds, tailRatio } = parseOptions(
    'failover budget',
    failoverBudgetSchema,
    options,
  )
  const parts: readonly BudgetPart[] = [
    detectionPart(detection),
    { part: 'quorum', ...quantilesOf(quorumMs), because: 'observers agree' },
    { part: 'write', ...quantilesOf(writeMs), because: 'the provider accepts the change' },
    { part: 'propagation', ...quantilesOf(propagationMs), because: 'all name servers serve it' },
    { part: 'ttl', ...evenly(0, ttlSeconds * 1_000), because: 'resolvers forget the old answer' },
  ]
  const source = tailRatio === budgetDefaults.tailRatio ? budgetDefaults.tailSource : 'as given'
  return { parts, ...sumOf(parts), tail: { ratio: tailRatio, source } }
}

function detectionPart({ intervalMs, fall, timeoutMs }: ParsedBudget['detection']): BudgetPart {
  const afterFirstMs = (fall - 1) * Math.max(intervalMs, timeoutMs) + timeoutMs
  const times = `every ${intervalMs / 1_000} s, ${fall} failed`
  const because = timeoutMs === 0 ? times : `${times}, each after ${timeoutMs / 1_000} s`
  return { part: 'detection', ...evenly(afterFirstMs, afterFirstMs + intervalMs), because }
}

function isOrdered({ leastMs = 0, p50Ms, p95Ms, worstMs }: Quantiles): boolean {
  return leastMs <= p50Ms && p50Ms <= p95Ms && p95Ms <= worstMs
}

/** Any time between two is as likely as any other. */
function evenly(leastMs: number, mostMs: number): Quantiles {
  const at = (ratio: number) => leastMs + ratio * (mostMs - leastMs)
  return { leastMs, p50Ms: at(0.5), p95Ms: at(0.95), worstMs: mostMs }
}

function quantilesOf(given: number | Quantiles): Quantiles {
  return typeof given === 'number' ? { leastMs: given, p50Ms: given, p95Ms: given, worstMs: given } : given
}
