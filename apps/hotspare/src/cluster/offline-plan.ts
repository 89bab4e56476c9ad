import type { Plan, Resource } from '@hotspare/core/plan'
import { type Facts, makePlan, type Move } from '@hotspare/failover'
import { timingChain } from '@hotspare/lease'
import { vipInstruction } from '@hotspare/vip/resource'
import { vipDefaults } from '@hotspare/vip'
import type { ClusterConfig, ResourceConfig, ServiceConfig } from '../config/config.ts'
import { serviceDefinition } from './definition.ts'
import { instructionsFor, PEER_LEASE_MS } from './instructions.ts'

/** Who a service moves between, when nobody can be asked who is active. */
export interface OfflineMove {
  readonly from: string
  readonly to: string
  /** Whether the former node is thought dead: then nothing is done there. */
  readonly isDead: boolean
}

/** The plan that the engine would run, from the configuration alone: for people, while no daemon can be asked. */
export function offlinePlan(cluster: ClusterConfig, service: ServiceConfig, { from, to, isDead }: OfflineMove): Plan {
  const resources = service.resources.map((resource) => describedResource(cluster, service, resource))
  const { arbiter, state } = cluster
  const leaseMs = arbiter.type === 'none' ? PEER_LEASE_MS : timingChain({ ttlMs: arbiter.ttlMs }).takeoverMs
  const instructions = instructionsFor({ service, resources, stateFolder: state, leaseMs })
  const because = isDead ? `${from} is dead, and people take over by hand` : 'people want it elsewhere'
  const move: Move = isDead
    ? { type: 'take', purpose: 'failover', from, to, because }
    : { type: 'hand-over', purpose: 'switchover', from, to, because }
  return makePlan(serviceDefinition(service), nothingKnown(isDead ? to : from, resources), move, instructions)
}

function describedResource(
  { arbiter }: ClusterConfig,
  { onControlLoss }: ServiceConfig,
  resource: ResourceConfig,
): Pick<Resource, 'id' | 'allowedMs' | 'instruction'> {
  const { address, interfaces } = resource
  const hasLifetime = onControlLoss === 'release' && arbiter.type !== 'none'
  return {
    id: `vip ${address}`,
    allowedMs: { acquire: vipDefaults.allowedMs, release: vipDefaults.allowedMs },
    instruction: (verb, node) => vipInstruction(verb, { address, interface: interfaces[node] ?? 'eth0', hasLifetime }),
  }
}

/** Nobody was asked anything: only what the plan is made of counts. */
function nothingKnown(node: string, resources: readonly Pick<Resource, 'id'>[]): Facts {
  const unasked = { since: 0, because: 'nobody was asked' }
  return {
    node,
    lease: { state: 'unknown', ...unasked },
    leaseHolder: undefined,
    arbiterAnswers: false,
    resources: resources.map(({ id }) => ({ id, verdict: { state: 'unknown', ...unasked } })),
    check: { state: 'unknown', ...unasked },
    served: { state: 'unknown', ...unasked },
    sick: undefined,
    hold: undefined,
    maintenance: undefined,
    peers: [],
  }
}
