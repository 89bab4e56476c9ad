import { ValueType } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { ProxyEvent } from '@hotspare/proxy'

/** Upper bounds in seconds: from an answer out of a cache to a report that takes a while. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** More than any configuration has; past the SDK's own limit of 2,000 the rest would be lumped together. */
export const MAX_SERIES = 1_000_000

/** Metrics as plain data, on their way to the process that shows them. */
export type CountedMetrics = Awaited<ReturnType<PrometheusExporter['collect']>>['resourceMetrics']['scopeMetrics']

/** What is counted of requests, where they are served. */
export interface TrafficMetrics {
  countProxyEvent(proxy: string, event: ProxyEvent): void
  /** What was counted since the start. */
  collect(): Promise<CountedMetrics>
  stop(): Promise<void>
}

export function createTrafficMetrics(): TrafficMetrics {
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
    async collect() {
      const { resourceMetrics } = await reader.collect()
      return resourceMetrics.scopeMetrics
    },
    stop: () => provider.shutdown(),
  }
}
