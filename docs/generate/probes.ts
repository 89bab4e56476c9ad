import { dampingRulesSchema, healthRulesSchema, observerRulesSchema } from '@hotspare/health'
import { agentProbeOptionsSchema, agentServerOptionsSchema } from '@hotspare/health/agent'
import { composeOptionsSchema } from '@hotspare/health/compose'
import { dependenciesSchema } from '@hotspare/health/dependencies'
import { dnsProbeOptionsSchema } from '@hotspare/health/dns'
import { execProbeOptionsSchema } from '@hotspare/health/exec'
import { ftpProbeOptionsSchema } from '@hotspare/health/ftp'
import { grpcProbeOptionsSchema } from '@hotspare/health/grpc'
import { httpProbeOptionsSchema } from '@hotspare/health/http'
import { icmpProbeOptionsSchema } from '@hotspare/health/icmp'
import { imapProbeOptionsSchema } from '@hotspare/health/imap'
import { memcachedProbeOptionsSchema } from '@hotspare/health/memcached'
import { metricProbeOptionsSchema } from '@hotspare/health/metric'
import { mysqlProbeOptionsSchema } from '@hotspare/health/mysql'
import { outlierOptionsSchema } from '@hotspare/health/outliers'
import { pop3ProbeOptionsSchema } from '@hotspare/health/pop3'
import { postgresProbeOptionsSchema } from '@hotspare/health/postgres'
import { pushCheckOptionsSchema } from '@hotspare/health/push'
import { quorumOptionsSchema } from '@hotspare/health/quorum'
import { redisProbeOptionsSchema } from '@hotspare/health/redis'
import { scriptProbeOptionsSchema } from '@hotspare/health/script'
import { smtpProbeOptionsSchema } from '@hotspare/health/smtp'
import { sshProbeOptionsSchema } from '@hotspare/health/ssh'
import { systemProbeOptionsSchema } from '@hotspare/health/system'
import { tcpProbeOptionsSchema } from '@hotspare/health/tcp'
import { probeMeasures, systemMeasures, thresholdOptionsSchema } from '@hotspare/health/thresholds'
import { tlsProbeOptionsSchema } from '@hotspare/health/tls'
import { websocketProbeOptionsSchema } from '@hotspare/health/websocket'
import { code, listed, table } from './markdown.ts'
import { type OptionSchema, optionTables } from './option-tables.ts'

/** Something that takes options. */
export interface Documented {
  /** What people call it. */
  readonly name: string
  /** Where it is exported from. */
  readonly from: string
  /** The function that takes the options, as it is called. */
  readonly call: string
  readonly schema: OptionSchema
}

function exported(name: string, call: string, schema: OptionSchema, subPath: string = name): Documented {
  return { name, from: `@hotspare/health/${subPath}`, call, schema }
}

/** The probes, in the order of the table in the package's README. */
export const probes: readonly Documented[] = [
  exported('http', 'httpProbe({ ... })', httpProbeOptionsSchema),
  exported('tls', 'tlsProbe({ ... })', tlsProbeOptionsSchema),
  exported('tcp', 'tcpProbe({ ... })', tcpProbeOptionsSchema),
  exported('websocket', 'websocketProbe({ ... })', websocketProbeOptionsSchema),
  exported('grpc', 'grpcProbe({ ... })', grpcProbeOptionsSchema),
  exported('dns', 'dnsProbe({ ... })', dnsProbeOptionsSchema),
  exported('smtp', 'smtpProbe({ ... })', smtpProbeOptionsSchema),
  exported('imap', 'imapProbe({ ... })', imapProbeOptionsSchema),
  exported('pop3', 'pop3Probe({ ... })', pop3ProbeOptionsSchema),
  exported('ftp', 'ftpProbe({ ... })', ftpProbeOptionsSchema),
  exported('ssh', 'sshProbe({ ... })', sshProbeOptionsSchema),
  exported('redis', 'redisProbe({ ... })', redisProbeOptionsSchema),
  exported('memcached', 'memcachedProbe({ ... })', memcachedProbeOptionsSchema),
  exported('postgres', 'postgresProbe({ ... })', postgresProbeOptionsSchema),
  exported('mysql', 'mysqlProbe({ ... })', mysqlProbeOptionsSchema),
  exported('script', 'scriptProbe({ ... })', scriptProbeOptionsSchema),
  exported('icmp', 'icmpProbe({ ... })', icmpProbeOptionsSchema),
  exported('exec', 'execProbe({ ... })', execProbeOptionsSchema),
  exported('push', 'pushCheck({ ... })', pushCheckOptionsSchema),
  exported('system', 'systemProbe({ what, ... })', systemProbeOptionsSchema),
  exported('metric', 'metricProbe({ ... })', metricProbeOptionsSchema),
  exported('agent', 'agentProbe({ ... })', agentProbeOptionsSchema),
  exported('agentServer', 'agentServer({ answer, ... })', agentServerOptionsSchema, 'agent'),
  exported('compose', 'all(parts, { ... })', composeOptionsSchema),
]

/** What is made of their results. */
export const judgements: readonly Documented[] = [
  { name: 'rules', from: '@hotspare/health', call: 'monitor.add({ id, probe, ... })', schema: healthRulesSchema },
  { name: 'damping', from: '@hotspare/health', call: 'monitor.add({ id, probe, damping: { ... } })', schema: dampingRulesSchema },
  { name: 'observer', from: '@hotspare/health', call: 'createHealthMonitor({ observer: { ... } })', schema: observerRulesSchema },
  exported('quorum', 'createVoteKeeper({ self, ... })', quorumOptionsSchema),
  exported('dependencies', 'createDependencyTracker({ names, dependencies: { NAME: { ... } } })', dependenciesSchema),
  exported('outliers', 'createOutlierDetector({ ... })', outlierOptionsSchema),
  exported('thresholds', 'watch.add(targetId, name, { ... })', thresholdOptionsSchema),
]

/** Every option of every probe, and of what is made of their results: types, defaults and meanings as the schemas have them. */
export function probeReference(): string {
  return [
    ...probes.flatMap((each) => [section('##', each), ...measuresOf(each.name)]),
    '## What is made of the results {#results}',
    ...judgements.map((each) => section('###', each)),
  ].join('\n\n')
}

function section(level: string, { name, from, call, schema }: Documented): string {
  return [`${level} ${code(name)} {#${name.toLowerCase()}}`, `${code(call)} from ${code(from)}`, optionTables(schema)].join('\n\n')
}

const MEASURES: Readonly<Record<string, readonly string[]>> = probeMeasures

/** What a limit may be about. */
function measuresOf(name: string): string[] {
  if (name === 'system') {
    const rows = Object.entries(systemMeasures).map(([what, names]) => [code(what), listed(names, 'and')])
    return ['Besides `duration-ms` it measures:', table(['`what`', 'Measures'], rows)]
  }
  if (name === 'compose') return ['It measures `duration-ms`, and what its parts measure, with their names before it: `web.body-bytes`.']
  if (!Object.hasOwn(MEASURES, name)) return []
  const further = FURTHER_MEASURES[name]
  return [`It measures ${listed(['duration-ms', ...(MEASURES[name] ?? [])], 'and')}${further === undefined ? '' : `; ${further}`}.`]
}

/** Names that are not known before. */
const FURTHER_MEASURES: Readonly<Record<string, string>> = {
  push: 'and whatever the job reports',
  metric: 'and the series by its name, with `-per-second` behind it for a rate, or `-ratio` where it is divided',
}
