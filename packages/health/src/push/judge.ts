import { formatDuration } from '@hotspare/core'
import { degraded, failed, type Finding, inconclusive, passed, type Remarks } from '../failure.ts'

/** What a job says of itself when it reports in. */
export interface PushReport {
  readonly outcome: 'pass' | 'degraded' | 'fail'
  /** One clause for people: `312 rows copied`. */
  readonly detail?: string | undefined
  /** What the job measured, by names that end in their unit. */
  readonly measures?: Readonly<Record<string, number>> | undefined
}

/** How long a report holds. */
export interface PushRules {
  readonly ttlMs: number
  /** How much later than that it may come before it is missed. */
  readonly graceMs: number
}

/**
 * What a check is worth now. Without any report the time runs from the start: until it is up, nobody knows.
 *
 * @param ageMs since the last report, or since the start where there is none
 */
export function judgePush(rules: PushRules, report: PushReport | undefined, ageMs: number): Finding {
  const { ttlMs, graceMs } = rules
  // Nobody needs the milliseconds of a minute.
  const age = formatDuration(ageMs < 1_000 ? ageMs : Math.floor(ageMs / 1_000) * 1_000)
  if (ageMs > ttlMs + graceMs) {
    const since = report ? `the last report came ${age} ago` : `no report in the ${age} since the start`
    return failed('missed', `${since}, one is due every ${formatDuration(ttlMs)}`, remarks(report, ageMs))
  }
  if (!report) return inconclusive(`no report yet, ${age} after the start`)
  const said = report.detail ?? `reported ${report.outcome}`
  // What it said last still holds, and a failure outweighs being late.
  if (report.outcome === 'fail') return failed('unwell', said, { ...remarks(report, ageMs), immediate: true })
  if (ageMs > ttlMs) return degraded(`late: reported ${age} ago, one is due every ${formatDuration(ttlMs)}`, remarks(report, ageMs))
  return report.outcome === 'degraded' ? degraded(said, remarks(report, ageMs)) : passed(said, remarks(report, ageMs))
}

function remarks(report: PushReport | undefined, ageMs: number): Remarks {
  return report ? { measures: { ...report.measures, 'report-age-seconds': ageMs / 1_000 } } : {}
}
