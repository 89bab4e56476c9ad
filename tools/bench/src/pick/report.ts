import { median, pairedRatio, summarise } from '../statistics.ts'
import { formatNumber, markdownTable } from '../table.ts'
import type { PickKind, PickSubject } from './subject.ts'

/** One subject with one size of pool; the place of a number is its round. */
export interface PickRow {
  readonly subject: string
  readonly size: number
  readonly nanosPerPick: number[]
  /** None where it is not counted. */
  readonly bytesPerPick: number[]
}

export interface PickReport {
  readonly subjects: readonly Pick<PickSubject, 'name' | 'kind' | 'isPeer' | 'setup'>[]
  readonly versions: readonly { readonly name: string; readonly version: string }[]
  readonly rows: readonly PickRow[]
  /** Those that could not be measured to the end, and why. */
  readonly broken: readonly { readonly name: string; readonly because: string }[]
}

interface Part {
  readonly kind: PickKind
  readonly title: string
  /** What the first column holds. */
  readonly what: string
  readonly unit: 'ns' | 'ms'
}

const PARTS: readonly Part[] = [
  { kind: 'pick', title: 'A pick without a key', what: 'pick', unit: 'ns' },
  { kind: 'keyed-pick', title: 'A pick by a text, which is hashed', what: 'pick by a text', unit: 'ns' },
  { kind: 'look-up', title: 'A look-up of a hash that is there already', what: 'look-up of a hash', unit: 'ns' },
  { kind: 'rebuild', title: 'One host out, or in again', what: 'rebuild', unit: 'ms' },
]

const NANOS: Readonly<Record<Part['unit'], number>> = { ns: 1, ms: 1e6 }

/** A table for each kind of pick: only what does the same is compared. */
export function pickReportText(report: PickReport): string {
  return [
    ...PARTS.flatMap((part) => partText(part, report)),
    'x NAME: how many times as long it takes as NAME with as many targets, the median of the ratios within each round; below 1 is quicker.',
    `Versions: ${report.versions.map(({ name, version }) => `${name} ${version}`).join(', ')}.`,
    ...report.broken.map(({ name, because }) => `NOT MEASURED TO THE END: ${name}: ${because}`),
  ].join('\n\n')
}

function partText({ kind, title, what, unit }: Part, { subjects, rows }: PickReport): string[] {
  const own = subjects.filter((subject) => subject.kind === kind)
  const measured = own.flatMap(({ name }) => rows.filter(({ subject, nanosPerPick }) => subject === name && nanosPerPick.length > 0))
  if (measured.length === 0) return []
  const peers = own.filter(({ name, isPeer }) => isPeer && measured.some(({ subject }) => subject === name))
  const counted = measured.some(({ bytesPerPick }) => bytesPerPick.length > 0)
  const head = [what, 'targets', unit, 'spread', ...peers.map(({ name }) => `x ${name}`), ...(counted ? ['bytes'] : [])]
  const cells = (row: PickRow) => {
    const times = summarise(row.nanosPerPick.map((nanos) => nanos / NANOS[unit]))
    const against = peers.map(({ name }) => measured.find(({ subject, size }) => subject === name && size === row.size))
    return [
      row.subject,
      row.size.toLocaleString('en-US'),
      formatNumber(times?.median),
      `${formatNumber(times?.lowest)} to ${formatNumber(times?.highest)}`,
      ...against.map((peer) => formatNumber(peer && pairedRatio(row.nanosPerPick, peer.nanosPerPick))),
      ...(counted ? [formatNumber(median(row.bytesPerPick))] : []),
    ]
  }
  return [`### ${title}`, markdownTable(head, measured.map(cells)), own.map(({ name, setup }) => `- ${name}: ${setup}`).join('\n')]
}
