import { formatDuration } from '@hotspare/core'
import type { CheckConfig, WatchRules } from './config.ts'
import { addressOf } from './probe-address.ts'

/** The longest time until a verdict, and where the number comes from. */
export interface DetectionBound {
  readonly worstCaseMs: number
  /** With the file's own numbers in it: `1s + 2 * 1s + 500ms`. */
  readonly formula: string
}

/** What of the rules decides how soon a death, or a return, is noticed. */
export type DetectionTimes = Pick<WatchRules, 'intervalMs' | 'fastIntervalMs' | 'downIntervalMs' | 'timeoutMs' | 'rise' | 'fall'>

/** From a death, and from a return, to its verdict. */
export interface DetectionBounds {
  readonly down: DetectionBound
  readonly up: DetectionBound
}

/** Computes the bounds of one check; the rule belongs to whoever probes. */
export type DetectionBoundsOf = (times: DetectionTimes) => DetectionBounds

/** When something is looked at, and how soon it is noticed that it is dead, or back. */
export interface WatchSummary {
  /** What is looked at, without secrets. */
  readonly looksAt: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly recovery: DetectionBound
}

export interface CheckSummary extends WatchSummary {
  readonly name: string
  readonly type: CheckConfig['type']
  readonly detection: DetectionBound
}

export function summarizeCheck(check: CheckConfig, boundsOf: DetectionBoundsOf): CheckSummary {
  const { name, type } = check
  const bounds = check.type === 'push' ? missedWithin(check, boundsOf) : boundsOf(check)
  return { name, type, detection: bounds.down, ...watchOf(check, addressOf(check), bounds.up) }
}

/** A job is dead from its last report on; and nobody waits for an answer. */
function missedWithin(check: Extract<CheckConfig, { readonly type: 'push' }>, boundsOf: DetectionBoundsOf): DetectionBounds {
  const { ttlMs, graceMs } = check
  const { down, up } = boundsOf({ ...check, timeoutMs: 0 })
  const formula = [formatDuration(ttlMs), ...(graceMs === 0 ? [] : [formatDuration(graceMs)]), down.formula].join(' + ')
  return { up, down: { worstCaseMs: ttlMs + graceMs + down.worstCaseMs, formula } }
}

export function watchOf({ intervalMs, timeoutMs }: WatchRules, looksAt: string, recovery: DetectionBound): WatchSummary {
  return { looksAt, intervalMs, timeoutMs, recovery }
}

export function formatCheck(check: CheckSummary): string[] {
  const { name, type, detection } = check
  if (type === 'push') return [`check ${name}: a job that reports in`, `  a missing report is noticed within ${formatBound(detection)}`]
  return [`check ${name}: ${type}`, ...formatWatch(check, detection, 'one that fails')]
}

/** @param who what is down then: `a dead target` */
export function formatWatch(
  { looksAt, intervalMs, timeoutMs, recovery }: WatchSummary,
  detection: DetectionBound,
  who: string,
): [string, string, string] {
  return [
    `  looks every ${formatDuration(intervalMs)}, for ${formatDuration(timeoutMs)} at most, at ${looksAt}`,
    `  ${who} is down within ${formatBound(detection)}`,
    `  one that is back is up within ${formatBound(recovery)}`,
  ]
}

export function formatBound({ worstCaseMs, formula }: DetectionBound): string {
  return `${formatDuration(worstCaseMs)} = ${formula}`
}
