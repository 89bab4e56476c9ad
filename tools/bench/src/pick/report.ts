import { median, summarise } from '../statistics.ts'
import { formatNumber, markdownTable } from '../table.ts'

/** One subject with one size of pool; the place of a number is its round. */
export interface PickRow {
  readonly subject: string
  readonly size: number
  readonly nanosPerPick: number[]
  readonly bytesPerPick: number[]
}

export interface PickReport {
  readonly subjects: readonly { readonly name: string; readonly setup: string }[]
  readonly rows: readonly PickRow[]
  /** Those that could not be measured to the end, and why. */
  readonly broken: readonly { readonly name: string; readonly because: string }[]
}

/** A table with a column for each size, and the allocation, which is the same for all of them, at the end. */
export function pickReportText(report: PickReport): string {
  const sizes = [...new Set(report.rows.map(({ size }) => size))].toSorted((a, b) => a - b)
  const head = ['ns per pick (spread)', ...sizes.map((size) => `${size.toLocaleString('en-US')} targets`), 'bytes per pick']
  const rows = report.subjects.flatMap(({ name }) => {
    const own = report.rows.filter(({ subject, nanosPerPick }) => subject === name && nanosPerPick.length > 0)
    if (own.length === 0) return []
    const nanos = sizes.map((size) => withSpread(own.find((row) => row.size === size)?.nanosPerPick ?? []))
    return [[name, ...nanos, formatNumber(median(own.flatMap(({ bytesPerPick }) => bytesPerPick)))]]
  })
  return [
    markdownTable(head, rows),
    report.subjects.map(({ name, setup }) => `- ${name}: ${setup}`).join('\n'),
    ...report.broken.map(({ name, because }) => `NOT MEASURED TO THE END: ${name}: ${because}`),
  ].join('\n\n')
}

function withSpread(values: readonly number[]): string {
  const summary = summarise(values)
  return summary ? `${formatNumber(summary.median)} (${formatNumber(summary.lowest)} to ${formatNumber(summary.highest)})` : '-'
}
