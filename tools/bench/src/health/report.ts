import { disturbanceText } from '../disturbance.ts'
import { median, pairedRatio, quantile, summarise } from '../statistics.ts'
import { formatNumber, markdownTable } from '../table.ts'
import { httpPaced, manyTargets } from './load.ts'
import type { ProbeSample } from './sample.ts'
import type { ProbeSubject } from './subject.ts'
import type { Turn } from './turn.ts'
import type { VerdictAnswer } from './verdict-costs.ts'

/** One prober under one load; the place of a sample is its round. */
export interface ProbeRow {
  readonly subject: string
  readonly load: string
  readonly isBusy: boolean
  readonly samples: ProbeSample[]
  /** In RAM at the end of the last round. */
  residentBytes?: number | undefined
}

/** One prober with {@link manyTargets}. */
export interface ManyRow extends Turn {
  readonly subject: string
  /** What it had in RAM with the targets of {@link httpPaced}. */
  readonly fewBytes: number | undefined
}

export interface ProbeReport {
  readonly subjects: readonly (Pick<ProbeSubject, 'name' | 'setup'> & { readonly version: string })[]
  readonly missing: readonly { readonly name: string; readonly install: string }[]
  /** Those that could not be measured to the end, and why. */
  readonly broken: readonly { readonly name: string; readonly because: string }[]
  readonly rows: readonly ProbeRow[]
  readonly many: readonly ManyRow[]
  readonly verdicts: readonly VerdictAnswer[]
}

/** A paced load of which less was done than this share was more than the prober, or the targets, could do. */
const ENOUGH = 0.97

/** @param references the probers that the others are set against */
export function probeReportText(report: ProbeReport, references: readonly string[]): string {
  const rows = report.rows.filter(({ samples }) => samples.length > 0)
  const head = ['prober', 'load', 'probes per CPU-second', 'spread', ...references.map((name) => `x ${name}`), 'probes/s', 'CPU %']
  const everything = [...rows.flatMap(({ samples }) => samples), ...report.many.map(({ sample }) => sample)]
  return [
    markdownTable(
      head,
      rows.map((row) => cells(row, rows, references)),
    ),
    ...manyText(report.many),
    ...verdictText(report.verdicts),
    ...disturbanceText(
      everything.flatMap(({ othersShare }) => othersShare ?? []),
      "probers' core",
    ),
    ...rows.flatMap(({ subject, load, isBusy, samples }) => remarks(`${subject}, ${load}`, isBusy, samples)),
    ...report.many.flatMap(({ subject, sample }) => remarks(`${subject}, ${manyTargets.name}`, false, [sample])),
    report.subjects.map(({ name, version, setup }) => `- ${name} ${version}: ${setup}`).join('\n'),
    ...report.missing.map(({ name, install }) => `MISSING: ${name}: ${install}`),
    ...report.broken.map(({ name, because }) => `NOT MEASURED TO THE END: ${name}: ${because}`),
  ].join('\n\n')
}

function cells(row: ProbeRow, rows: readonly ProbeRow[], references: readonly string[]): readonly string[] {
  const rates = row.samples.map(rate)
  const spread = summarise(rates)
  const ratios = references.map((name) => {
    const reference = rows.find(({ subject, load }) => subject === name && load === row.load)
    return formatNumber(pairedRatio(rates, reference?.samples.map(rate) ?? []))
  })
  return [
    row.subject,
    row.load,
    formatNumber(spread?.median),
    `${formatNumber(spread?.lowest)} to ${formatNumber(spread?.highest)}`,
    ...ratios,
    formatNumber(median(row.samples.map(({ probesPerSecond }) => probesPerSecond))),
    formatNumber(median(row.samples.map(({ cpuShare }) => cpuShare * 100))),
  ]
}

function rate({ probesPerCpuSecond }: ProbeSample): number {
  return probesPerCpuSecond
}

const MANY_HEAD = ['prober', 'probes/s', 'CPU %', 'late', 'missed', 'late p99 ms', 'max ms', 'MiB', 'KiB/target']

function manyText(many: readonly ManyRow[]): readonly string[] {
  if (many.length === 0) return []
  const { targets, intervalMs } = manyTargets
  const title = `${targets.toLocaleString('en-US')} targets, each looked at every ${intervalMs / 1_000} s; KiB/target: growth from ${httpPaced.targets.toLocaleString('en-US')} targets on:`
  const rows = many.map(({ subject, sample, counts, residentBytes, fewBytes }) => {
    const kept = counts?.punctuality
    const grownBytes = residentBytes === undefined || fewBytes === undefined ? undefined : residentBytes - fewBytes
    return [
      subject,
      formatNumber(sample.probesPerSecond),
      formatNumber(sample.cpuShare * 100),
      kept ? `${kept.late} of ${kept.started}` : '-',
      kept ? `${kept.missed}` : '-',
      formatNumber(kept?.p99Ms),
      formatNumber(kept?.worstMs),
      formatNumber(residentBytes === undefined ? undefined : residentBytes / 2 ** 20),
      formatNumber(grownBytes === undefined ? undefined : grownBytes / 1_024 / (targets - httpPaced.targets)),
    ]
  })
  return [title, markdownTable(MANY_HEAD, rows)]
}

function verdictText(verdicts: readonly VerdictAnswer[]): readonly string[] {
  if (verdicts.length === 0) return []
  const steps = withSpread(verdicts.map(({ nanosPerStep }) => nanosPerStep))
  const looks = withSpread(verdicts.map(({ microsPerLook }) => microsPerLook))
  return [`A verdict: ${steps} ns for a step of the machine; ${looks} us of CPU for a whole look of the monitor without a network.`]
}

function withSpread(values: readonly number[]): string {
  return `${formatNumber(median(values))} (${formatNumber(quantile(values, 0))} to ${formatNumber(quantile(values, 1))})`
}

/** What must be known of a row before its figures are believed. */
function remarks(name: string, isBusy: boolean, samples: readonly ProbeSample[]): readonly string[] {
  const sum = (value: (sample: ProbeSample) => number) => samples.reduce((total, sample) => total + value(sample), 0)
  const failed = sum((sample) => sample.failed ?? 0)
  const probes = sum((sample) => sample.probes)
  const done = probes / sum((sample) => sample.due)
  return [
    ...(failed > 0 ? [`FAILED PROBES: ${name}: ${failed} while ${probes} reached a target.`] : []),
    ...(!isBusy && done < ENOUGH ? [`FELL BEHIND: ${name}: ${Math.round(done * 100)} % of what was due.`] : []),
  ]
}
