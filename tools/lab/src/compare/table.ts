import { totalMs } from '@hotspare/netlab'
import type { Measurement } from '../takeover/scenario.ts'
import type { Cell, Round } from './results.ts'

/** A row or a column of the table. */
export interface Named {
  readonly id: string
  readonly title: string
}

/** Where and when it was measured. */
export interface Circumstances {
  readonly date: string
  readonly machine: string
  readonly kernel: string
  /** Each with its name. */
  readonly versions: readonly string[]
}

/** All rounds of a cell in figures. Milliseconds. */
interface Summary {
  readonly rounds: number
  /** Rounds in which nobody alone held the address within half a minute. */
  readonly unsettled: number
  readonly gapMs: Range
  readonly failed: Range
  readonly takeovers: Range
  readonly twoHoldersMs: Range
}

interface Range {
  readonly least: number
  readonly median: number
  readonly most: number
}

/** The whole page's table: medians at a glance, then every cell with its least and most. */
export function comparisonTables(
  faults: readonly Named[],
  systems: readonly Named[],
  cells: readonly Cell[],
  { date, machine, kernel, versions }: Circumstances,
): string {
  const summaryOf = (fault: Named, system: Named) => {
    const cell = cells.find((each) => each.fault === fault.id && each.system === system.id)
    return cell && cell.rounds.length > 0 ? summarise(cell.rounds) : undefined
  }
  const shown = systems.filter((system) => cells.some((cell) => cell.system === system.id))
  const rows = faults.filter((fault) => cells.some((cell) => cell.fault === fault.id))
  const glance = table(
    ['', ...shown.map(({ title }) => title)],
    rows.map((fault) => [fault.title, ...shown.map((system) => glanceAt(summaryOf(fault, system)))]),
  )
  const details = rows.flatMap((fault) =>
    shown.flatMap((system): string[][] => {
      const summary = summaryOf(fault, system)
      return summary ? [[fault.title, system.title, ...detailsOf(summary)]] : []
    }),
  )
  const head = ['what happens', 'system', 'longest time without', 'connections that failed', 'takeovers', 'two holders for', 'rounds']
  return [
    `Measured ${date} on ${machine}, kernel ${kernel}; ${versions.join(', ')}. ${roundsText(cells)}.`,
    glance,
    '## Every figure {#figures}',
    'Median, and from the least to the most where they differ.',
    table(head, details),
  ].join('\n\n')
}

function summarise(rounds: readonly Round[]): Summary {
  const measured = rounds.flatMap((round) => ('measured' in round ? [round.measured] : []))
  const range = (figure: (measurement: Measurement) => number) => rangeOf(measured.map(figure))
  return {
    rounds: rounds.length,
    unsettled: rounds.length - measured.length,
    gapMs: range(({ gapMs }) => gapMs),
    failed: range(({ failed }) => failed),
    takeovers: range(({ takeovers }) => takeovers),
    twoHoldersMs: range(({ overlaps }) => totalMs(overlaps)),
  }
}

/** Of an even number, the median is the higher of the two in the middle: an outage is not made shorter by it. */
export function rangeOf(values: readonly number[]): Range {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  return { least: at(0), median: at(Math.floor(sorted.length / 2)), most: at(sorted.length - 1) }
}

function roundsText(cells: readonly Cell[]): string {
  const { least, most } = rangeOf(cells.map(({ rounds }) => rounds.length))
  return most === 1
    ? 'One round each, which is no more than a first look'
    : `Medians of ${least === most ? most : `${least} to ${most}`} rounds`
}

function glanceAt(summary: Summary | undefined): string {
  if (!summary) return ''
  const { gapMs, twoHoldersMs, unsettled, rounds } = summary
  const gap = unsettled === rounds ? '' : `${milliseconds(gapMs.median)} ms`
  const two = twoHoldersMs.median > 0 ? '**two holders**' : ''
  return [gap, two, unsettled > 0 ? `nobody alone in ${unsettled} of ${rounds}` : ''].filter(Boolean).join(', ')
}

function detailsOf({ rounds, unsettled, gapMs, failed, takeovers, twoHoldersMs }: Summary): string[] {
  const nothing = unsettled === rounds
  const cells = [text(gapMs, ' ms'), text(failed), text(takeovers), twoHoldersMs.most > 0 ? text(twoHoldersMs, ' ms') : 'never']
  return [...cells.map((cell) => (nothing ? '' : cell)), unsettled > 0 ? `${rounds}, nobody alone in ${unsettled}` : String(rounds)]
}

function text({ least, median, most }: Range, unit = ''): string {
  const span = least === most ? '' : ` (${milliseconds(least)} to ${milliseconds(most)})`
  return `${milliseconds(median)}${unit}${span}`
}

/** Digits in groups of three. */
function milliseconds(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/gu, ',')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
