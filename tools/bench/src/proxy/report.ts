import { disturbanceText } from '../disturbance.ts'
import { median, pairedRatio, summarise } from '../statistics.ts'
import { formatNumber, markdownTable } from '../table.ts'
import type { ProxySample } from './sample.ts'

/** One system with one body; the place of a sample is its round. */
export interface ProxyRow {
  readonly system: string
  readonly body: string
  readonly samples: ProxySample[]
}

export interface ProxyReport {
  readonly systems: readonly { readonly name: string; readonly version: string; readonly setup: string }[]
  readonly missing: readonly { readonly name: string; readonly install: string }[]
  /** Those that could not be measured to the end, and why. */
  readonly broken: readonly { readonly name: string; readonly because: string }[]
  /** What a connection without a request takes of RAM. */
  readonly idle: readonly { readonly system: string; readonly bytes: number }[]
  readonly rows: readonly ProxyRow[]
}

/** @param references the systems that the others are set against */
export function proxyReportText(report: ProxyReport, references: readonly string[]): string {
  const head = ['proxy', 'body', 'CPU us/request', 'spread', ...references.map((name) => `x ${name}`), 'requests/s', 'p50 us', 'p99 us']
  const parts = [
    markdownTable(
      head,
      report.rows.filter(({ samples }) => samples.length > 0).map((row) => cells(row, report.rows, references)),
    ),
  ]
  const others = report.rows.flatMap(({ samples }) => samples.flatMap(({ othersShare }) => othersShare ?? []))
  parts.push(...disturbanceText(others, "proxies' core"))
  for (const { system, body, samples } of report.rows) {
    const failures = samples.reduce((sum, sample) => sum + sample.failures, 0)
    const requests = samples.reduce((sum, sample) => sum + sample.requests, 0)
    if (failures > 0) parts.push(`FAILED REQUESTS: ${system}, ${body}: ${failures} besides ${requests} that were answered.`)
  }
  if (report.idle.length > 0) {
    const idle = report.idle.map(({ system, bytes }) => [system, formatNumber(bytes / 1_024)])
    parts.push(markdownTable(['proxy', 'KiB/idle connection'], idle))
  }
  parts.push(report.systems.map(({ name, version, setup }) => `- ${name} ${version}: ${setup}`).join('\n'))
  for (const { name, install } of report.missing) parts.push(`MISSING: ${name}: ${install}`)
  for (const { name, because } of report.broken) parts.push(`NOT MEASURED TO THE END: ${name}: ${because}`)
  return parts.join('\n\n')
}

function cells(row: ProxyRow, rows: readonly ProxyRow[], references: readonly string[]): readonly string[] {
  const cpu = row.samples.map((sample) => sample.cpuMicrosPerRequest)
  const spread = summarise(cpu)
  const ratios = references.map((name) => {
    const reference = rows.find(({ system, body }) => system === name && body === row.body)
    return formatNumber(pairedRatio(cpu, reference?.samples.map((sample) => sample.cpuMicrosPerRequest) ?? []))
  })
  const middle = (value: (sample: ProxySample) => number) => formatNumber(median(row.samples.map(value)))
  return [
    row.system,
    row.body,
    formatNumber(spread?.median),
    `${formatNumber(spread?.lowest)} to ${formatNumber(spread?.highest)}`,
    ...ratios,
    middle((sample) => sample.requestsPerSecond),
    middle((sample) => sample.p50Micros),
    middle((sample) => sample.p99Micros),
  ]
}
