import { formatListen } from './addresses.ts'
import { balanceWords } from './balance-words.ts'
import type { Config, EngineConfig, HealthConfig, PoolConfig } from './config.ts'
import { frontOf } from './config-routes.ts'
import { addressAtTargets } from './probe-address.ts'
import { type DnsSummary, formatDns, summarizeDns } from './summary-dns.ts'
import { type FencingSummary, formatFencing, summarizeFencing } from './summary-fencing.ts'
import {
  type ClusterSummary,
  formatCluster,
  formatService,
  formatWitness,
  type ServiceSummary,
  summarizeCluster,
  summarizeService,
  summarizeWitness,
} from './summary-services.ts'
import {
  type CheckSummary,
  type DetectionBound,
  type DetectionBoundsOf,
  formatCheck,
  formatWatch,
  summarizeCheck,
  watchOf,
  type WatchSummary,
} from './summary-watch.ts'

/** What `hotspare check` tells about a file that is in order. Holds no secret. */
export interface ConfigSummary {
  readonly node: string
  readonly api: string
  readonly counts: {
    readonly pools: number
    readonly targets: number
    readonly proxies: number
    readonly engines: number
    readonly channels: number
    readonly routes: number
    readonly services: number
    readonly checks: number
  }
  readonly pools: readonly PoolSummary[]
  readonly proxies: readonly {
    readonly name: string
    readonly listen: string
    readonly pool: string
    readonly tls: boolean
    readonly mode?: 'tcp'
  }[]
  readonly engines: readonly { readonly name: string; readonly type: string; readonly pool: string; readonly place: string }[]
  readonly dns?: DnsSummary | undefined
  readonly cluster: ClusterSummary | undefined
  readonly services: readonly ServiceSummary[]
  readonly checks: readonly CheckSummary[]
  readonly fencing?: FencingSummary | undefined
  readonly witness: { readonly listen: string; readonly file: string } | undefined
}

interface PoolSummary extends WatchSummary {
  readonly name: string
  readonly health: HealthConfig['type']
  readonly balance: PoolConfig['balance']['algorithm']
  /** How it balances, in words. */
  readonly balancing: string
  /** Targets of each tier, the first tier first; those with weight 0 count apart. */
  readonly tiers: readonly { readonly tier: number; readonly targets: number; readonly withoutTraffic: number }[]
  readonly detection: DetectionBound
}

export function summarize(config: Config, boundsOf: DetectionBoundsOf): ConfigSummary {
  const { node, api, pools, proxies, engines, dns, alerts, cluster, services, checks, witness } = config
  const targets = pools.reduce((total, pool) => total + pool.targets.length, 0)
  return {
    node,
    api: formatListen(api.listen),
    counts: {
      pools: pools.length,
      targets,
      proxies: proxies.length,
      engines: engines.length,
      channels: alerts.channels.length,
      routes: alerts.routes.length,
      services: services.length,
      checks: checks.length,
    },
    pools: pools.map((pool) => {
      const { name, health, balance } = pool
      const { down: detection, up: recovery } = boundsOf(health)
      const how = { balance: balance.algorithm, balancing: balanceWords(pool) }
      return { name, health: health.type, ...how, tiers: tiersOf(pool), detection, ...watchOf(health, addressAtTargets(health), recovery) }
    }),
    proxies: proxies.map((proxy) => ({
      name: proxy.name,
      listen: formatListen(proxy.listen),
      pool: frontOf(proxy),
      tls: proxy.tls !== undefined,
      ...(proxy.tcp ? { mode: 'tcp' as const } : {}),
    })),
    engines: engines.map((engine) => ({ name: engine.name, type: engine.type, pool: engine.pool, place: placeOf(engine) })),
    dns: dns && summarizeDns(dns),
    cluster: cluster && summarizeCluster(config, cluster),
    services: cluster ? services.map((service) => summarizeService(service, cluster.arbiter, boundsOf)) : [],
    checks: checks.map((check) => summarizeCheck(check, boundsOf)),
    fencing: summarizeFencing(config),
    witness: witness && summarizeWitness(witness),
  }
}

/** Where the engine is told. */
function placeOf(engine: EngineConfig): string {
  if (engine.type === 'nginx') return `upstream ${engine.options.upstream} in ${engine.options.file}`
  const { socket, host = '', port = 0, backend } = engine.options
  return `backend ${backend} at ${socket ?? formatListen({ host, port })}`
}

function tiersOf({ targets }: PoolConfig): PoolSummary['tiers'] {
  const tiers = [...new Set(targets.map(({ tier }) => tier))].toSorted((one, other) => one - other)
  return tiers.map((tier) => {
    const members = targets.filter((target) => target.tier === tier)
    return { tier, targets: members.length, withoutTraffic: members.filter(({ weight }) => weight === 0).length }
  })
}

/** The summary as lines for a terminal. */
export function formatSummary(summary: ConfigSummary): string {
  const { node, api, counts, pools, proxies, engines, dns, cluster, services, checks, fencing, witness } = summary
  const proxying = [
    plural(counts.pools, 'pool'),
    plural(counts.targets, 'target'),
    counts.proxies === 1 ? '1 proxy' : `${counts.proxies} proxies`,
    ...(counts.engines === 0 ? [] : [plural(counts.engines, 'engine')]),
  ]
  const numbers = [
    ...(counts.pools === 0 ? [] : proxying),
    ...(counts.services === 0 ? [] : [plural(counts.services, 'service')]),
    ...(counts.checks === 0 ? [] : [plural(counts.checks, 'check')]),
    plural(counts.channels, 'alert channel'),
    plural(counts.routes, 'alert route'),
  ]
  return [
    `node ${node}: ${numbers.join(', ')}`,
    `api ${api}`,
    ...pools.flatMap((pool) => [
      `pool ${pool.name}: ${pool.tiers.map(formatTier).join(', ')}; ${pool.health} health check`,
      `  balances ${pool.balancing}`,
      ...formatWatch(pool, pool.detection, 'a dead target'),
    ]),
    ...proxies.map(({ name, listen, pool, tls, mode }) => {
      const where = `${listen}${tls ? ' (TLS)' : ''}${mode === 'tcp' ? ' (TCP)' : ''} -> ${pool}`
      return name === listen ? `proxy ${where}` : `proxy ${name}: ${where}`
    }),
    ...engines.map(({ name, type, pool, place }) => `engine ${name}: ${type} ${place} <- ${pool}`),
    ...(dns ? formatDns(dns) : []),
    ...(cluster ? formatCluster(cluster, node) : []),
    ...services.flatMap(formatService),
    ...checks.flatMap(formatCheck),
    ...(fencing ? formatFencing(fencing) : []),
    ...(witness ? [formatWitness(witness)] : []),
  ].join('\n')
}

function formatTier({ tier, targets, withoutTraffic }: PoolSummary['tiers'][number]): string {
  return `tier ${tier}: ${plural(targets, 'target')}${withoutTraffic > 0 ? ` (${withoutTraffic} without traffic)` : ''}`
}

function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}
