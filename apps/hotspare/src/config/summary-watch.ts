import { formatDuration } from '@hotspare/core'
import type { ThresholdRules } from '@hotspare/health/thresholds'
import type { AgentConfig, CheckConfig, DependsOnConfig, WatchRules } from './config.ts'
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
  /** What else is made of the results, in words; undefined where that is nothing. */
  readonly further?: readonly string[] | undefined
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

export function watchOf(rules: WatchRules & FurtherRules, looksAt: string, recovery: DetectionBound): WatchSummary {
  const { intervalMs, timeoutMs } = rules
  const further = furtherOf(rules)
  return { looksAt, intervalMs, timeoutMs, recovery, ...(further.length === 0 ? {} : { further }) }
}

/** What only a target of a pool, or only a check, can have. */
interface FurtherRules {
  readonly agent?: AgentConfig | undefined
  readonly canary?: boolean | undefined
}

function furtherOf({ dependsOn, thresholds = [], damping, agent, canary }: WatchRules & FurtherRules): string[] {
  return [
    ...(damping ? ['its way back is held while it flaps'] : []),
    ...thresholds.map(({ name, rules }) => `degraded by ${name} where ${limitText(rules)}`),
    ...(dependsOn ? [`leans on ${leaningText(dependsOn)}`] : []),
    ...(agent ? [`asks the agent at port ${agent.port} every ${formatDuration(agent.intervalMs)}`] : []),
    ...(canary === true ? ['shows how this node itself is'] : []),
  ]
}

/** `the p95 of duration-ms over 1m is above 400 for 30s, until it is back at 250` */
function limitText({ measure, of, percentile, windowMs, direction, enter, leave, enterForMs }: ThresholdRules): string {
  const over = ` over ${formatDuration(windowMs)}`
  const what = {
    value: measure,
    percentile: `the p${percentile} of ${measure}${over}`,
    mean: `the mean of ${measure}${over}`,
    rate: `the rate of ${measure}${over}`,
    deviation: `the deviation of ${measure} from the usual`,
  }[of]
  const lasting = enterForMs === 0 ? '' : ` for ${formatDuration(enterForMs)}`
  return `${what} is ${direction} ${enter}${lasting}${leave === enter ? '' : `, until it is back at ${leave}`}`
}

/** A pool of hundreds is not spelled out. */
const NAMES_TOLD = 5

function leaningText({ on, need }: DependsOnConfig): string {
  const rest = on.length - NAMES_TOLD
  const names = `${on.slice(0, NAMES_TOLD).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  if (need === 'all' || on.length === 1) return names
  return `${need === 'any' ? 'any' : need} of ${names}`
}

export function formatCheck(check: CheckSummary): string[] {
  const { name, type, detection, further = [] } = check
  if (type === 'push')
    return [
      `check ${name}: a job that reports in`,
      `  a missing report is noticed within ${formatBound(detection)}`,
      ...further.map((line) => `  ${line}`),
    ]
  return [`check ${name}: ${type}`, ...formatWatch(check, detection, 'one that fails')]
}

/** @param who what is down then: `a dead target` */
export function formatWatch(
  { looksAt, intervalMs, timeoutMs, recovery, further = [] }: WatchSummary,
  detection: DetectionBound,
  who: string,
): [string, string, string, ...string[]] {
  return [
    `  looks every ${formatDuration(intervalMs)}, for ${formatDuration(timeoutMs)} at most, at ${looksAt}`,
    `  ${who} is down within ${formatBound(detection)}`,
    `  one that is back is up within ${formatBound(recovery)}`,
    ...further.map((line) => `  ${line}`),
  ]
}

export function formatBound({ worstCaseMs, formula }: DetectionBound): string {
  return `${formatDuration(worstCaseMs)} = ${formula}`
}
