import type { Plan, Resource } from '@hotspare/core/plan'
import { type Facts, makePlan, type Move } from '@hotspare/failover'
import type { ClusterConfig, ServiceConfig } from '../../config/config.ts'
import type { FencingConfig } from '../../config/config-fencing.ts'
import { serviceDefinition } from '../definition.ts'
import { describedResource } from '../resources/described.ts'
import { instructionsFor } from './instructions.ts'
import { leaseWaitMs } from '../lease-wait.ts'

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
export function offlinePlan(
  cluster: ClusterConfig,
  service: ServiceConfig,
  { from, to, isDead }: OfflineMove,
  fencing?: FencingConfig,
): Plan {
  const resources = service.resources.map((resource) => describedResource(resource, service, cluster))
  const instructions = instructionsFor({ service, resources, stateFolder: cluster.state, leaseMs: leaseWaitMs(cluster.arbiter), fencing })
  const because = isDead ? `${from} is dead, and people take over by hand` : 'people want it elsewhere'
  const move: Move = isDead
    ? { type: 'take', purpose: 'failover', from, to, because }
    : { type: 'hand-over', purpose: 'switchover', from, to, because }
  return makePlan(serviceDefinition(service, fencing), nothingKnown(isDead ? to : from, resources), move, instructions)
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
