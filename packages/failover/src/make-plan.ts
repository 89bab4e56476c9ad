import { assertNever } from '@hotspare/core'
import {
  checkPlan,
  type Instruction,
  type Plan,
  type PlanPurpose,
  type ResourceVerb,
  type Step,
  type StepAction,
} from '@hotspare/core/plan'
import type { Facts } from './facts.ts'
import type { ServiceDefinition } from './service.ts'

/** What is to happen to a service, before it is spelled out as steps. */
export type Move =
  /** The right is ours, and something is missing. */
  | { readonly type: 'complete'; readonly purpose: 'repair'; readonly because: string }
  /** The right can be had: take it and bring the resources. */
  | {
      readonly type: 'take'
      readonly purpose: 'start' | 'failover'
      readonly from?: string | undefined
      readonly to: string
      readonly because: string
    }
  | {
      readonly type: 'hand-over'
      readonly purpose: 'failover' | 'switchover' | 'failback'
      readonly from: string
      readonly to: string
      readonly because: string
    }
  /** Resources are here and the right is not. */
  | { readonly type: 'let-go'; readonly purpose: 'release'; readonly because: string }

/** An instruction with the time that it may take, and took, in milliseconds. */
export interface TimedInstruction extends Instruction {
  readonly allowedMs: number
  readonly tookMs?: number | undefined
}

/** Every step in words and commands, for any node. Pure: the same on every node. */
export interface Instructions {
  prepare(node: string): TimedInstruction
  lease(verb: 'take' | 'give', node: string): TimedInstruction
  resource(id: string, verb: ResourceVerb, node: string): TimedInstruction
}

/**
 * Spells a move out: the same steps for the executor, the runbook, a rehearsal and the simulator.
 *
 * @throws HotspareError `HOTSPARE_CORE_PLAN` when the instructions are incomplete
 */
export function makePlan(
  service: ServiceDefinition,
  facts: Pick<Facts, 'node' | 'resources'>,
  move: Move,
  instructions: Instructions,
): Plan {
  const { node } = facts
  const ids = facts.resources.map(({ id }) => id)
  const plan = { service: service.name, purpose: move.purpose, because: move.because }
  const steps = (...drafts: readonly (readonly Draft[])[]) => drafts.flat().map((draft, index) => toStep(draft, index, instructions))
  const result: Plan = ((): Plan => {
    switch (move.type) {
      case 'complete': {
        const missing = facts.resources.filter(({ verdict }) => verdict.state !== 'held').map(({ id }) => id)
        return { ...plan, to: node, steps: steps(acquire(node, missing)) }
      }
      case 'take': {
        const { from, to } = move
        return { ...plan, from, to, steps: steps([{ node: to, action: { type: 'take-lease' } }], acquire(to, ids)) }
      }
      case 'hand-over':
        return { ...plan, from: move.from, to: move.to, steps: steps(handOver(service, move, ids)) }
      case 'let-go':
        return { ...plan, from: node, steps: steps(release(node, ids)) }
      default:
        return assertNever(move)
    }
  })()
  checkPlan(result)
  return result
}

interface Draft {
  readonly node: string
  readonly action: StepAction
}

/** Who may be held twice for a moment is made before it is broken, so that no request finds nobody. */
function handOver(
  { onControlLoss }: ServiceDefinition,
  { from, to, purpose }: { readonly from: string; readonly to: string; readonly purpose: PlanPurpose },
  ids: readonly string[],
): readonly Draft[] {
  const prepare: Draft = { node: to, action: { type: 'prepare' } }
  const give: Draft = { node: from, action: { type: 'give-lease' } }
  const take: Draft = { node: to, action: { type: 'take-lease' } }
  // What does not answer here any more is not kept for the sake of its clients.
  const overlaps = onControlLoss === 'keep' && purpose !== 'failover'
  if (overlaps) return [prepare, give, take, ...acquire(to, ids), ...release(from, ids)]
  return [prepare, ...release(from, ids), give, take, ...acquire(to, ids)]
}

function acquire(node: string, ids: readonly string[]): readonly Draft[] {
  return ids.map((resource) => ({ node, action: { type: 'acquire', resource } }))
}

function release(node: string, ids: readonly string[]): readonly Draft[] {
  return ids.toReversed().map((resource) => ({ node, action: { type: 'release', resource } }))
}

function toStep({ node, action }: Draft, index: number, instructions: Instructions): Step {
  const about = 'resource' in action ? ` ${action.resource}` : ''
  return { id: `${index + 1} ${action.type}${about} on ${node}`, node, action, ...instructionFor(node, action, instructions) }
}

function instructionFor(node: string, action: StepAction, instructions: Instructions): TimedInstruction {
  switch (action.type) {
    case 'prepare':
      return instructions.prepare(node)
    case 'take-lease':
      return instructions.lease('take', node)
    case 'give-lease':
      return instructions.lease('give', node)
    case 'acquire':
    case 'release':
      return instructions.resource(action.resource, action.type, node)
    default:
      return assertNever(action)
  }
}
