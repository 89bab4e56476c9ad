import type { Facts } from './facts.ts'
import type { Move } from './make-plan.ts'
import type { Memory } from './memory.ts'
import type { ServiceDefinition } from './service.ts'

/** Limits of the decisions. */
export interface DecisionRules {
  /** After the start, peers that were not heard yet are waited for, for so long. */
  readonly settleMs: number
  /** How long each eligible member that is preferred to us may take before we go. */
  readonly staggerMs: number
  /** How long nobody could take over before people are told. */
  readonly aloneMs: number
  /** Failed plans in a row after which a node is unfit for the service. */
  readonly unfitAfter: number
  /** How long what is kept stays where it is while the right is with a node that is not heard. */
  readonly yieldMs: number
}

/** Whether machines may act by themselves, and why not. */
export interface Automation {
  readonly state: 'on' | 'off'
  readonly because: string
  /** Who has switched it off; undefined while it is on. */
  readonly cause?: 'people' | 'disagreement' | undefined
}

/** What is done now, and why; or why nothing is. */
export interface Decision {
  readonly automation: Automation
  readonly because: string
  readonly move?: Move | undefined
  /** People should know: something is not as it should be, and the engine does not mend it. */
  readonly concern?: string | undefined
}

/** What a decision is made from. */
export interface Situation {
  readonly service: ServiceDefinition
  readonly facts: Facts
  readonly memory: Memory
  readonly atMs: number
  readonly rules: DecisionRules
}

/** Adds to a decision what holds for all of them. */
export type Decided = (because: string, rest?: Partial<Decision>) => Decision
