import { type Attributes, ValueType } from '@opentelemetry/api'
import { AggregationTemporality, DataPointType, type HistogramMetricData } from '@opentelemetry/sdk-metrics'

/** Upper bounds in seconds: from an answer out of a cache to a report that takes a while. */
const SECONDS_BUCKETS: readonly number[] = Object.freeze([
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
])

/** How often each duration came. */
export class SecondsHistogram {
  readonly #counts: number[] = SECONDS_BUCKETS.map(() => 0)
  #beyond = 0
  #sum = 0
  #count = 0

  record(seconds: number): void {
    this.#count += 1
    this.#sum += seconds
    let bucket = 0
    while (bucket < SECONDS_BUCKETS.length && seconds > SECONDS_BUCKETS[bucket]!) bucket += 1
    if (bucket < SECONDS_BUCKETS.length) this.#counts[bucket]! += 1
    else this.#beyond += 1
  }

  get count(): number {
    return this.#count
  }

  get value(): HistogramMetricData['dataPoints'][number]['value'] {
    const buckets = { boundaries: [...SECONDS_BUCKETS], counts: [...this.#counts, this.#beyond] }
    return { buckets, sum: this.#sum, count: this.#count }
  }
}

export interface HistogramSeries {
  readonly name: string
  readonly description: string
  readonly series: readonly (readonly [histogram: SecondsHistogram, attributes: Attributes])[]
  /** When counting began, and now, in milliseconds since the Unix epoch. */
  readonly sinceMs: number
  readonly atMs: number
}

/** As OpenTelemetry hands it to an exporter. */
export function histogramData({ name, description, series, sinceMs, atMs }: HistogramSeries): HistogramMetricData {
  return {
    descriptor: { name, description, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: series.map(([histogram, attributes]) => ({
      startTime: hrTime(sinceMs),
      endTime: hrTime(atMs),
      attributes,
      value: histogram.value,
    })),
  }
}

function hrTime(atMs: number): [seconds: number, nanoseconds: number] {
  const seconds = Math.floor(atMs / 1_000)
  return [seconds, Math.round((atMs - seconds * 1_000) * 1_000_000)]
}
