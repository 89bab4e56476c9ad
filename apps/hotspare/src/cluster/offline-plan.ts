import type { Plan, Resource } from '@hotspare/core/plan'
import { type Facts, makePlan, type Move } from '@hotspare/failover'
import { vipInstruction } from '@hotspare/vip/resource'
import { vipDefaults } from '@hotspare/vip'
import type { ClusterConfig, ResourceConfig, ServiceConfig } from '../config/config.ts'
import { serviceDefinition } from './definition.ts'
import { instructionsFor } from './instructions.ts'
import { leaseWaitMs } from './lease-wait.ts'
import { interfaceOn, lifetimeMsOf } from './vip-terms.ts'

/** Who a service moves between, when nobody can be asked who is active. */
export interface OfflineMove {
  readonly from: string
  readonly to: string
  /** Whether the former node is thought dead: then nothing is done there. */
  readonly isDead: boolean
}

/**
 * The plan that the engine would run, from the configuration alone: for people, while no daemon can be asked.
 *
 * @throws HotspareError `HOTSPARE_APP_USAGE` for a node that is no member of the service
 */
export function offlinePlan(cluster: ClusterConfig, service: ServiceConfig, { from, to, isDead }: OfflineMove): Plan {
  const resources = service.resources.map((resource) => describedResource(cluster, service, resource))
  const instructions = instructionsFor({ service, resources, stateFolder: cluster.state, leaseMs: leaseWaitMs(cluster.arbiter) })
  const because = isDead ? `${from} is dead, and people take over by hand` : 'people want it elsewhere'
  const move: Move = isDead
    ? { type: 'take', purpose: 'failover', from, to, because }
    : { type: 'hand-over', purpose: 'switchover', from, to, because }
  return makePlan(serviceDefinition(service), nothingKnown(isDead ? to : from, resources), move, instructions)
}

function describedResource(
  { arbiter }: ClusterConfig,
  service: ServiceConfig,
  resource: ResourceConfig,
): Pick<Resource, 'id' | 'allowedMs' | 'instruction'> {
  const { address } = resource
  const hasLifetime = lifetimeMsOf(service, arbiter) !== undefined
  return {
    id: `vip ${address}`,
    allowedMs: { acquire: vipDefaults.allowedMs, release: vipDefaults.allowedMs },
    instruction: (verb, node) => vipInstruction(verb, { address, interface: interfaceOn(resource, node), hasLifetime }),
  }
}

/** Nobody was asked anything: only what the plan is made of counts. */
function nothingKnown(node: string, resources: readonly Pick<Resource, 'id'>[]): Facts {
  const unasked = { since: 0, because: 'nobody was asked' }
  return {
    node,
    lease: { state: 'unknown', ...unasked },
    leaseHolder: undefined,
    leaseToken: 0,
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
