import { type Attributes, ValueType } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { PassiveState } from '@hotspare/balance'
import { assertNever, type Clock, systemClock } from '@hotspare/core'
import type { DnsServerStats } from '@hotspare/dns/server'
import type { OutlierEvent } from '@hotspare/health/outliers'
import { blameOf, type ProxyEvent } from '@hotspare/proxy'
import type { TcpProxyEvent } from '@hotspare/proxy/tcp'
import type { WorkerDnsEvent } from './dns/events.ts'
import { addDnsServerMetrics } from './dns/metrics.ts'
import { observedMetrics } from './observed-metrics.ts'
import { TrafficCounts } from './traffic-counts.ts'
import { TcpCounts } from './traffic-tcp.ts'
import { histogramData, type SecondsHistogram } from './traffic-histogram.ts'

/** More than any configuration has; past the SDK's own limit of 2,000 the rest would be lumped together. */
export const MAX_SERIES = 1_000_000

const SCOPE = 'hotspare-traffic'

/** Metrics as plain data, on their way to the process that shows them. */
export type CountedMetrics = Awaited<ReturnType<PrometheusExporter['collect']>>['resourceMetrics']['scopeMetrics']

/** Read at the moment of a scrape. */
export interface TrafficGauges {
  /** The targets of pools in which targets can be put aside. */
  readonly passive: () => readonly { readonly pool: string; readonly id: string; readonly passive: PassiveState }[]
  /** Of the pools in which requests may wait for a target. */
  readonly waiting?: (() => readonly { readonly pool: string; readonly waiting: number }[]) | undefined
  /** The pool to which a target belongs. */
  readonly poolOf?: ((targetId: string) => string | undefined) | undefined
  readonly connections?: (() => readonly { readonly proxy: string; readonly connections: number }[]) | undefined
  readonly accessLogs?: (() => readonly { readonly file: string; readonly lines: number; readonly dropped: number }[]) | undefined
  readonly clock?: Pick<Clock, 'wallMs'> | undefined
  /** Those that proxies show; times in milliseconds since the Unix epoch. */
  readonly certificates?: (() => readonly { readonly proxy: string; readonly name: string; readonly notAfter: number }[]) | undefined
  /** What the DNS server of this node has counted. */
  readonly dns?: (() => DnsServerStats | undefined) | undefined
}

/** What is counted of requests and names, where they are served. */
export interface TrafficMetrics {
  countProxyEvent(proxy: string, event: ProxyEvent): void
  countTcpEvent(proxy: string, event: TcpProxyEvent): void
  countOutlierEvent(event: OutlierEvent): void
  countDnsEvent(event: WorkerDnsEvent): void
  /** What was counted since the start. */
  collect(): Promise<CountedMetrics>
  stop(): Promise<void>
}

export function createTrafficMetrics(gauges: TrafficGauges = { passive: () => [] }): TrafficMetrics {
  const { clock = systemClock, poolOf = () => undefined } = gauges
  const sinceMs = clock.wallMs()
  const counts = new TrafficCounts(poolOf)
  const tcp = new TcpCounts(poolOf)
  const reader = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({
    readers: [reader],
    views: [{ instrumentName: '*', aggregationCardinalityLimit: MAX_SERIES }],
  })
  const meter = provider.getMeter(SCOPE)
  const counter = (name: string, description: string) => meter.createCounter(`hotspare_${name}`, { description, valueType: ValueType.INT })
  const { gauge, tally } = observedMetrics(meter)
  const histogram = (name: string, description: string, read: () => readonly (readonly [SecondsHistogram, Attributes])[]) => () => {
    const series = read().filter(([{ count }]) => count > 0)
    return series.length === 0 ? [] : [histogramData({ name: `hotspare_${name}`, description, series, sinceMs, atMs: clock.wallMs() })]
  }

  // Of requests, as clients have seen them.
  const requests = () => counts.requests().map((each) => ({ ...each, labels: { proxy: each.proxy, pool: each.pool } }))
  tally('requests_total', 'Requests by proxy, pool, outcome and class of status; pool "none" where no target was tried', () =>
    requests().flatMap(({ ended, labels }) =>
      [...ended].flatMap(([outcome, statuses]) => [...statuses].map(([status, count]) => [count, { ...labels, outcome, status }] as const)),
    ),
  )
  tally('requests_failed_total', 'Requests that did not end with the whole answer of a target, by reason and whose doing it was', () =>
    requests().flatMap(({ failed, labels }) =>
      [...failed].map(([reason, count]) => [count, { ...labels, reason, blame: blameOf({ status: 0, reason }) }] as const),
    ),
  )
  tally('request_body_bytes_total', 'Bytes of bodies that came from clients', () =>
    requests().map(({ receivedBytes, labels }) => [receivedBytes, labels]),
  )
  tally('response_body_bytes_total', 'Bytes of bodies that went to clients', () =>
    requests().map(({ sentBytes, labels }) => [sentBytes, labels]),
  )

  // Of connections that are handed on as they come.
  tally(
    'connections_total',
    'Connections through proxies of TCP by proxy, pool, outcome and who ended them; pool "none" where no target was tried',
    () => tcp.connections(),
  )
  tally('connection_bytes_total', 'Bytes that proxies of TCP have handed on, by proxy, pool and direction', () => tcp.bytes())

  // Of attempts, as targets have shown themselves.
  tally('attempts_total', 'Attempts by target and result', () =>
    counts.targets().flatMap(({ target, attempts }) => [...attempts].map(([result, count]) => [count, { target, result }] as const)),
  )
  tally('retries_total', 'Attempts that failed and were repeated, by target and reason', () =>
    counts.targets().flatMap(({ target, retries }) => [...retries].map(([reason, count]) => [count, { target, reason }] as const)),
  )

  const ofTargets = () => counts.targets().map((each) => ({ ...each, labels: { pool: each.pool, target: each.target } }))
  const histograms = [
    histogram('request_duration_seconds', 'From the head of a request to the end of its answer', () =>
      requests().map(({ duration, labels }) => [duration, labels]),
    ),
    histogram('request_first_byte_seconds', 'From the head of a request to the head of its answer', () =>
      requests().map(({ firstByte, labels }) => [firstByte, labels]),
    ),
    histogram('attempt_duration_seconds', 'From the start of an attempt at a target to its end, which a slow client may put off', () =>
      ofTargets().map(({ duration, labels }) => [duration, labels]),
    ),
    histogram('attempt_first_byte_seconds', 'From the start of an attempt at a target to the head of its answer', () =>
      ofTargets().map(({ firstByte, labels }) => [firstByte, labels]),
    ),
  ]

  const ejections = counter('ejections_total', 'Targets put aside for what their requests met, by target and cause')
  const withheld = counter('ejections_withheld_total', 'Targets that stand out and stay, by target and cause')
  const backOffs = counter('back_offs_total', 'Back-offs that a target has asked for')
  const passiveIs = (state: PassiveState) => () =>
    gauges.passive().map(({ pool, id, passive }) => [passive === state ? 1 : 0, { pool, target: id }] as const)
  gauge('target_ejected', 'Whether a target is put aside for what its requests met', passiveIs('ejected'))
  gauge('target_backing_off', 'Whether a target is left alone because it asks for less', passiveIs('backing-off'))
  gauge('pool_waiting', 'Requests that wait for a target of a pool, where they may wait', () =>
    (gauges.waiting?.() ?? []).map(({ pool, waiting }) => [waiting, { pool }]),
  )
  gauge('proxy_connections', 'Open connections of clients, idle ones included', () =>
    (gauges.connections?.() ?? []).map(({ proxy, connections }) => [connections, { proxy }]),
  )
  gauge('certificate_expiry_seconds', 'When a certificate that a proxy shows expires, in seconds since the Unix epoch', () =>
    (gauges.certificates?.() ?? []).map(({ proxy, name, notAfter }) => [notAfter / 1_000, { proxy, name }]),
  )
  tally('access_log_lines_total', 'Lines for the access log', () =>
    (gauges.accessLogs?.() ?? []).map(({ file, lines }) => [lines, { file }]),
  )
  tally('access_log_dropped_total', 'Lines of the access log that were lost, because the disk did not keep up', () =>
    (gauges.accessLogs?.() ?? []).map(({ file, dropped }) => [dropped, { file }]),
  )

  const countDnsEvent = addDnsServerMetrics(meter, () => gauges.dns?.())

  return {
    countDnsEvent,
    countProxyEvent(proxy, event) {
      switch (event.type) {
        case 'attempt-finished':
          return counts.attemptFinished(event)
        case 'request-retried':
          return counts.requestRetried(event)
        case 'request-finished':
          return counts.requestFinished(proxy, event)
        default:
          return assertNever(event)
      }
    },
    countTcpEvent(proxy, event) {
      switch (event.type) {
        case 'attempt-finished':
          return counts.attemptFinished(event)
        case 'connection-retried':
          return counts.requestRetried(event)
        case 'connection-finished':
          return tcp.finished(proxy, event)
        default:
          return assertNever(event)
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
      const metrics = [...resourceMetrics.scopeMetrics.flatMap((each) => each.metrics), ...histograms.flatMap((read) => read())]
      // The exporter has its own copy of the SDK, whose enums are the same numbers.
      // eslint-disable-next-line typescript/no-unsafe-enum-assignment
      return metrics.length === 0 ? [] : [{ scope: { name: SCOPE }, metrics }]
    },
    stop: () => provider.shutdown(),
  }
}
