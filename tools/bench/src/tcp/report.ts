import { median, pairedRatio, summarise } from '../statistics.ts'
import { formatNumber, markdownTable } from '../table.ts'

/** One system, one load, one round. */
export interface TcpSample {
  /** User and system time of all threads, divided by the units of the load. */
  readonly cpuMicros: number
  readonly perSecond: number
  readonly requests: number
  readonly failures: number
}

/** The place of a sample is its round. */
export interface TcpRow {
  readonly system: string
  readonly load: string
  readonly unit: string
  readonly samples: TcpSample[]
}

export interface TcpReport {
  readonly systems: readonly { readonly name: string; readonly version: string; readonly setup: string }[]
  readonly missing: readonly { readonly name: string; readonly install: string }[]
  /** Those that could not be measured to the end, and why. */
  readonly broken: readonly { readonly name: string; readonly because: string }[]
  readonly rows: readonly TcpRow[]
}

/** @param reference the system that the others are set against */
export function tcpReportText(report: TcpReport, reference: string): string {
  const head = ['proxy', 'load', 'per', 'CPU us', 'spread', `x ${reference}`, 'per second']
  const parts = [
    markdownTable(
      head,
      report.rows.filter(({ samples }) => samples.length > 0).map((row) => cells(row, report.rows, reference)),
    ),
  ]
  for (const { system, load, samples } of report.rows) {
    const failures = samples.reduce((sum, sample) => sum + sample.failures, 0)
    const requests = samples.reduce((sum, sample) => sum + sample.requests, 0)
    if (failures > 0) parts.push(`FAILED REQUESTS: ${system}, ${load}: ${failures} besides ${requests} that were answered.`)
  }
  parts.push(report.systems.map(({ name, version, setup }) => `- ${name} ${version}: ${setup}`).join('\n'))
  for (const { name, install } of report.missing) parts.push(`MISSING: ${name}: ${install}`)
  for (const { name, because } of report.broken) parts.push(`NOT MEASURED TO THE END: ${name}: ${because}`)
  return parts.join('\n\n')
}

function cells(row: TcpRow, rows: readonly TcpRow[], reference: string): readonly string[] {
  const cpu = row.samples.map(({ cpuMicros }) => cpuMicros)
  const spread = summarise(cpu)
  const other = rows.find(({ system, load }) => system === reference && load === row.load)
  return [
    row.system,
    row.load,
    row.unit,
    formatNumber(spread?.median),
    `${formatNumber(spread?.lowest)} to ${formatNumber(spread?.highest)}`,
    formatNumber(pairedRatio(cpu, other?.samples.map(({ cpuMicros }) => cpuMicros) ?? [])),
    formatNumber(median(row.samples.map(({ perSecond }) => perSecond))),
  ]
}
