import type { Resource } from '@hotspare/core/plan'
import { awsByHand, type ByHand, dnsResource, type DnsResourceOptions, gcloudByHand, nsupdateByHand } from '@hotspare/dns/resource'
import type { DnsProvider } from '@hotspare/dns'
import { systemClock } from '@hotspare/core'
import type { DnsProviderConfig, DnsResourceConfig } from '../../config/config-dns.ts'
import { servedCheck } from '../../dns/served-check.ts'
import { openZone, Zones } from '../../dns/zones.ts'
import type { ResourcePart, ResourceSurroundings } from './part.ts'

/** A record that follows, for this node. */
export function dnsPart(resource: DnsResourceConfig, surroundings: ResourceSurroundings): ResourcePart {
  const { node, clock, record } = surroundings
  const { account, zone, verify } = resource
  const zones = zonesOf(surroundings)
  const followed = dnsResource({ ...optionsOf(resource, node, zones.zone(account, zone)), served: servedCheck(zone, verify), clock })
  followed.subscribe(record)
  return {
    resource: followed,
    async stop() {
      await followed.close()
      await zones.close()
    },
  }
}

/** It for people, from the file alone. */
export function describedDns(resource: DnsResourceConfig): Pick<Resource, 'id' | 'allowedMs' | 'instruction'> {
  const [node = ''] = Object.keys(resource.follows)
  // Made, and asked nothing: what it says of itself needs no answer.
  return dnsResource(optionsOf(resource, node, openZone(resource.account, resource.zone, systemClock)))
}

/** What the machine and people need alike. */
function optionsOf(resource: DnsResourceConfig, node: string, provider: DnsProvider): DnsResourceOptions {
  const { name, recordType: type, follows, ttlSeconds, adopt, account } = resource
  return { provider, node, name, type, follows, ttlSeconds, adopt, byHand: byHandOf(account) }
}

/** What people type, where there is something to type; elsewhere they go to a page. */
function byHandOf({ name, type, options }: DnsProviderConfig): ByHand | undefined {
  if (type === 'rfc2136') {
    const { server } = options
    const { address, port } = typeof server === 'string' ? { address: server, port: undefined } : server
    return nsupdateByHand({ server: address, port, keyFile: `/etc/hotspare/${name}.key` })
  }
  if (type === 'route53') return options.hostedZoneId === undefined ? undefined : awsByHand({ zoneId: options.hostedZoneId })
  if (type !== 'google' || options.managedZone === undefined) return undefined
  return gcloudByHand({ project: options.project, managedZone: options.managedZone })
}

/** One client for each zone of a node: all its records share a budget. */
const zonesByNode = new WeakMap<ResourceSurroundings, Zones>()

function zonesOf(surroundings: ResourceSurroundings): Zones {
  const own = zonesByNode.get(surroundings) ?? new Zones(surroundings.clock)
  zonesByNode.set(surroundings, own)
  return own
}
