import { metricDefaults } from './defaults.ts'
import { parseSampleLine, type Sample } from './sample.ts'
import type { Selector } from './selector.ts'

/** Values of series by their labels, in one text each. */
export type SeriesValues = ReadonlyMap<string, number>

/** Reads a scrape piece by piece, and keeps the series that selectors ask for. */
export class SeriesReader {
  readonly #selectors: readonly Selector[]
  readonly #series: Map<string, number>[]
  #line = ''
  #lines = 0
  #kept = 0

  constructor(selectors: readonly Selector[]) {
    this.#selectors = selectors
    this.#series = selectors.map(() => new Map())
  }

  /** @returns what is wrong with the scrape, once something is */
  add(text: string): string | undefined {
    const lines = (this.#line + text).split('\n')
    this.#line = lines.pop() ?? ''
    for (const line of lines) {
      const problem = this.#take(line)
      if (problem !== undefined) return problem
    }
    return this.#line.length > metricDefaults.maxLineCharacters ? this.#tooLong() : undefined
  }

  /** @returns what is wrong with the scrape as a whole; undefined for a good one */
  end(): string | undefined {
    return this.#line === '' ? undefined : `line ${this.#lines + 1} has no end: the page is cut short`
  }

  /** The series of each selector, in the order of the selectors. */
  get series(): readonly SeriesValues[] {
    return this.#series
  }

  #take(line: string): string | undefined {
    this.#lines++
    if (line.length > metricDefaults.maxLineCharacters) return this.#tooLong()
    const sample = parseSampleLine(line)
    if (sample === undefined) return `line ${this.#lines} is not in the text format of Prometheus`
    if (sample === 'none') return undefined
    for (const [index, { matches }] of this.#selectors.entries()) {
      if (!matches(sample)) continue
      this.#series[index]?.set(labelsText(sample), sample.value)
      if (++this.#kept > metricDefaults.maxSeries) return `more than ${metricDefaults.maxSeries} series match`
    }
    return undefined
  }

  #tooLong(): string {
    return `a line is longer than ${metricDefaults.maxLineCharacters} characters`
  }
}

/** The labels in one order, so that the same series of two metrics, or of two scrapes, has the same text. */
function labelsText({ labels }: Sample): string {
  return [...labels]
    .toSorted(([one], [two]) => (one < two ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')
}
