import { assertNever, type Clock, type Logger } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import type { VipDriver } from '@hotspare/vip'
import { isCloud } from '../../config/config-cloud.ts'
import type { ClusterConfig, ResourceConfig, ServiceConfig } from '../../config/config.ts'
import type { ToldEvent } from '../events.ts'
import { bgpPart } from './bgp.ts'
import { cloudPart } from './cloud.ts'
import { dnsPart } from './dns.ts'
import { keepalivedPart } from './keepalived.ts'
import { vipPart } from './vip.ts'

/** What every type of resource may use of the node that it is made for. */
export interface ResourceSurroundings {
  readonly node: string
  readonly cluster: ClusterConfig
  /** How addresses are put on interfaces. Default: by the kernel of this machine */
  readonly vipDriver: VipDriver | undefined
  /** Hardware addresses of peers that are known. */
  readonly peerIdentities: () => readonly string[]
  readonly record: (event: ToldEvent) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** A resource, and what it needs around it on this node. */
export interface ResourcePart {
  readonly resource: Resource
  /** By which peers know this node, where the resource has such a name: hardware addresses. */
  readonly identities?: (() => readonly string[]) | undefined
  /** Before the engine begins. */
  readonly start?: (() => Promise<void>) | undefined
  /** After the engine has ended. `holds`: people have switched automation off, and what is here stays. */
  readonly stop?: ((how: { readonly holds: boolean }) => Promise<void>) | undefined
}

/** The choice by type: what a resource of the file is on this node. */
export function resourcePart(resource: ResourceConfig, service: ServiceConfig, surroundings: ResourceSurroundings): ResourcePart {
  if (isCloud(resource)) return cloudPart(resource, surroundings)
  switch (resource.type) {
    case 'vip':
      return vipPart(resource, service, surroundings)
    case 'bgp':
      return bgpPart(resource, service, surroundings)
    case 'keepalived':
      return keepalivedPart(resource, surroundings)
    case 'dns':
      return dnsPart(resource, surroundings)
    default:
      return assertNever(resource)
  }
}
