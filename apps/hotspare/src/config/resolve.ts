import type {
  AlertRouteConfig,
  ChannelConfig,
  CheckConfig,
  ClusterConfig,
  Config,
  PoolConfig,
  ResourceConfig,
  ServiceConfig,
  WatchRules,
} from './config.ts'
import { withAuthorities } from './certificate-files.ts'
import { isOnInterface } from './config-cluster.ts'
import { isFollowing, resolveDns, resolveFollowing } from './resolve-dns.ts'
import { deepFreeze } from './deep-freeze.ts'
import { type ErrorPages, withHtml } from './error-pages.ts'
import type { ParsedConfig } from './schema.ts'
import { formatVirtualAddress } from './ip-addresses.ts'
import type { ParsedAlerts } from './schema-alerts.ts'
import type { ParsedCluster } from './schema-cluster.ts'
import type { ParsedDns } from './schema-dns.ts'
import type { ParsedService } from './schema-services.ts'

/** What was read beside the configuration itself. */
export interface ReadFiles {
  readonly pages: ErrorPages
  /** As `withAuthorities` wants them. */
  readonly authorities: ReadonlyMap<string, string>
}

/**
 * What the app runs on: names and ids where the file leaves them to us, lists instead of mappings, frozen.
 *
 * @param hostname what the machine calls itself: the node's name where the file gives none
 */
export function resolveConfig(parsed: ParsedConfig, hostname: string, { pages, authorities }: ReadFiles): Config {
  const { node, log, api, proxies, engines, health, alerts, timeline, dns, fencing, watchdog, witness } = parsed
  const pools = Object.entries(parsed.pools).map(([name, pool]): PoolConfig => {
    const targets = pool.targets.map((target) => Object.assign({ id: `${name}/${target.name}` }, target))
    return { name, ...pool, targets, health: withTargets(pool.health, parsed.pools) }
  })
  const checks = Object.entries(parsed.checks).map(([name, check]): CheckConfig => {
    return Object.assign({ name }, withTargets(check, parsed.pools))
  })
  const cluster = parsed.cluster && resolveCluster(parsed.cluster)
  const services = Object.entries(parsed.services).map(([name, service]) => {
    return resolveService(name, { ...service, check: withTargets(service.check, parsed.pools) }, dns?.providers)
  })
  const own = {
    node: node ?? nodeName(hostname),
    log,
    api,
    timeline,
    cluster,
    dns: dns && resolveDns(dns, pools),
    fencing,
    watchdog,
    witness,
  }
  const withPages = proxies.map((proxy) => ({
    ...proxy,
    errorPages: withHtml(proxy.errorPages, pages),
    tls: withAuthorities(proxy.tls, authorities),
  }))
  return deepFreeze({ ...own, pools, proxies: withPages, engines, checks, health, services, alerts: resolveAlerts(alerts) })
}

/** A whole pool that something leans on is its targets. */
function withTargets<Rules extends WatchRules>(rules: Rules, pools: ParsedConfig['pools']): Rules {
  const { dependsOn } = rules
  return dependsOn ? { ...rules, dependsOn: { ...dependsOn, on: dependsOn.on.flatMap((name) => targetsOf(name, pools)) } } : rules
}

/** `shop/*` is every target of that pool; any other name is itself. */
function targetsOf(name: string, pools: ParsedConfig['pools']): string[] {
  if (!name.endsWith('/*')) return [name]
  const pool = name.slice(0, -2)
  return (pools[pool]?.targets ?? []).map((target) => `${pool}/${target.name}`)
}

function resolveAlerts({ channels, routes }: ParsedAlerts): Config['alerts'] {
  const named = Object.entries(channels).map(([name, channel]): ChannelConfig => Object.assign({ name }, channel))
  const everything: AlertRouteConfig = { severities: undefined, to: named.map(({ name }) => name) }
  const withoutRoutes = named.length === 0 ? [] : [everything]
  return { channels: named, routes: routes.length === 0 ? withoutRoutes : routes }
}

function resolveCluster({ nodes, arbiter, ...rest }: ParsedCluster): ClusterConfig {
  const named = Object.entries(nodes).map(([name, node]) => Object.assign({ name }, node))
  // That it is true, the contradictions have made sure of.
  return { ...rest, nodes: named, arbiter: arbiter.type === 'none' ? { type: 'none', acceptSplitBrain: true } : arbiter }
}

function resolveService(name: string, { resources, ...rest }: ParsedService, providers: ParsedDns['providers'] | undefined): ServiceConfig {
  return {
    name,
    ...rest,
    resources: resources.map((resource): ResourceConfig => {
      if (!isOnInterface(resource)) return isFollowing(resource) ? resolveFollowing(resource, providers) : resource
      const { address, interface: link, ...own } = resource
      const interfaces = Object.fromEntries(rest.members.map((member) => [member, interfaceOf(link, member)]))
      return { ...own, address: formatVirtualAddress(address), interfaces }
    }),
  }
}

function interfaceOf(given: string | Readonly<Record<string, string>>, member: string): string {
  return typeof given === 'string' ? given : (given[member] ?? '')
}

/** A host name, as far as it can be a name here. */
export function nodeName(hostname: string): string {
  const plain = hostname.replaceAll(/[^A-Za-z0-9_.:-]/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return plain.slice(0, 63) || 'localhost'
}
