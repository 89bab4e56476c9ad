import type { CheckStatus, StatedVerdict, TargetStatus } from '@hotspare/api'
import { formatDuration } from '@hotspare/core'
import { table } from './table.ts'

/** The checks as lines for a terminal. */
export function formatChecks(checks: readonly CheckStatus[], age: (since: number) => string): string[] {
  if (checks.length === 0) return []
  const rows = checks.map((check) => [
    check.name,
    check.unreachable ? 'unreachable' : check.state,
    age(check.since),
    check.type,
    check.report ? `reported ${formatDuration(Math.round(check.report.ageMs / 1_000) * 1_000)} ago` : lastLook(check),
    [check.unreachable ? causeOf(check.unreachable) : check.because, ...warningOf(check)].join('; '),
  ])
  return ['checks', ...table(rows).map((line) => `  ${line}`)]
}

function lastLook({ last }: CheckStatus): string {
  return last ? `${Math.round(last.durationMs)} ms` : 'no look yet'
}

/** Whether this node can judge at all comes first: what follows is worth no more than it is. */
export function formatObserver(observer: StatedVerdict | undefined, node: string, age: (since: number) => string): string[] {
  return observer?.state === 'unwell' ? [`${node} CANNOT JUDGE for ${age(observer.since)}: ${observer.because}`] : []
}

/** What is to be said of a target beside its state. */
export function targetNotes(target: TargetStatus, nowMs: number): string {
  const { because, unreachable, asks, ejected } = target
  return [
    unreachable ? causeOf(unreachable) : because,
    ...(asks?.admin && asks.admin.because !== because ? [`it asks for ${asks.admin.state} itself`] : []),
    ...(asks?.weight === undefined || asks.weight === 1 ? [] : [`it asks for ${Math.round(asks.weight * 100)} % of its weight`]),
    ...(ejected ? [`put aside for ${formatDuration(Math.max(0, ejected.until - nowMs))}: ${ejected.because}`] : []),
    ...warningOf(target),
  ].join('; ')
}

function causeOf({ rootCause, because }: { readonly rootCause: readonly string[]; readonly because: string }): string {
  return `because of ${rootCause.join(', ')}: ${because}`
}

function warningOf({ warning }: { readonly warning?: string | undefined }): string[] {
  return warning === undefined ? [] : [`WARNING: ${warning}`]
}
