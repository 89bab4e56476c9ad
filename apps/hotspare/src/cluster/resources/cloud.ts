import { assertNever, type Clock, systemClock } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import { awsRoutes, elasticIp, privateIp } from '@hotspare/vip/aws'
import { azureIpConfiguration } from '@hotspare/vip/azure'
import { reservedIp } from '@hotspare/vip/digitalocean'
import { aliasIp, googleRoute } from '@hotspare/vip/google'
import { hetznerAliasIp, hetznerFloatingIp } from '@hotspare/vip/hetzner'
import { robotFailoverIp } from '@hotspare/vip/hetzner-robot'
import { ovhIp } from '@hotspare/vip/ovh'
import { type AddressProvider, providerResource } from '@hotspare/vip/providers'
import type { CloudResourceConfig } from '../../config/config-cloud.ts'
import type { ResourcePart, ResourceSurroundings } from './part.ts'

/** An address that a cloud or hoster moves, for this node. */
export function cloudPart(resource: CloudResourceConfig, { node, clock }: Pick<ResourceSurroundings, 'node' | 'clock'>): ResourcePart {
  const moved = providerResource(providerFor(resource, clock), { node, targets: resource.targets, clock })
  return { resource: moved, stop: () => moved.close() }
}

/** It for people, from the file alone. */
export function describedCloud(resource: CloudResourceConfig): Pick<Resource, 'id' | 'allowedMs' | 'instruction'> {
  const [node = ''] = Object.keys(resource.targets)
  return providerResource(providerFor(resource, systemClock), { node, targets: resource.targets })
}

/** How its provider moves it, and how long that takes, from the file alone. */
export function cloudTerms(resource: CloudResourceConfig): Pick<AddressProvider, 'shape'> & AddressProvider['terms'] {
  const { shape, terms } = providerFor(resource, systemClock)
  return { shape, ...terms }
}

/** The choice by type. */
function providerFor({ type, options }: CloudResourceConfig, clock: Clock): AddressProvider {
  switch (type) {
    case 'aws-elastic-ip':
      return elasticIp({ ...options, clock })
    case 'aws-private-ip':
      return privateIp({ ...options, clock })
    case 'aws-route':
      return awsRoutes({ ...options, clock })
    case 'google-route':
      return googleRoute({ ...options, clock })
    case 'google-alias-ip':
      return aliasIp({ ...options, clock })
    case 'azure-ip':
      return azureIpConfiguration({ ...options, clock })
    case 'hetzner-floating-ip':
      return hetznerFloatingIp({ ...options, clock })
    case 'hetzner-alias-ip':
      return hetznerAliasIp({ ...options, clock })
    case 'hetzner-failover-ip':
      return robotFailoverIp({ ...options, clock })
    case 'digitalocean-reserved-ip':
      return reservedIp({ ...options, clock })
    case 'ovh-ip':
      return ovhIp({ ...options, clock })
    default:
      return assertNever(type)
  }
}
