import { decisionDefaults } from '@hotspare/failover'
import { birdDefaults } from '@hotspare/vip/bird'
import { isCloud } from '../config/config-cloud.ts'
import { type ClusterConfig, isOnInterface, type ResourceConfig, type ServiceConfig } from '../config/config.ts'
import { cloudTerms } from '../cluster/resources/cloud.ts'
import { describedResource } from '../cluster/resources/described.ts'

/** A resource that takes other times than a change in the kernel; all in milliseconds. */
export interface OutsideTimes {
  /** As the file has it: `hetzner-floating-ip`. */
  readonly name: string
  /** What it takes as a rule: that is what is simulated. */
  readonly typicalMs: number
  /** Up to when a plan waits for it. */
  readonly acquireMs: number
  readonly releaseMs: number
  /** Where a provider moves it. */
  readonly moved?: { readonly provider: string; readonly shape: 'atomic' | 'release-then-take'; readonly lookEveryMs: number } | undefined
}

/** What follows the active member, by who moves it. */
export interface ResourceTimes {
  /** Addresses in the kernel, one after the other. */
  readonly addresses: number
  readonly outside: readonly OutsideTimes[]
  /** Users reach it by an address that a provider moves, and by none in a kernel. */
  readonly isMoved: boolean
}

export function resourceTimesOf(service: ServiceConfig, cluster: ClusterConfig): ResourceTimes {
  const { resources } = service
  const addresses = resources.filter((each) => isOnInterface(each))
  return {
    addresses: addresses.length,
    outside: resources.flatMap((each) => outsideTimes(each, service, cluster)),
    isMoved: addresses.length === 0,
  }
}

/** What users reach it by; undefined where nothing of it is an address. */
export function addressOf({ resources }: Pick<ServiceConfig, 'resources'>): ResourceConfig | undefined {
  return resources.find((each) => isOnInterface(each)) ?? resources.find((each) => isCloud(each))
}

function outsideTimes(resource: ResourceConfig, service: ServiceConfig, cluster: ClusterConfig): readonly OutsideTimes[] {
  if (resource.type === 'vip') return []
  const { allowedMs } = describedResource(resource, service, cluster)
  const times = { name: resource.type, acquireMs: allowedMs.acquire, releaseMs: allowedMs.release }
  if (isCloud(resource)) {
    const { shape, typicalMs, lookEveryMs } = cloudTerms(resource)
    // Several places are moved one by one, and each by one call.
    const moved = { provider: providerOf(resource.type), shape: shape === 'release-then-take' ? shape : ('atomic' as const), lookEveryMs }
    return [{ ...times, typicalMs, moved }]
  }
  // BIRD exports what it hears of at once, and is waited for at most so long.
  if (resource.type === 'bgp') return [{ ...times, typicalMs: birdDefaults.pollMs, acquireMs: birdDefaults.exportWaitMs }]
  return [{ ...times, typicalMs: Math.min(decisionDefaults.settleMs, allowedMs.acquire / 2) }]
}

/** Who answers for a type: `aws` for all that AWS moves. */
export function providerOf(type: string): string {
  return type.split('-')[0] ?? type
}
