import type { Meter } from '@opentelemetry/api'
import type { HaproxyServerStats } from '@hotspare/proxy/haproxy'
import { observedMetrics } from '../observed-metrics.ts'

/** Read at the moment of a scrape. */
export interface EngineGauges {
  readonly engines: () => readonly {
    readonly engine: string
    readonly pool: string
    readonly isSynced: boolean
    readonly done: number
    readonly failed: number
    readonly changed: number
  }[]
  /** What an engine itself counts, as it was at the last look. */
  readonly engineServers: () => readonly (Omit<HaproxyServerStats, 'id'> & { readonly engine: string; readonly server: string })[]
}

export function addEngineMetrics(meter: Meter, { engines, engineServers }: EngineGauges): void {
  const { gauge, tally } = observedMetrics(meter)
  type Server = ReturnType<EngineGauges['engineServers']>[number]
  const each = (valueOf: (server: Server) => number | undefined) => () =>
    engineServers().map((server) => [valueOf(server), { engine: server.engine, server: server.server }] as const)

  gauge('engine_synced', 'Whether an engine was as its pool wants it at the last look', () =>
    engines().map(({ engine, pool, isSynced }) => [isSynced ? 1 : 0, { engine, pool }]),
  )
  tally('engine_looks_total', 'Looks at an engine, by what came of them', () =>
    engines().flatMap(({ engine, pool, done, failed }) => [
      [done, { engine, pool, result: 'synced' }] as const,
      [failed, { engine, pool, result: 'failed' }] as const,
    ]),
  )
  tally('engine_changes_total', 'Looks after which something had to be changed', () =>
    engines().map(({ engine, pool, changed }) => [changed, { engine, pool }]),
  )
  gauge(
    'engine_server_sessions',
    'Sessions under way at a server of an engine',
    each(({ sessions }) => sessions),
  )
  gauge(
    'engine_server_queued',
    'Requests that wait for a server of an engine',
    each(({ queued }) => queued),
  )
  gauge(
    'engine_server_response_milliseconds',
    'Time to the head of the answer, over the last 1,024 requests',
    each(({ responseMs }) => responseMs),
  )
  tally(
    'engine_server_requests_total',
    'Requests that a server of an engine has answered',
    each(({ requestsTotal }) => requestsTotal),
  )
  tally(
    'engine_server_connect_errors_total',
    'Connections to a server of an engine that failed',
    each(({ connectErrorsTotal }) => connectErrorsTotal),
  )
  tally(
    'engine_server_response_errors_total',
    'Answers of a server of an engine that failed',
    each(({ responseErrorsTotal }) => responseErrorsTotal),
  )
  tally(
    'engine_server_redispatches_total',
    'Requests that went from a server of an engine to another',
    each(({ redispatchesTotal }) => redispatchesTotal),
  )
  tally(
    'engine_server_received_bytes_total',
    'Bytes from clients to a server of an engine',
    each(({ bytesInTotal }) => bytesInTotal),
  )
  tally(
    'engine_server_sent_bytes_total',
    'Bytes from a server of an engine to clients',
    each(({ bytesOutTotal }) => bytesOutTotal),
  )
}
