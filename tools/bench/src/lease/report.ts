import { median, pairedRatio, summarise } from '../statistics.ts'
import { formatNumber, markdownTable } from '../table.ts'
import { disturbanceText } from '../disturbance.ts'
import type { LeaseSubject } from './subject.ts'

/** One subject, one number of leases, one round. */
export interface LeaseSample {
  readonly renewalsPerSecond: number
  readonly p50Micros: number
  readonly p99Micros: number
  /** Of the client's process, for each renewal. */
  readonly cpuMicros: number
  /** Of the server's processes, for each renewal; undefined where there is none. */
  readonly serverCpuMicros?: number | undefined
  /** The share of the client's core that other processes took meanwhile; undefined where nothing is pinned. */
  readonly othersShare?: number | undefined
}

/** The place of a sample is its round. */
export interface LeaseRow {
  readonly subject: string
  readonly leases: number
  readonly samples: LeaseSample[]
}

export interface LeaseReport {
  readonly subjects: readonly Pick<LeaseSubject, 'name' | 'store' | 'role' | 'setup'>[]
  readonly stores: readonly { readonly name: string; readonly version: string }[]
  readonly missing: readonly { readonly name: string; readonly install: string }[]
  /** Those that could not be measured to the end, and why. */
  readonly broken: readonly { readonly name: string; readonly because: string }[]
  readonly rows: readonly LeaseRow[]
}

const HEAD = [
  'register',
  'leases',
  'renewals/s',
  'spread',
  'x floor',
  'x other',
  'p50 us',
  'p99 us',
  'CPU us/renewal',
  'CPU x floor',
  'server CPU us',
]

const ROLES: Readonly<Record<LeaseSubject['role'], (store: string) => string>> = {
  hotspare: () => '',
  floor: (store) => ` (the floor of ${store})`,
  alternative: (store) => ` (the other way to ${store})`,
}

/** Times are set against those of the same store's floor: 2.00 is a renewal that takes twice as long. */
export function leaseReportText(report: LeaseReport): string {
  const rows = report.rows.filter(({ samples }) => samples.length > 0)
  return [
    markdownTable(
      HEAD,
      rows.map((row) => cells(row, report)),
    ),
    ...disturbanceText(report.rows.flatMap(({ samples }) => samples.flatMap(({ othersShare }) => othersShare ?? []))),
    'x floor and x other: how many times as long a renewal takes as by the floor of the same store, and by the other way to it.',
    report.subjects.map(({ name, store, role, setup }) => `- ${name}${ROLES[role](store)}: ${setup}`).join('\n'),
    `Stores: ${report.stores.map(({ name, version }) => `${name} ${version}`).join(', ')}.`,
    ...report.missing.map(({ name, install }) => `NOT MEASURED: ${name}: ${install}`),
    ...report.broken.map(({ name, because }) => `NOT MEASURED TO THE END: ${name}: ${because}`),
  ].join('\n\n')
}

function cells(row: LeaseRow, report: LeaseReport): readonly string[] {
  const rate = summarise(row.samples.map(({ renewalsPerSecond }) => renewalsPerSecond))
  const server = row.samples.flatMap(({ serverCpuMicros }) => serverCpuMicros ?? [])
  const middle = (value: (sample: LeaseSample) => number) => formatNumber(median(row.samples.map(value)))
  const against = (role: LeaseSubject['role'], value: (sample: LeaseSample) => number) => {
    const other = peerRow(row, role, report)
    return formatNumber(other && pairedRatio(row.samples.map(value), other.samples.map(value)))
  }
  return [
    row.subject,
    `${row.leases}`,
    formatNumber(rate?.median),
    `${formatNumber(rate?.lowest)} to ${formatNumber(rate?.highest)}`,
    against('floor', secondsPerRenewal),
    against('alternative', secondsPerRenewal),
    middle(({ p50Micros }) => p50Micros),
    middle(({ p99Micros }) => p99Micros),
    middle(({ cpuMicros }) => cpuMicros),
    against('floor', ({ cpuMicros }) => cpuMicros),
    formatNumber(median(server)),
  ]
}

/** The row of the same store, with as many leases, that plays this role. */
function peerRow(row: LeaseRow, role: LeaseSubject['role'], { subjects, rows }: LeaseReport): LeaseRow | undefined {
  const store = subjects.find(({ name }) => name === row.subject)?.store
  const peer = subjects.find((subject) => subject.store === store && subject.role === role)
  return rows.find(({ subject, leases }) => subject === peer?.name && leases === row.leases)
}

function secondsPerRenewal({ renewalsPerSecond }: LeaseSample): number {
  return 1 / renewalsPerSecond
}
