import { disturbanceText } from '../disturbance.ts'
import { median, pairedRatio, quantile, summarise } from '../statistics.ts'
import { formatNumber, markdownTable } from '../table.ts'
import type { HeartbeatSample } from './sample.ts'
import type { HeartbeatSubject } from './subject.ts'

/** One node with one number of peers; the place of a sample is its window. */
export interface HeartbeatRow {
  readonly subject: string
  readonly peers: number
  readonly samples: HeartbeatSample[]
  /** In RAM when all peers were there, and after the last window. */
  firstBytes?: number | undefined
  lastBytes?: number | undefined
  /** How many peers it held for alive after the last window. */
  aliveAtEnd?: number | undefined
}

export interface HeartbeatReport {
  readonly subjects: readonly (Pick<HeartbeatSubject, 'name' | 'setup' | 'onNode'> & { readonly version: string })[]
  readonly missing: readonly { readonly name: string; readonly install: string }[]
  /** Those that could not be measured to the end, and why. */
  readonly broken: readonly { readonly name: string; readonly because: string }[]
  readonly rows: readonly HeartbeatRow[]
  /** What Node takes that does nothing, after the last window of each size. */
  readonly idleBytes: readonly number[]
  /** The share of the nodes' core that other processes took, for each window. */
  readonly othersShares: readonly number[]
}

const HEAD = [
  'node',
  'peers',
  'CPU %',
  'spread',
  'CPU us/beat',
  'x floor',
  'late p50 ms',
  'p99 ms',
  'max ms',
  'MiB',
  'over idle Node',
  'growth MiB',
]

/** @param floor the subject that the others are set against */
export function heartbeatReportText(report: HeartbeatReport, floor: string): string {
  const rows = report.rows.filter(({ samples }) => samples.length > 0)
  const idle = median(report.idleBytes)
  const nodes = new Set(report.subjects.filter(({ onNode }) => onNode).map(({ name }) => name))
  return [
    markdownTable(
      HEAD,
      rows.map((row) => cells(row, rows, { floor, idle: nodes.has(row.subject) ? idle : undefined })),
    ),
    ...(idle === undefined ? [] : [`A Node that does nothing takes ${formatNumber(idle / 2 ** 20)} MiB.`]),
    ...disturbanceText(report.othersShares, "nodes' core"),
    ...rows.flatMap(remarks),
    report.subjects.map(({ name, version, setup }) => `- ${name} ${version}: ${setup}`).join('\n'),
    ...report.missing.map(({ name, install }) => `NOT MEASURED: ${name}: ${install}`),
    ...report.broken.map(({ name, because }) => `NOT MEASURED TO THE END: ${name}: ${because}`),
  ].join('\n\n')
}

function cells(
  row: HeartbeatRow,
  rows: readonly HeartbeatRow[],
  { floor, idle }: { readonly floor: string; readonly idle: number | undefined },
): readonly string[] {
  const { subject, peers, samples, firstBytes, lastBytes } = row
  const spread = summarise(samples.map(percentOfCore))
  const reference = rows.find((other) => other.subject === floor && other.peers === peers)
  const late = samples.flatMap(({ lateMs }) => lateMs)
  return [
    subject,
    `${peers}`,
    formatNumber(spread?.median),
    `${formatNumber(spread?.lowest)} to ${formatNumber(spread?.highest)}`,
    formatNumber(median(samples.flatMap(({ cpuMicrosPerBeat }) => cpuMicrosPerBeat ?? []))),
    formatNumber(pairedRatio(samples.map(percentOfCore), reference?.samples.map(percentOfCore) ?? [])),
    ...[0.5, 0.99, 1].map((q) => formatNumber(quantile(late, q))),
    mebibytes(lastBytes),
    mebibytes(lastBytes === undefined || idle === undefined ? undefined : lastBytes - idle),
    mebibytes(lastBytes === undefined || firstBytes === undefined ? undefined : lastBytes - firstBytes),
  ]
}

function percentOfCore({ cpuShare }: HeartbeatSample): number {
  return cpuShare * 100
}

/** What must be known of a row before its figures are believed. */
function remarks({ subject, peers, samples, aliveAtEnd }: HeartbeatRow): readonly string[] {
  const sent = samples.reduce((sum, sample) => sum + sample.sent, 0)
  const missed = samples.reduce((sum, sample) => sum + sample.missed, 0)
  const skipped = samples.reduce((sum, sample) => sum + sample.skipped, 0)
  return [
    ...(missed > 0 ? [`MISSED BEATS: ${subject}, ${peers} peers: ${missed} did not come while it sent ${sent}.`] : []),
    ...(skipped > 0 ? [`SKIPPED BEATS: ${subject}, ${peers} peers: ${skipped}, because the node did not run when they were due.`] : []),
    ...(aliveAtEnd === peers ? [] : [`NOT ALL ALIVE: ${subject}: ${aliveAtEnd ?? 'unknown'} of ${peers} peers at the end.`]),
  ]
}

function mebibytes(bytes: number | undefined): string {
  return formatNumber(bytes === undefined ? undefined : bytes / 2 ** 20)
}
