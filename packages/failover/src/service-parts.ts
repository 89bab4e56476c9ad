import type { Clock } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import type { DecisionRules } from './decision.ts'
import type { FailoverEvent } from './events.ts'
import type { Facts, NodeReport, OtherFacts } from './facts.ts'
import type { Instructions } from './make-plan.ts'
import type { FencePort, LeasePort } from './ports.ts'
import type { ServiceDefinition } from './service.ts'
import type { PerformAnswer, PerformRequest } from './wire.ts'

/** A service and what it is made of on this node. */
export interface ServiceParts {
  readonly definition: ServiceDefinition
  readonly lease: LeasePort
  /** In the order in which they are acquired. */
  readonly resources: readonly Resource[]
  readonly instructions: Instructions
  /** Whether the service has a check of its own; without one, it counts as up. */
  readonly hasCheck: boolean
}

/** What an engine needs of the node that it runs on. */
export interface ServiceHost {
  readonly node: string
  readonly clock: Clock
  readonly rules: DecisionRules
  /** What holds for the whole node at this moment. */
  readonly nodeFacts: () => Pick<Facts, 'sick' | 'hold' | 'maintenance' | 'peers' | 'reluctant' | 'leader'>
  /** Services that one has to do with, at this moment; undefined where it has to do with none. */
  readonly others?: (() => OtherFacts | undefined) | undefined
  readonly emit: (event: FailoverEvent) => void
  /** Something that peers should know has changed. */
  readonly changed: () => void
  /** Undefined where no service has fencing. */
  readonly fence: FencePort | undefined
  /** How long before the end of its right this node gives it up, in milliseconds; for services that have to be let go of. */
  readonly reserveMs: () => number
  /** Has another node say how it is, now. Rejects when it does not answer. */
  readonly askReport: (node: string, signal: AbortSignal) => Promise<NodeReport>
  /** Has a step done by another node. */
  readonly ask: (node: string, request: PerformRequest, signal: AbortSignal) => Promise<PerformAnswer>
}
