import { ValueType } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { PassiveState } from '@hotspare/balance'
import { assertNever } from '@hotspare/core'
import type { OutlierEvent } from '@hotspare/health/outliers'
import type { ProxyEvent } from '@hotspare/proxy'

/** Upper bounds in seconds: from an answer out of a cache to a report that takes a while. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** More than any configuration has; past the SDK's own limit of 2,000 the rest would be lumped together. */
export const MAX_SERIES = 1_000_000

/** Metrics as plain data, on their way to the process that shows them. */
export type CountedMetrics = Awaited<ReturnType<PrometheusExporter['collect']>>['resourceMetrics']['scopeMetrics']

/** Read at the moment of a scrape. */
export interface TrafficGauges {
  /** The targets of pools in which targets can be put aside. */
  readonly passive: () => readonly { readonly pool: string; readonly id: string; readonly passive: PassiveState }[]
  /** Of the pools in which requests may wait for a target. */
  readonly waiting?: (() => readonly { readonly pool: string; readonly waiting: number }[]) | undefined
}

/** What is counted of requests, where they are served. */
export interface TrafficMetrics {
  countProxyEvent(proxy: string, event: ProxyEvent): void
  countOutlierEvent(event: OutlierEvent): void
  /** What was counted since the start. */
  collect(): Promise<CountedMetrics>
  stop(): Promise<void>
}

export function createTrafficMetrics(gauges: TrafficGauges = { passive: () => [] }): TrafficMetrics {
  const reader = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({
    readers: [reader],
    views: [{ instrumentName: '*', aggregationCardinalityLimit: MAX_SERIES }],
  })
  const meter = provider.getMeter('hotspare-traffic')
  const counter = (name: string, description: string) => meter.createCounter(`hotspare_${name}`, { description, valueType: ValueType.INT })
  const requests = counter('requests_total', 'Requests by proxy, outcome and class of status')
  const retries = counter('retries_total', 'Attempts that failed and were repeated, by target and reason')
  const attempts = counter('attempts_total', 'Attempts by target and result')
  const ejections = counter('ejections_total', 'Targets put aside for what their requests met, by target and cause')
  const withheld = counter('ejections_withheld_total', 'Targets that stand out and stay, by target and cause')
  const backOffs = counter('back_offs_total', 'Back-offs that a target has asked for')
  const gauge = (name: string, description: string, state: PassiveState) =>
    meter.createObservableGauge(`hotspare_${name}`, { description }).addCallback((result) => {
      for (const { pool, id, passive } of gauges.passive()) result.observe(passive === state ? 1 : 0, { pool, target: id })
    })
  gauge('target_ejected', 'Whether a target is put aside for what its requests met', 'ejected')
  gauge('target_backing_off', 'Whether a target is left alone because it asks for less', 'backing-off')
  meter
    .createObservableGauge('hotspare_pool_waiting', { description: 'Requests that wait for a target of a pool, where they may wait' })
    .addCallback((result) => {
      for (const { pool, waiting } of gauges.waiting?.() ?? []) result.observe(waiting, { pool })
    })
  const durations = meter.createHistogram('hotspare_request_duration_seconds', {
    description: 'From the head of a request to the end of its answer',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  })

  return {
    countProxyEvent(proxy, event) {
      switch (event.type) {
        case 'attempt-finished':
          return attempts.add(1, { target: event.targetId, result: event.failure?.reason ?? 'answered' })
        case 'request-retried':
          return retries.add(1, { target: event.targetId, reason: event.failure.reason })
        case 'request-finished':
          requests.add(1, { proxy, outcome: event.outcome, status: event.status === 0 ? 'none' : `${Math.floor(event.status / 100)}xx` })
          return durations.record(event.durationMs / 1_000, { proxy })
      }
    },
    countOutlierEvent(event) {
      switch (event.type) {
        case 'target-ejected':
          return ejections.add(1, { target: event.targetId, cause: event.cause })
        case 'ejection-withheld':
          return withheld.add(1, { target: event.targetId, cause: event.cause })
        case 'back-off-started':
          return backOffs.add(1, { target: event.targetId })
        case 'target-returned':
        case 'back-off-ended':
          return
        default:
          return assertNever(event)
      }
    },
    async collect() {
      const { resourceMetrics } = await reader.collect()
      return resourceMetrics.scopeMetrics
    },
    stop: () => provider.shutdown(),
  }
}
