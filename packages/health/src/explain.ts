import { assertNever, formatDuration } from '@hotspare/core'
import type { ProbeResult } from './probe.ts'
import type { TargetHealth } from './target-health.ts'

/** How many of the last results are told; the rest is in `history`. */
const RESULTS_TOLD = 5

/** Says in words what state a target is in, since when, why, what the last probes saw, and what would change it. */
export function explain(health: TargetHealth): string[] {
  const { id, address, verdict, history } = health
  return [
    `${id} (${address}) is ${verdict.state} since ${new Date(verdict.since).toISOString()}`,
    `because ${verdict.because}`,
    ...history
      .slice(-RESULTS_TOLD)
      .toReversed()
      .map(({ at, result }) => `${new Date(at).toISOString()} ${resultText(result)}`),
    ...whatWouldChange(health),
  ]
}

function resultText(result: ProbeResult): string {
  return `${verbOf(result)} after ${Math.round(result.durationMs)} ms: ${result.detail}`
}

function verbOf(result: ProbeResult): string {
  switch (result.outcome) {
    case 'pass':
      return 'passed'
    case 'degraded':
      return 'passed, though not as it should,'
    case 'fail':
      return `failed (${result.reason})`
    case 'inconclusive':
      return 'showed nothing, and does not count,'
    default:
      return assertNever(result)
  }
}

function whatWouldChange({ verdict, counters, rules, detectionBoundMs }: TargetHealth): string[] {
  const failuresLeft = rules.fall - counters.consecutiveFailures
  const lines = [`${more(failuresLeft, 'failed probe')} would mark it down`]
  if (rules.trafficFailures > 0)
    lines.push(`${more(rules.trafficFailures - counters.trafficFailures, 'failed request')} would mark it down at once`)
  lines.push(`if it dies, probes notice within ${formatDuration(detectionBoundMs)}`)
  switch (verdict.state) {
    case 'unknown':
      return ['1 passed probe would bring it up', ...lines]
    case 'down':
      return [`${more(rules.rise - counters.consecutivePasses, 'passed probe')} would bring it up`]
    case 'up':
    case 'degraded':
      return lines
    default:
      return assertNever(verdict.state)
  }
}

function more(count: number, what: string): string {
  return count === 1 ? `1 more ${what}` : `${count} more ${what}s in a row`
}
