import { formatDuration } from '@hotspare/core'
import type { FailoverBudget } from './budget.ts'

const LABELS = {
  detection: 'detection',
  quorum: 'quorum',
  write: 'write',
  propagation: 'propagation',
  ttl: 'TTL',
} as const

/** @returns the lines of a table for people, and what it leaves out */
export function formatBudget({ parts, p50Ms, p95Ms, worstMs, tail }: FailoverBudget): readonly string[] {
  const rows = [
    ['', 'half', '95 %', 'worst', ''],
    ...parts
      .filter((part) => part.worstMs > 0)
      .map((part) => [LABELS[part.part], text(part.p50Ms), text(part.p95Ms), text(part.worstMs), part.because]),
    ['together', text(p50Ms), text(p95Ms), text(worstMs), 'for resolvers that keep to the TTL'],
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => padded(cell, column, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const percent = Number((tail.ratio * 100).toFixed(2))
  if (tail.ratio === 0) return lines
  return [...lines, `${percent} % of resolvers keep answers for longer than their TTL, without a bound (${tail.source})`]
}

/** Names to the left, times to the right, as columns of figures are read. */
function padded(cell: string, column: number, width: number): string {
  return column === 0 || column > 3 ? cell.padEnd(width) : cell.padStart(width)
}

/** Tenths are enough above a second. */
function text(durationMs: number): string {
  return formatDuration(durationMs < 1_000 ? durationMs : Math.round(durationMs / 100) * 100)
}
