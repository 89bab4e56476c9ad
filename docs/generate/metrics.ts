import { Declarations, type Word } from './declarations.ts'
import { code, listed, table } from './markdown.ts'
import { loadAppModule, readSource } from './sources.ts'

const METRICS = 'metrics.ts'
/** Those of what is watched. */
const WATCH = 'watch/metrics.ts'
/** Those of HAProxy and nginx. */
const ENGINES = 'engines/metrics.ts'
/** Those of records, and of the DNS server. */
const DNS = 'dns/metrics.ts'
/** Those of the worker. */
const TRAFFIC = 'traffic-metrics.ts'

interface Metrics {
  countProbe(event: object): void
  countAlert(event: object): void
  countRecordEvent(event: object): void
  scrape(counted: unknown): Promise<string>
  stop(): Promise<void>
}

interface TrafficMetrics {
  countProxyEvent(proxy: string, event: object): void
  countTcpEvent(proxy: string, event: object): void
  countOutlierEvent(event: object): void
  countDnsEvent(event: object): void
  collect(): Promise<unknown>
  stop(): Promise<void>
}

interface Metric {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly labels: readonly string[]
}

/** Every metric, as the app itself shows it to Prometheus once each event has been counted. */
async function readMetrics(): Promise<readonly Metric[]> {
  const { createMetrics } = await loadAppModule<{ createMetrics: (gauges: object) => Metrics }>(METRICS)
  const metrics = createMetrics({
    targets: () => [{ pool: 'p', target: 't', up: true, state: 'up', active: 0 }],
    proxies: () => [{ proxy: 'w', active: 0 }],
    alertsPending: () => 0,
    processes: () => [{ process: 'worker', residentBytes: 0, cpuSeconds: 0 }],
    checks: new Set(['c']),
    observerIsWell: () => true,
    engines: () => [{ engine: 'e', pool: 'p', isSynced: true, done: 1, failed: 1, changed: 1 }],
    engineServers: () => [ENGINE_SERVER],
    dnsRecords: () => [{ provider: 'p', record: 'r', type: 'A', isSynced: true }],
    watched: () => [watched({ kind: 'check', id: 'c' }), watched({ kind: 'target', id: 't', pool: 'p' })],
  })
  const { createTrafficMetrics } = await loadAppModule<{ createTrafficMetrics: (gauges: object) => TrafficMetrics }>(TRAFFIC)
  const traffic = createTrafficMetrics({
    passive: () => [{ pool: 'p', id: 't', passive: 'ejected' }],
    waiting: () => [{ pool: 'p', waiting: 1 }],
    poolOf: () => 'p',
    connections: () => [{ proxy: 'w', connections: 1 }],
    certificates: () => [{ proxy: 'w', name: 'shop.example', notAfter: 1 }],
    accessLogs: () => [{ file: '/l', lines: 1, dropped: 1 }],
    dns: () => DNS_SERVER,
  })
  const failure = { reason: 'refused', detail: '', sent: false }
  for (const targetId of ['t', 'c', 'agent t']) metrics.countProbe({ type: 'probe-finished', targetId, result: { outcome: 'pass' } })
  traffic.countProxyEvent('w', { type: 'attempt-finished', targetId: 't', durationMs: 1, firstByteMs: 1 })
  const ended = { outcome: 'closed', endedBy: 'client', targetId: 't', bytesToTarget: 1, bytesToClient: 1 }
  traffic.countTcpEvent('w', { type: 'connection-finished', ...ended })
  traffic.countProxyEvent('w', { type: 'request-retried', targetId: 't', failure })
  const finished = { type: 'request-finished', targetId: 't', durationMs: 1, firstByteMs: 1, receivedBytes: 1, sentBytes: 1 }
  traffic.countProxyEvent('w', { ...finished, outcome: 'cut', status: 200, reason: 'target-broke' })
  traffic.countOutlierEvent({ type: 'target-ejected', targetId: 't', cause: 'latency' })
  traffic.countOutlierEvent({ type: 'ejection-withheld', targetId: 't', cause: 'latency' })
  traffic.countOutlierEvent({ type: 'back-off-started', targetId: 't' })
  traffic.countDnsEvent({ type: 'answers-changed', name: 'r', recordType: 'A' })
  metrics.countRecordEvent({ type: 'record-changed', provider: 'p', name: 'r', recordType: 'A' })
  metrics.countAlert({ type: 'alert-delivered', channel: 'c' })
  const found = parseExposition(await metrics.scrape(await traffic.collect()))
  await metrics.stop()
  await traffic.stop()
  const declared = [METRICS, WATCH, ENGINES, DNS, TRAFFIC].flatMap((file) => declaredNames(readSource(`apps/hotspare/src/${file}`).text))
  const missing = declared.filter((name) => !found.some((metric) => metric.name === name))
  if (missing.length > 0) throw new Error(`metrics that no event above counts: ${missing.join(', ')}`)
  return found
}

/** A DNS server that has counted everything. */
const DNS_SERVER = {
  udpQuestions: 1,
  tcpQuestions: 1,
  answers: { NOERROR: 1 },
  truncated: 1,
  limited: 1,
  overrun: 1,
  ignored: 1,
  connections: 1,
  transfers: 1,
}

/** A server of an engine of which everything is known. */
const ENGINE_SERVER = {
  engine: 'e',
  server: 's',
  sessions: 1,
  queued: 1,
  responseMs: 1,
  requestsTotal: 1,
  connectErrorsTotal: 1,
  responseErrorsTotal: 1,
  redispatchesTotal: 1,
  bytesInTotal: 1,
  bytesOutTotal: 1,
}

/** A target or a check of which everything is known. */
function watched(subject: object): object {
  const last = { durationMs: 1, phases: [{ name: 'connect', tookMs: 1 }], measures: { 'certificate-days': 90 } }
  const thresholds = [{ name: 'slow', isExceeded: false }]
  return { subject, state: 'up', isUnreachable: false, hasWarning: false, weight: 1, last, thresholds }
}

/** Reads the text format of Prometheus: names, types, help and the names of labels. */
export function parseExposition(text: string): Metric[] {
  const metrics = [...text.matchAll(/^# HELP (\S+) (.*)\n(?:# UNIT .*\n)?# TYPE \S+ (\S+)$/gm)]
  return metrics.map(([, name = '', help = '', type = '']) => {
    const samples = text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{([^}]*)\\}`, 'gm'))
    const labels = [...samples].flatMap(([, pairs = '']) => [...pairs.matchAll(/(\w+)="/g)].map(([, label = '']) => label))
    return { name, type, help, labels: [...new Set(labels)].filter((label) => label !== 'le') }
  })
}

/** The names that the source declares: the check that the list above is complete. */
function declaredNames(source: string): string[] {
  const short = [...source.matchAll(/\b(?:counter|gauge|tally|histogram)\('(\w+)'/g)].map(([, name]) => `hotspare_${name}`)
  const full = [...source.matchAll(/create\w+\(\s*'(hotspare_\w+)'/g)].map(([, name = '']) => name)
  return [...short, ...full]
}

export async function metricReference(): Promise<string> {
  const metrics = (await readMetrics()).toSorted((one, other) => one.name.localeCompare(other.name))
  const rows = metrics.map(({ name, type, help, labels }) => [code(name), type, labels.map(code).join(', '), help])
  const types = new Declarations([
    readSource('packages/proxy/src/failure.ts'),
    readSource('packages/proxy/src/request-end.ts'),
    readSource('packages/health/src/probe.ts'),
    readSource('packages/core/src/verdict.ts'),
  ])
  return [
    table(['Name', 'Type', 'Labels', 'What it counts or shows'], rows),
    '## Why an attempt failed',
    `The label ${code('reason')} of ${code('hotspare_retries_total')}, and ${code('result')} of ${code('hotspare_attempts_total')} where it is not ${code('answered')}.`,
    wordTable(types.words('AttemptFailureReason')),
    '## Why a request failed',
    `The label ${code('reason')} of ${code('hotspare_requests_failed_total')}; ${code('blame')} says [whose doing it was](../guide/access-log.md#why).`,
    wordTable(types.words('RequestEndReason').filter(({ word }) => word !== 'answered-here')),
    '## Why a probe failed',
    `The word in ${code('explain')} and in the history of a target.`,
    wordTable(types.words('ProbeFailure')),
    '## States of a target',
    `The label ${code('state')} of ${code('hotspare_target_state')}: ${listed(
      [...types.words('HealthState'), ...types.words('AdminState')].map(({ word }) => word),
      'or',
    )}. They are explained in [the words](../guide/words.md#states).`,
  ].join('\n\n')
}

function wordTable(words: readonly Word[]): string {
  return table(
    ['Word', 'Meaning'],
    words.map(({ word, doc }) => [code(word), doc]),
  )
}
