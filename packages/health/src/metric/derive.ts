import type { SeriesValues } from './series-reader.ts'

/** Series as one scrape showed them. */
export interface Scrape {
  readonly atMs: number
  /** Of the metric, and of the divisor where there is one. */
  readonly series: readonly SeriesValues[]
}

/** How the values that are judged come from those that were scraped. */
export interface DeriveRules {
  readonly combine: 'worst' | 'sum' | 'average'
  readonly perSecond: boolean
}

/**
 * The values that are judged, by the labels of their series (empty where several were put together). What is no number,
 * such as 0/0, is left out.
 *
 * @param before the scrape that rates are taken from
 */
export function deriveValues(now: Scrape, before: Scrape | undefined, rules: DeriveRules): SeriesValues {
  const seconds = before ? (now.atMs - before.atMs) / 1_000 : 0
  const [metric = new Map<string, number>(), divisor] = now.series
    .map((series, index) => (rules.perSecond ? ratesOf(series, before?.series[index], seconds) : series))
    .map((series) => combined(series, rules.combine))
  const values = divisor ? quotients(metric, divisor) : metric
  return new Map([...values].filter(([, value]) => !Number.isNaN(value)))
}

/** A counter that has gone back was started anew: what it shows is what came since. */
function ratesOf(now: SeriesValues, before: SeriesValues | undefined, seconds: number): SeriesValues {
  return new Map(
    [...now].flatMap(([labels, value]) => {
      const earlier = before?.get(labels)
      if (earlier === undefined) return []
      return [[labels, (value >= earlier ? value - earlier : value) / seconds] as const]
    }),
  )
}

function combined(series: SeriesValues, combine: DeriveRules['combine']): SeriesValues {
  if (combine === 'worst' || series.size === 0) return series
  let sum = 0
  for (const value of series.values()) sum += value
  return new Map([['', combine === 'sum' ? sum : sum / series.size]])
}

/** Each series by the one with the same labels; a divisor that is only one divides them all. */
function quotients(metric: SeriesValues, divisor: SeriesValues): SeriesValues {
  const [only] = divisor.size === 1 ? divisor.values() : []
  return new Map([...metric].map(([labels, value]) => [labels, value / (divisor.get(labels) ?? only ?? Number.NaN)]))
}
