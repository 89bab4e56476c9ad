import { formatDuration } from '@hotspare/core'
import type { ServiceConfig } from '../config/config.ts'
import { table } from '../commands/table.ts'
import { failureText } from './failure.ts'
import type { Matrix } from './matrix.ts'
import type { MatrixRow } from './row.ts'

/** What a terminal is wide. */
const COLUMNS = 100
/** What of it the first column gets at least. */
const LEAST_FIRST_COLUMNS = 24
/** What of it the names in the second one get at most, unless one alone is longer. */
const MOST_NAME_COLUMNS = 20

/** The matrix for people, line by line: a table for each service, and what stands behind its numbers as notes below it. */
export function formatMatrix(
  { rows, runs, clockRateError, leftOut }: Matrix,
  services: readonly Pick<ServiceConfig, 'name' | 'members' | 'onControlLoss'>[],
): string[] {
  return [
    ...leftOut.flatMap(({ service, because }) => [...wrapped(`service ${service}: left out: ${because}`, ''), '']),
    ...services
      .filter(({ name }) => rows.some(({ service }) => service === name))
      .flatMap((service) =>
        formatService(
          service,
          rows.filter((row) => row.service === service.name),
        ),
      ),
    ...(rows.length === 0 ? [] : wrapped(footnote(runs, clockRateError), '')),
  ]
}

function footnote(runs: number, clockRateError: number): string {
  const seen = runs === 0 ? 'nothing was simulated' : `"seen" is the worst of ${runs} simulated runs`
  return `Each failure alone, everything else well. "At most" is by the file's own times, with clocks up to ${(100 * clockRateError).toFixed(1)} % fast or slow; ${seen}. Not in it: starved machines, switches that learn slowly, and clients that wait before they try again.`
}

function formatService(
  { name, members, onControlLoss }: Pick<ServiceConfig, 'name' | 'members' | 'onControlLoss'>,
  rows: readonly MatrixRow[],
): string[] {
  const notes = new Notes()
  const [active = '', ...others] = members
  const head = ['what fails, alone', 'moves to', 'noticed', 'no service, seen', 'two holders', 'notes']
  const cells = rows.map((row) => [
    failureText(row.failure),
    row.movesTo.join(', ') || '-',
    row.noticed ? short(row.noticed.atMostMs) : '-',
    outageCell(row),
    holdersCell(row),
    notes.of(row).join(' '),
  ])
  return [
    ...wrapped(`active on ${active}${others.length === 0 ? '' : `, then ${others.join(', ')}`}; ${onControlLoss}`, `service ${name}: `),
    ...narrow([head, ...cells]).map((line) => `  ${line}`.trimEnd()),
    ...notes.lines(),
    '',
  ]
}

function outageCell({ outage, seen }: MatrixRow): string {
  switch (outage.type) {
    case 'none':
      return 'never'
    case 'bounded':
      return `${short(outage.atMostMs)}${seenText(seen?.unservedMs)}`
    case 'until':
      return 'UNTIL MENDED'
  }
}

function holdersCell({ twoHolders, seen }: MatrixRow): string {
  switch (twoHolders.type) {
    case 'never':
      return 'never'
    case 'bounded':
      return `${short(twoHolders.atMostMs)}${seenText(seen?.twoHoldersMs)}`
    case 'until-mended':
      return 'UNTIL MENDED'
  }
}

function seenText(ms: number | undefined): string {
  return ms === undefined ? '' : `, ${short(ms)}`
}

/** Three digits say enough. */
function short(ms: number): string {
  if (ms < 1_000) return formatDuration(Math.round(ms))
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(ms)) - 2)
  return formatDuration(Math.round(ms / digits) * digits)
}

/** Texts that stand once below a table, and as a number in it. */
class Notes {
  readonly #texts: string[] = []

  of({ outage, twoHolders, people }: MatrixRow): readonly string[] {
    const because = outage.type === 'until' ? `until ${outage.until}: ${outage.because}` : outage.because
    const holders = twoHolders.type === 'never' ? undefined : `two holders: ${twoHolders.because}`
    return [because, holders, people === 'nothing' ? undefined : `for people: ${people}`].flatMap((text) =>
      text === undefined ? [] : [this.#numberOf(text)],
    )
  }

  lines(): string[] {
    return this.#texts.flatMap((text, index) => wrapped(text, `  ${String(index + 1).padStart(2)} `))
  }

  #numberOf(text: string): string {
    if (!this.#texts.includes(text)) this.#texts.push(text)
    return String(this.#texts.indexOf(text) + 1)
  }
}

/** A table whose first two columns go on in the next line where they are long. */
function narrow(rows: readonly (readonly string[])[]): string[] {
  const broken = rows.map(([first = '', names = '', ...rest]) => ({ first, names: wrapped(names, '', MOST_NAME_COLUMNS), rest }))
  const namesWidth = Math.max(...broken.flatMap(({ names }) => names.map(({ length }) => length))) + 2
  const restWidths = broken[0]?.rest.map((_, index) => Math.max(...broken.map(({ rest }) => rest[index]?.length ?? 0)) + 2) ?? []
  const columns = Math.max(LEAST_FIRST_COLUMNS, COLUMNS - 2 - namesWidth - restWidths.reduce((sum, width) => sum + width, 0))
  return table(
    broken.flatMap(({ first, names, rest }) => {
      const whole = wrapped(first, '', columns)
      // What goes on in the next line is indented, and has to fit all the same.
      const lines = whole.length === 1 ? whole : wrapped(first, '', columns - 2).map((line, index) => (index === 0 ? line : `  ${line}`))
      const height = Math.max(lines.length, names.length)
      return Array.from({ length: height }, (_, index) => [
        lines[index] ?? '',
        names[index] ?? '',
        ...(index === 0 ? rest : rest.map(() => '')),
      ])
    }),
  )
}

/** Lines no longer than a terminal; those after the first are indented as far as the first one's mark. */
function wrapped(text: string, mark: string, columns: number = COLUMNS): string[] {
  const lines: string[] = []
  let line = mark
  for (const word of text.split(' ')) {
    const isBegun = line.length > mark.length
    if (isBegun && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = ' '.repeat(mark.length) + word
    } else line += `${isBegun ? ' ' : ''}${word}`
  }
  return [...lines, line]
}

/** Where the simulator went beyond what was foretold, with what shows it again; empty where it never did. */
export function formatRefutations(rows: readonly MatrixRow[]): string[] {
  return rows.flatMap(({ service, failure, refutations }) =>
    refutations
      .slice(0, 1)
      .flatMap(({ seed, what, schedule }) => [
        `WRONG: ${service}, ${failureText(failure)}, seed ${seed}${refutations.length > 1 ? ` (and ${refutations.length - 1} more)` : ''}: ${what}`,
        `  the schedule that shows it: ${JSON.stringify(schedule)}`,
      ]),
  )
}
