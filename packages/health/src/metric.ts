import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { type ProbeTlsOptions, tlsField } from './connection-options.ts'
import { type Finding, inconclusive } from './failure.ts'
import { headersField, urlField } from './http-fields.ts'
import { metricDefaults } from './metric/defaults.ts'
import { deriveValues, type Scrape } from './metric/derive.ts'
import { judgeValues, type MetricThresholds, type MissingSeries } from './metric/judge.ts'
import { scrape } from './metric/scrape.ts'
import { parseSelector, type Selector } from './metric/selector.ts'
import { SeriesReader } from './metric/series-reader.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { milliseconds } from './milliseconds.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'

export type { MetricThresholds, MissingSeries } from './metric/judge.ts'

/** Which metric is read, and where it stops being well. At least one of the four thresholds is needed. */
export interface MetricProbeOptions extends MetricThresholds {
  /** The page of an exporter, `http:` or `https:`, without user and password: `http://10.0.0.11:9100/metrics`. */
  readonly url: string
  /** A selector as in Prometheus: `node_load1`, `up{job="web",instance!~"test-.*"}`. */
  readonly series: string
  /** Each series is divided by the one with the same labels; a divisor that is only one divides them all. Default: nothing */
  readonly dividedBy?: string | undefined
  /** `worst` judges every series for itself; `sum` and `average` make one value of them (of a divisor too). Default: worst */
  readonly combine?: 'worst' | 'sum' | 'average' | undefined
  /** Judges how fast counters grow since the run before; the first run is inconclusive. Default: false */
  readonly perSecond?: boolean | undefined
  /** Degraded above this. */
  readonly warnAbove?: number | undefined
  /** Failed above this. */
  readonly failAbove?: number | undefined
  /** Degraded below this. */
  readonly warnBelow?: number | undefined
  /** Failed below this. */
  readonly failBelow?: number | undefined
  /** What it means when no series matches, or none has a number. Default: fail */
  readonly missing?: MissingSeries | undefined
  /** Added to the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** One deadline over everything, in milliseconds. Default: 2,000 */
  readonly timeoutMs?: number | undefined
  /** A longer page fails. Default: 4,194,304 */
  readonly maxBodyBytes?: number | undefined
  readonly tls?: ProbeTlsOptions | undefined
}

/** {@link MetricProbeOptions} with the defaults filled in. */
export interface ResolvedMetricProbeOptions extends MetricThresholds {
  readonly url: string
  readonly series: string
  readonly dividedBy?: string | undefined
  readonly combine: 'worst' | 'sum' | 'average'
  readonly perSecond: boolean
  readonly missing: MissingSeries
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly tls: ProbeTlsOptions
}

const selector = z
  .string()
  .max(1_024)
  .refine((text) => parseSelector(text) !== undefined, { message: 'must be a selector like up{job="web"}' })
const threshold = z.number().optional()

export const metricProbeOptionsSchema: z.ZodType<ResolvedMetricProbeOptions, MetricProbeOptions> = z
  .strictObject({
    url: urlField('http', 'http://10.0.0.11:9100/metrics').describe('The page of an exporter.'),
    series: selector.describe('Which series, as in Prometheus: `node_load1`, `up{job="web"}`.'),
    dividedBy: selector.optional().describe('Each series is divided by the one of this metric with the same labels.'),
    combine: z.enum(['worst', 'sum', 'average']).default('worst').describe('How several series become one value.'),
    perSecond: z.boolean().default(false).describe('Judges how fast counters grow since the run before.'),
    warnAbove: threshold.describe('Degraded above this.'),
    failAbove: threshold.describe('Failed above this.'),
    warnBelow: threshold.describe('Degraded below this.'),
    failBelow: threshold.describe('Failed below this.'),
    missing: z.enum(['fail', 'degraded', 'pass', 'inconclusive']).default('fail').describe('What it means when no series has a value.'),
    headers: headersField().describe('Added to the request.'),
    timeoutMs: milliseconds.default(metricDefaults.timeoutMs).describe('One deadline over everything, in milliseconds.'),
    maxBodyBytes: z.int().min(1).max(67_108_864).default(metricDefaults.maxBodyBytes).describe('A longer page fails.'),
    tls: tlsField.describe('How TLS is spoken.'),
  })
  .refine(
    ({ warnAbove, failAbove, warnBelow, failBelow }) => [warnAbove, failAbove, warnBelow, failBelow].some((limit) => limit !== undefined),
    {
      message: 'one of warnAbove, failAbove, warnBelow, failBelow is needed',
    },
  )

/** A rate over less than this is mostly noise: runs that overlap are measured from the same earlier scrape. */
const SHORTEST_RATE_MS = 500

/**
 * A threshold on a page of metrics in Prometheus' text format, as every exporter serves it.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function metricProbe(options: MetricProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('metricProbe', metricProbeOptionsSchema, rest)
  const { series, dividedBy, timeoutMs, perSecond, missing } = settings
  const url = new URL(settings.url)
  const selectors = [series, ...(dividedBy === undefined ? [] : [dividedBy])].map(parseSelector).filter((one): one is Selector => !!one)
  const name = `${selectors[0]?.name ?? ''}${dividedBy === undefined ? '' : '-ratio'}${perSecond && dividedBy === undefined ? '-per-second' : ''}`
  // Without the query: a token may stand in it.
  const address = `${url.origin}${url.pathname} ${selectors[0]?.name ?? ''}`
  let before: Scrape | undefined
  async function look(run: ProbeRun): Promise<Finding> {
    const reader = new SeriesReader(selectors)
    const failure = await scrape({ ...settings, url }, reader, run)
    if (failure) return failure
    const now = { atMs: clock.monotonicMs(), series: reader.series }
    const earlier = before
    if (perSecond && (!earlier || now.atMs - earlier.atMs >= SHORTEST_RATE_MS)) before = now
    if (perSecond && (!earlier || now.atMs <= earlier.atMs)) return inconclusive('the first scrape: a rate needs two')
    return judgeValues(name, deriveValues(now, earlier, settings), settings, missing)
  }
  return {
    type: 'metric',
    address,
    timeoutMs,
    run: ({ signal } = {}) => runProbe({ what: `metric probe of ${address}`, timeoutMs, clock, signal }, look),
  }
}
