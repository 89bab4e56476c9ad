import type { TimelineEntry } from '@hotspare/api'
import { formatDuration } from '@hotspare/core'
import type { LatencySummary } from './latency.ts'
import type { StepReport } from './scenario.ts'

/** Something that had to be so. */
export interface Objective {
  readonly name: string
  readonly met: boolean
  /** What was seen. */
  readonly seen: string
}

export interface ScenarioReport {
  readonly load: {
    readonly ratePerSecond: number
    readonly total: LatencySummary
    readonly retried: number
    readonly failures: readonly string[]
  }
  readonly steps: readonly StepReport[]
  readonly objectives: readonly Objective[]
  readonly timeline: readonly TimelineEntry[]
  /** Subjects of the mails and titles of the webhook calls that arrived. */
  readonly alerts: { readonly mails: readonly string[]; readonly webhooks: readonly string[] }
}

export function isMet(report: ScenarioReport): boolean {
  return report.objectives.every(({ met }) => met)
}

/** The requests that the timeline says were repeated elsewhere. */
export function countRetried(timeline: readonly TimelineEntry[]): number {
  return timeline.reduce((total, { type, count }) => (type === 'requests-retried' && typeof count === 'number' ? total + count : total), 0)
}

export function formatReport(report: ScenarioReport): string {
  const { load, steps, objectives, timeline, alerts } = report
  const { sent, failed } = load.total
  return [
    'What was done, and what users saw',
    ...steps.flatMap(formatStep),
    '',
    `Requests: ${sent} sent at ${load.ratePerSecond}/s, ${failed} failed, ${load.retried} retried; p50 ${ms(load.total.p50Ms)}, p99 ${ms(load.total.p99Ms)}, slowest ${ms(load.total.slowestMs)}`,
    ...load.failures.map((failure) => `  failed: ${failure}`),
    '',
    'Timeline',
    ...timeline.map(({ at, text }) => `  ${new Date(at).toISOString().slice(11, 23)}  ${text}`),
    '',
    'Alerts that arrived',
    ...alerts.mails.map((subject) => `  mail     ${subject}`),
    ...alerts.webhooks.map((title) => `  webhook  ${title}`),
    '',
    'Objectives',
    ...objectives.map(({ name, met, seen }) => `  ${met ? 'met   ' : 'MISSED'}  ${name}: ${seen}`),
  ].join('\n')
}

function formatStep({ title, targetId, noticedAfterMs, firstGoodAnswerMs, before, during, after, problems }: StepReport): string[] {
  return [
    '',
    `  ${title}${targetId === undefined ? '' : ` (${targetId})`}`,
    `    noticed after ${ms(noticedAfterMs)}, first good answer after ${ms(firstGoodAnswerMs)}`,
    ...[['before', before] as const, ['during', during] as const, ['after', after] as const].map(
      ([name, span]) =>
        `    ${name.padEnd(6)}  ${String(span.sent).padStart(5)} sent  ${String(span.failed).padStart(3)} failed  p50 ${ms(span.p50Ms)}  p99 ${ms(span.p99Ms)}  slowest ${ms(span.slowestMs)}`,
    ),
    ...problems.map((problem) => `    problem: ${problem}`),
  ]
}

function ms(value: number | undefined): string {
  if (value === undefined) return '-'
  return value < 10 ? `${value.toFixed(1)}ms` : formatDuration(value)
}
