import { formatDuration } from '@hotspare/core'
import { formatListen } from './addresses.ts'
import type { DnsConfig } from './config-dns.ts'

/** What a file says of names. Holds no secret. */
export interface DnsSummary {
  readonly server: ServerSummary | undefined
  /** Who else keeps zones. */
  readonly providers: readonly { readonly name: string; readonly type: string }[]
  /** Those that answer by health; those that follow are with their services. */
  readonly records: readonly RecordSummary[]
}

interface ServerSummary {
  readonly listen: readonly string[]
  readonly zones: readonly {
    readonly name: string
    readonly nameServers: readonly string[]
    /** How many records it holds besides those that answer. */
    readonly records: number
    readonly secondaries: readonly string[]
  }[]
}

interface RecordSummary {
  readonly name: string
  readonly type: string
  readonly providers: readonly string[]
  readonly pool: string
  readonly targets: number
  readonly ttlSeconds: number
}

export function summarizeDns({ server, providers, records }: DnsConfig): DnsSummary {
  return {
    server: server && {
      listen: server.listen.map(formatListen),
      zones: server.zones.map(({ name, nameServers, records: held, secondaries }) => {
        return { name, nameServers, records: held.length, secondaries: secondaries.map(formatListen) }
      }),
    },
    providers: providers.map(({ name, type }) => ({ name, type })),
    records: records.map(({ name, type, providers: keepers, pool, targets, ttlSeconds }) => {
      return { name, type, providers: keepers, pool, targets: targets.length, ttlSeconds }
    }),
  }
}

export function formatDns({ server, providers, records }: DnsSummary): string[] {
  return [
    ...(server ? formatServer(server) : []),
    ...providers.map(({ name, type }) => `dns provider ${name}: ${type}`),
    ...records.map(({ name, type, providers: keepers, pool, targets, ttlSeconds }) => {
      const answers = `answers with what is up of pool ${pool} (${targets === 1 ? '1 target' : `${targets} targets`})`
      return `dns ${name} ${type} at ${keepers.join(' and ')}: ${answers}, for ${formatDuration(ttlSeconds * 1_000)}`
    }),
  ]
}

function formatServer({ listen, zones }: ServerSummary): string[] {
  const ofZones = zones.map(({ name, nameServers, records, secondaries }) => {
    const held = records === 1 ? '1 record of its own' : `${records} records of its own`
    const followers = secondaries.length === 0 ? '' : `; followed by ${secondaries.join(', ')}`
    return `  zone ${name}: name servers ${nameServers.join(', ')}; ${held}${followers}`
  })
  return [`dns server ${listen.join(', ')}`, ...ofZones]
}
