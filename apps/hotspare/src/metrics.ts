import { type Attributes, ValueType } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { AlertEvent } from '@hotspare/alert'
import type { TargetState } from '@hotspare/core'
import type { HealthEvent } from '@hotspare/health'
import type { ProxyEvent } from '@hotspare/proxy'

/** Upper bounds in seconds: from an answer out of a cache to a report that takes a while. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** The states of a target: each is a series, so that a graph shows when one ended and the next began. */
const TARGET_STATES: readonly TargetState[] = ['up', 'degraded', 'down', 'unknown', 'maintenance', 'draining']
/** More than any configuration has; past the SDK's own limit of 2,000 the rest would be lumped together. */
const MAX_SERIES = 1_000_000

/** Read at the moment of a scrape. */
export interface Gauges {
  readonly targets: () => readonly {
    readonly pool: string
    readonly target: string
    readonly up: boolean
    readonly state: TargetState
    readonly active: number
  }[]
  readonly proxies: () => readonly { readonly proxy: string; readonly active: number }[]
  readonly alertsPending: () => number
}

/** What is counted, in the names and the text format of Prometheus. Labels come from the configuration alone, so their number is bounded. */
export interface Metrics {
  countProbe(event: Extract<HealthEvent, { type: 'probe-finished' }>): void
  countProxyEvent(proxy: string, event: ProxyEvent): void
  countAlert(event: AlertEvent): void
  /** Everything in the Prometheus text format. */
  scrape(): Promise<string>
  stop(): Promise<void>
}

export function createMetrics(gauges: Gauges): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({
    readers: [exporter],
    views: [{ instrumentName: '*', aggregationCardinalityLimit: MAX_SERIES }],
  })
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
  const meter = provider.getMeter('hotspare')
  const counter = (name: string, description: string) => meter.createCounter(`hotspare_${name}`, { description, valueType: ValueType.INT })
  const gauge = (name: string, description: string, read: () => readonly (readonly [value: number, attributes?: Attributes])[]) =>
    meter.createObservableGauge(`hotspare_${name}`, { description }).addCallback((result) => {
      for (const [value, attributes] of read()) result.observe(value, attributes)
    })

  const probes = counter('probes_total', 'Probes by target and outcome')
  const requests = counter('requests_total', 'Requests by proxy, outcome and class of status')
  const retries = counter('retries_total', 'Attempts that failed and were repeated, by target and reason')
  const attempts = counter('attempts_total', 'Attempts by target and result')
  const alerts = counter('alerts_total', 'Alerts by channel and what became of them')
  const durations = meter.createHistogram('hotspare_request_duration_seconds', {
    description: 'From the head of a request to the end of its answer',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  })
  gauge('target_up', 'Whether a target may get requests', () =>
    gauges.targets().map(({ pool, target, up }) => [up ? 1 : 0, { pool, target }]),
  )
  gauge('target_state', 'The state of a target: 1 for the one it is in, 0 for the others', () =>
    gauges
      .targets()
      .flatMap(({ pool, target, state }) => TARGET_STATES.map((each) => [each === state ? 1 : 0, { pool, target, state: each }] as const)),
  )
  gauge('target_active_requests', 'Requests under way at a target', () =>
    gauges.targets().map(({ pool, target, active }) => [active, { pool, target }]),
  )
  gauge('proxy_active_requests', 'Requests and WebSockets under way in a proxy', () =>
    gauges.proxies().map(({ proxy, active }) => [active, { proxy }]),
  )
  gauge('alerts_pending', 'Alerts that wait to be delivered', () => [[gauges.alertsPending()]])
  gauge('process_resident_memory_bytes', 'Memory of the process', () => [[process.memoryUsage.rss()]])
  meter
    .createObservableCounter('hotspare_process_cpu_seconds_total', { description: 'CPU time of the process, user and system' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage()
      result.observe((user + system) / 1e6)
    })

  return {
    countProbe: ({ targetId, result }) => probes.add(1, { target: targetId, outcome: result.outcome }),
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
    countAlert: (event) => alerts.add(1, { channel: event.channel, result: event.type.replace('alert-', '') }),
    async scrape() {
      const { resourceMetrics } = await exporter.collect()
      return serializer.serialize(resourceMetrics)
    },
    stop: () => provider.shutdown(),
  }
}
