import { disturbanceText } from '../disturbance.ts'
import { median, pairedRatio, quantile, summarise } from '../statistics.ts'
import { formatNumber, markdownTable } from '../table.ts'

/** One server, one load, one round. */
export interface DnsSample {
  /** User and system time of all threads, divided by the answers. */
  readonly cpuMicros: number
  readonly perSecond: number
  readonly latencyMs: number
  readonly answered: number
  readonly lost: number
  readonly failed: number
}

/** The place of a sample is its round. */
export interface DnsRow {
  readonly system: string
  readonly load: string
  readonly samples: DnsSample[]
}

export interface DnsReport {
  readonly systems: readonly { readonly name: string; readonly version: string; readonly setup: string }[]
  readonly missing: readonly { readonly name: string; readonly install: string }[]
  /** Those that could not be measured to the end, and why. */
  readonly broken: readonly { readonly name: string; readonly because: string }[]
  readonly rows: readonly DnsRow[]
  /** From a change to the answer that has it, in milliseconds. */
  readonly reactions: readonly { readonly system: string; readonly ms: readonly number[] }[]
  /** The share of the servers' core that other processes took, for each turn. */
  readonly othersShares: readonly number[]
}

/** @param reference the system that the others are set against */
export function dnsReportText(report: DnsReport, reference: string): string {
  const rows = report.rows.filter(({ samples }) => samples.length > 0)
  const reactions = report.reactions.filter(({ ms }) => ms.length > 0)
  return [
    markdownTable(
      ['server', 'load', 'CPU us/answer', 'spread', `x ${reference}`, 'answers/CPU-second', 'answers/s', 'latency ms'],
      rows.map((row) => cells(row, rows, reference)),
    ),
    ...(reactions.length === 0
      ? []
      : [
          markdownTable(
            ['from a change to its answer', 'changes', 'p50 ms', 'p99 ms', 'worst ms'],
            reactions.map(({ system, ms }) => [system, `${ms.length}`, ...[0.5, 0.99, 1].map((q) => formatNumber(quantile(ms, q)))]),
          ),
        ]),
    ...disturbanceText(report.othersShares, "servers' core"),
    ...rows.flatMap(remarks),
    report.systems.map(({ name, version, setup }) => `- ${name} ${version}: ${setup}`).join('\n'),
    ...report.missing.map(({ name, install }) => `MISSING: ${name}: ${install}`),
    ...report.broken.map(({ name, because }) => `NOT MEASURED TO THE END: ${name}: ${because}`),
  ].join('\n\n')
}

function cells(row: DnsRow, rows: readonly DnsRow[], reference: string): readonly string[] {
  const cpu = row.samples.map(({ cpuMicros }) => cpuMicros)
  const spread = summarise(cpu)
  const other = rows.find(({ system, load }) => system === reference && load === row.load)
  const perCpuSecond = spread && Math.round(1_000_000 / spread.median)
  return [
    row.system,
    row.load,
    formatNumber(spread?.median),
    `${formatNumber(spread?.lowest)} to ${formatNumber(spread?.highest)}`,
    formatNumber(pairedRatio(cpu, other?.samples.map(({ cpuMicros }) => cpuMicros) ?? [])),
    formatNumber(perCpuSecond),
    formatNumber(median(row.samples.map(({ perSecond }) => perSecond))),
    formatNumber(median(row.samples.map(({ latencyMs }) => latencyMs))),
  ]
}

/** What must be known of a row before its figures are believed. */
function remarks({ system, load, samples }: DnsRow): readonly string[] {
  const sum = (of: (sample: DnsSample) => number) => samples.reduce((total, sample) => total + of(sample), 0)
  const [answered, lost, failed] = [sum((each) => each.answered), sum((each) => each.lost), sum((each) => each.failed)]
  return [
    ...(lost > 0 ? [`LOST: ${system}, ${load}: ${lost} questions without an answer besides ${answered} with one.`] : []),
    ...(failed > 0 ? [`FAILED: ${system}, ${load}: ${failed} of ${answered} answers were neither NOERROR nor NXDOMAIN.`] : []),
  ]
}
