import { formatDuration } from '@hotspare/core'
import type { ThresholdConfig, WatchRules } from './config.ts'
import { shownName } from './checks-names.ts'
import type { FileView } from './issues.ts'
import type { Finding, Path } from './problem.ts'
import { measuresOf, type ProbeMeasures } from './probe-measures.ts'
import type { ParsedCheck } from './schema-checks.ts'
import type { ParsedPool } from './schema-pools.ts'
import { suggestion } from './suggest.ts'

export interface DraftThresholds {
  readonly pools: readonly { readonly name: string; readonly pool: ParsedPool | undefined }[]
  readonly checks: readonly { readonly name: string; readonly check: ParsedCheck | undefined }[]
}

/** Limits that could never be exceeded, or never be left again: nobody would learn of it before it is needed. */
export function thresholdContradictions({ pools, checks }: DraftThresholds, view: FileView): Finding[] {
  const of = (path: Path, rules: WatchRules, measures: ProbeMeasures) => findings(path, rules, measures, view)
  return [
    ...pools.flatMap(({ name, pool }) => (pool ? of(['pools', name, 'health'], pool.health, measuresOf(pool.health)) : [])),
    ...checks.flatMap(({ name, check }) => (check ? of(['checks', name], check, measuresOf(check)) : [])),
  ]
}

function findings(path: Path, rules: WatchRules, measures: ProbeMeasures, view: FileView): Finding[] {
  return (rules.thresholds ?? []).flatMap((threshold, index) => {
    const at = [...path, 'thresholds', index]
    return [
      ...unmeasured([...at, 'measure'], threshold, measures, view),
      ...tooFew(at, threshold, rules),
      ...alwaysBegunAnew(at, threshold, rules),
    ]
  })
}

function unmeasured(path: Path, { rules }: ThresholdConfig, { names, isOpen }: ProbeMeasures, view: FileView): Finding[] {
  const { measure } = rules
  if (isOpen || names.includes(measure)) return []
  const hint = view.reference(path) === undefined ? suggestion(measure, names, 'it measures') : undefined
  return [{ path, message: `this probe does not measure ${shownName(path, measure, view)}`, hint }]
}

/** What is taken over a window needs so many looks within it. */
function tooFew(path: Path, { rules: { of, windowMs, minSamples } }: ThresholdConfig, rules: WatchRules): Finding[] {
  if (of === 'value' || of === 'deviation') return []
  const { intervalMs, fastIntervalMs = intervalMs, downIntervalMs = intervalMs } = rules
  const paceMs = Math.min(intervalMs, fastIntervalMs, downIntervalMs)
  const most = Math.ceil(windowMs / paceMs)
  if (most >= minSamples) return []
  const wide = formatDuration((minSamples + 1) * paceMs)
  return [
    {
      path,
      message: `it takes ${minSamples} looks, and in a window of ${formatDuration(windowMs)} there are ${most} at most`,
      hint: `write "window: ${wide}"${most < 2 && of === 'rate' ? '' : `, or "minSamples: ${most}"`}, or it never says anything`,
    },
  ]
}

/** After a gap `enterFor` and `leaveFor` begin anew. */
function alwaysBegunAnew(path: Path, { rules }: ThresholdConfig, { intervalMs }: WatchRules): Finding[] {
  const { maxGapMs, enterForMs, leaveForMs } = rules
  if (maxGapMs >= intervalMs || (enterForMs === 0 && leaveForMs === 0)) return []
  const names = [...(enterForMs > 0 ? ['"enterFor"'] : []), ...(leaveForMs > 0 ? ['"leaveFor"'] : [])].join(' and ')
  return [
    {
      path,
      message: `between two looks lie ${formatDuration(intervalMs)}, more than "maxGap" (${formatDuration(maxGapMs)}): ${names} would begin anew with each`,
      hint: `write "maxGap: ${formatDuration(2 * intervalMs)}"`,
    },
  ]
}
