import type { AnsweringRecordConfig, DnsConfig, DnsProviderConfig, DnsResourceConfig } from './config-dns.ts'
import type { PoolConfig } from './config.ts'
import { absoluteName } from './dns-names.ts'
import type { ParsedAnsweringRecord, ParsedDns } from './schema-dns.ts'
import type { ParsedFollowing } from './schema-following.ts'

/** With absolute names, and with the targets of pools in the place of their names. */
export function resolveDns({ providers, records, server }: ParsedDns, pools: readonly PoolConfig[]): DnsConfig {
  return {
    providers: Object.entries(providers).map(([name, provider]): DnsProviderConfig => Object.assign({ name }, provider)),
    records: records.map((record) => resolveRecord(record, pools)),
    server: server && {
      ...server,
      zones: server.zones.map((zone) => ({
        ...zone,
        records: zone.records.map((record) => ({ ...record, name: absoluteName(record.name, zone.name) })),
      })),
    },
  }
}

function resolveRecord({ family, name, addresses, ...rest }: ParsedAnsweringRecord, pools: readonly PoolConfig[]): AnsweringRecordConfig {
  const targets = pools.find((pool) => pool.name === rest.pool)?.targets ?? []
  return {
    ...rest,
    name: absoluteName(name, rest.zone),
    type: family === 4 ? 'A' : 'AAAA',
    targets: targets.map(({ id, name: target, host, weight, tier }) => ({ id, address: addresses[target] ?? host, weight, tier })),
  }
}

/** Whether a resource is a record that follows. */
export function isFollowing<Each extends { readonly type: string }>(resource: Each): resource is Extract<Each, { readonly type: 'dns' }> {
  return resource.type === 'dns'
}

/** With its absolute name, and its account. */
export function resolveFollowing(resource: ParsedFollowing, providers: ParsedDns['providers'] = {}): DnsResourceConfig {
  const { provider, name, zone } = resource
  const account = providers[provider]
  // That it is there, the contradictions have made sure of.
  if (!account) throw new RangeError(`there is no DNS provider ${provider}`)
  return { ...resource, name: absoluteName(name, zone), account: Object.assign({ name: provider }, account) }
}
