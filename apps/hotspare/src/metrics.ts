import { ValueType } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { AlertEvent } from '@hotspare/alert'
import type { TargetState } from '@hotspare/core'
import type { AnsweringEvent } from '@hotspare/dns/answering'
import type { HealthEvent } from '@hotspare/health'
import { addDnsRecordMetrics, type DnsRecordGauges } from './dns/metrics.ts'
import { addEngineMetrics, type EngineGauges } from './engines/metrics.ts'
import { observedMetrics } from './observed-metrics.ts'
import { type CountedMetrics, MAX_SERIES } from './traffic-metrics.ts'
import { addWatchMetrics, probeLabels, type WatchGauges } from './watch/metrics.ts'

/** The states of a target: each is a series, so that a graph shows when one ended and the next began. */
const TARGET_STATES: readonly TargetState[] = ['up', 'degraded', 'down', 'unknown', 'maintenance', 'draining']

/** Read at the moment of a scrape. */
export interface Gauges extends WatchGauges, EngineGauges, DnsRecordGauges {
  readonly targets: () => readonly {
    readonly pool: string
    readonly target: string
    readonly up: boolean
    readonly state: TargetState
    readonly active: number
  }[]
  readonly proxies: () => readonly { readonly proxy: string; readonly active: number }[]
  readonly alertsPending: () => number
  /** What each process uses. */
  readonly processes: () => readonly { readonly process: string; readonly residentBytes: number; readonly cpuSeconds: number }[]
  /** The names of all checks: whatever else is probed is a target, or its agent. */
  readonly checks: ReadonlySet<string>
}

/** What is counted beside the requests (those are the worker's, `traffic-metrics.ts`), in the names and the text format of Prometheus. Labels come from the configuration and short lists of words, so their number is bounded. */
export interface Metrics {
  countProbe(event: Extract<HealthEvent, { type: 'probe-finished' }>): void
  countAlert(event: AlertEvent): void
  /** Of a record at a provider, whether it follows or answers. */
  countRecordEvent(event: AnsweringEvent): void
  /** Everything in the Prometheus text format, together with what was counted elsewhere. */
  scrape(counted?: CountedMetrics): Promise<string>
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
  const { gauge } = observedMetrics(meter)

  addWatchMetrics(meter, gauges)
  addEngineMetrics(meter, gauges)
  const countRecordEvent = addDnsRecordMetrics(meter, gauges)
  const probes = counter('probes_total', 'Probes by target, check or the target of an agent, and outcome')
  const alerts = counter('alerts_total', 'Alerts by channel and what became of them')
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
  gauge('process_resident_memory_bytes', 'Memory of each process', () =>
    gauges.processes().map(({ process, residentBytes }) => [residentBytes, { process }]),
  )
  meter
    .createObservableCounter('hotspare_process_cpu_seconds_total', { description: 'CPU time of each process, user and system' })
    .addCallback((result) => {
      for (const { process, cpuSeconds } of gauges.processes()) result.observe(cpuSeconds, { process })
    })

  return {
    countProbe: ({ targetId, result }) => probes.add(1, { ...probeLabels(targetId, gauges.checks), outcome: result.outcome }),
    countAlert: (event) => alerts.add(1, { channel: event.channel, result: event.type.replace('alert-', '') }),
    countRecordEvent,
    async scrape(counted = []) {
      const { resourceMetrics } = await exporter.collect()
      return serializer.serialize({ ...resourceMetrics, scopeMetrics: [...resourceMetrics.scopeMetrics, ...counted] })
    },
    stop: () => provider.shutdown(),
  }
}
