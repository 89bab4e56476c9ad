import { assertNever } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import { isCloud } from '../../config/config-cloud.ts'
import type { ClusterConfig, ResourceConfig, ServiceConfig } from '../../config/config.ts'
import { describedBgp } from './bgp.ts'
import { describedCloud } from './cloud.ts'
import { describedDns } from './dns.ts'
import { describedKeepalived } from './keepalived.ts'
import { describedVip } from './vip.ts'

/** What a plan says of a resource, from the file alone: nothing is made, opened or asked. */
export type DescribedResource = Pick<Resource, 'id' | 'allowedMs' | 'instruction'>

/** The choice by type, for people: the same words as those of the resource itself. */
export function describedResource(resource: ResourceConfig, service: ServiceConfig, cluster: ClusterConfig): DescribedResource {
  if (isCloud(resource)) return describedCloud(resource)
  switch (resource.type) {
    case 'vip':
      return describedVip(resource, service, cluster)
    case 'bgp':
      return describedBgp(resource, service, cluster)
    case 'keepalived':
      return describedKeepalived(resource)
    case 'dns':
      return describedDns(resource)
    default:
      return assertNever(resource)
  }
}
