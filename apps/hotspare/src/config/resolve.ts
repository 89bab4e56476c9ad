import type { AlertRouteConfig, ChannelConfig, Config, PoolConfig } from './config.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { ParsedConfig } from './schema.ts'
import type { ParsedAlerts } from './schema-alerts.ts'

/**
 * What the app runs on: names and ids where the file leaves them to us, lists instead of mappings, frozen.
 *
 * @param hostname what the machine calls itself: the node's name where the file gives none
 */
export function resolveConfig(parsed: ParsedConfig, hostname: string): Config {
  const { node, log, api, proxies, alerts, timeline } = parsed
  const pools = Object.entries(parsed.pools).map(([name, pool]): PoolConfig => {
    const targets = pool.targets.map((target) => Object.assign({ id: `${name}/${target.name}` }, target))
    return { name, targets, health: pool.health, balance: pool.balance }
  })
  return deepFreeze({ node: node ?? nodeName(hostname), log, api, pools, proxies, alerts: resolveAlerts(alerts), timeline })
}

function resolveAlerts({ channels, routes }: ParsedAlerts): Config['alerts'] {
  const named = Object.entries(channels).map(([name, channel]): ChannelConfig => Object.assign({ name }, channel))
  const everything: AlertRouteConfig = { severities: undefined, to: named.map(({ name }) => name) }
  const withoutRoutes = named.length === 0 ? [] : [everything]
  return { channels: named, routes: routes.length === 0 ? withoutRoutes : routes }
}

/** A host name, as far as it can be a name here. */
function nodeName(hostname: string): string {
  const plain = hostname.replaceAll(/[^A-Za-z0-9_.:-]/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return plain.slice(0, 63) || 'localhost'
}
