import type { ResolvedSystemProbeOptions } from '../system/options.ts'

// By which names a limit may ask for what a probe measures. `duration-ms` is there for all of them.

type MeasuringProbe =
  | 'http'
  | 'tls'
  | 'tcp'
  | 'websocket'
  | 'grpc'
  | 'dns'
  | 'smtp'
  | 'imap'
  | 'pop3'
  | 'ftp'
  | 'ssh'
  | 'redis'
  | 'memcached'
  | 'postgres'
  | 'mysql'
  | 'script'
  | 'icmp'
  | 'agent'
  | 'exec'
  | 'push'
  | 'metric'

/** Where the time of a probe over the network goes. */
export const phaseMeasures: readonly string[] = ['dns-ms', 'connect-ms', 'tls-ms', 'first-byte-ms', 'transfer-ms']

const CERTIFICATE = ['certificate-days', 'chain-days']

/** What each type of probe can measure besides its duration. */
export const probeMeasures: Readonly<Record<MeasuringProbe, readonly string[]>> = {
  http: [...phaseMeasures, 'body-bytes', 'retry-after-seconds', ...CERTIFICATE],
  tls: [...phaseMeasures, ...CERTIFICATE],
  tcp: ['dns-ms', 'connect-ms'],
  websocket: phaseMeasures,
  grpc: phaseMeasures,
  dns: [...phaseMeasures, 'answer-count', 'serial-lag'],
  smtp: phaseMeasures,
  imap: phaseMeasures,
  pop3: phaseMeasures,
  ftp: phaseMeasures,
  ssh: phaseMeasures,
  redis: [...phaseMeasures, 'lag-seconds', 'lag-bytes', 'replica-count'],
  memcached: phaseMeasures,
  postgres: phaseMeasures,
  mysql: phaseMeasures,
  script: phaseMeasures,
  icmp: ['dns-ms', 'loss-ratio', 'round-trip-ms'],
  agent: [...phaseMeasures, 'max-connections'],
  exec: [],
  /** Besides what the job says itself. */
  push: ['report-age-seconds'],
  /** Besides the series, by its own name: with `-per-second` for a rate, `-ratio` where it is divided. */
  metric: [...phaseMeasures, 'series-count'],
}

/** What the system probe measures, by `what` it looks at. */
export const systemMeasures: Readonly<Record<ResolvedSystemProbeOptions['what'], readonly string[]>> = {
  cpu: ['used-ratio', 'iowait-ratio', 'steal-ratio'],
  memory: ['used-ratio', 'available-bytes', 'total-bytes', 'swap-used-ratio'],
  disk: ['used-ratio', 'available-bytes', 'total-bytes'],
  inodes: ['used-ratio', 'available-inodes', 'total-inodes'],
  load: ['load-1m-per-processor', 'load-5m-per-processor', 'load-15m-per-processor'],
  pressure: ['stalled-10s-ratio', 'stalled-60s-ratio', 'stalled-300s-ratio'],
  network: ['error-ratio', 'dropped-per-second', 'received-bytes-per-second', 'sent-bytes-per-second'],
  raid: ['arrays-count', 'missing-devices-count', 'faulty-devices-count', 'sync-done-ratio'],
  smart: [
    'temperature-celsius',
    'power-on-hours',
    'worn-ratio',
    'spare-ratio',
    'media-errors-count',
    'reallocated-sectors',
    'pending-sectors',
    'uncorrectable-sectors',
  ],
  'event-loop': ['delay-p99-ms', 'delay-p50-ms', 'delay-max-ms'],
}
