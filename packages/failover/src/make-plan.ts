import { assertNever, HotspareError } from '@hotspare/core'
import {
  checkPlan,
  type Instruction,
  type Plan,
  type PlanPurpose,
  type ResourceVerb,
  type Step,
  type StepAction,
} from '@hotspare/core/plan'
import { engineDefaults } from './defaults.ts'
import type { Facts } from './facts.ts'
import { nodesToFence } from './fencing.ts'
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
  /** How `node` makes sure that `target` can do nothing any more. Needed for services with fencing alone. */
  readonly fence?: ((target: string, node: string) => TimedInstruction) | undefined
}

/**
 * Spells a move out: the same steps for the executor, the runbook, a rehearsal and the simulator.
 *
 * @throws HotspareError `HOTSPARE_CORE_PLAN` when the instructions are incomplete
 */
export function makePlan(service: ServiceDefinition, facts: PlanFacts, move: Move, instructions: Instructions): Plan {
  const { node } = facts
  const ids = facts.resources.map(({ id }) => id)
  const plan = { service: service.name, purpose: move.purpose, because: move.because }
  const steps = (...drafts: readonly (readonly Draft[])[]) => drafts.flat().map((draft, index) => toStep(draft, index, instructions))
  const result: Plan = ((): Plan => {
    switch (move.type) {
      case 'complete': {
        const missing = facts.resources.filter(({ verdict }) => verdict.state !== 'held').map(({ id }) => id)
        return { ...plan, to: node, steps: steps(fence(node, nodesToFence(service, facts, { to: node })), acquire(node, missing)) }
      }
      case 'take': {
        const { from, to } = move
        const fenced = fence(to, nodesToFence(service, facts, { from, to }))
        return { ...plan, from, to, steps: steps([{ node: to, action: { type: 'take-lease' } }], fenced, acquire(to, ids)) }
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

/** What of the facts a plan depends on. */
export type PlanFacts = Pick<Facts, 'node' | 'resources'> & Partial<Pick<Facts, 'peers' | 'off' | 'cleared'>>

interface Draft {
  readonly node: string
  readonly action: StepAction
}

/** Who may be held twice for a moment is made before it is broken, so that no request finds nobody. */
function handOver(
  { onControlLoss, fencing }: ServiceDefinition,
  { from, to, purpose }: { readonly from: string; readonly to: string; readonly purpose: PlanPurpose },
  ids: readonly string[],
): readonly Draft[] {
  const prepare: Draft = { node: to, action: { type: 'prepare' } }
  const give: Draft = { node: from, action: { type: 'give-lease' } }
  const take: Draft = { node: to, action: { type: 'take-lease' } }
  // What does not answer here any more is not kept for the sake of its clients.
  // Whoever demands fencing wants one holder above all.
  const overlaps = onControlLoss === 'keep' && purpose !== 'failover' && fencing?.mode !== 'required'
  if (overlaps) return [prepare, give, take, ...acquire(to, ids), ...release(from, ids)]
  return [prepare, ...release(from, ids), give, take, ...acquire(to, ids)]
}

function acquire(node: string, ids: readonly string[]): readonly Draft[] {
  return ids.map((resource) => ({ node, action: { type: 'acquire', resource } }))
}

function fence(node: string, targets: readonly string[]): readonly Draft[] {
  return targets.map((target) => ({ node, action: { type: 'fence', target } }))
}

function release(node: string, ids: readonly string[]): readonly Draft[] {
  return ids.toReversed().map((resource) => ({ node, action: { type: 'release', resource } }))
}

function toStep({ node, action }: Draft, index: number, instructions: Instructions): Step {
  const about = 'resource' in action ? ` ${action.resource}` : 'target' in action ? ` ${action.target}` : ''
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
    case 'fence':
      return fenceInstruction(action.target, node, instructions)
    case 'acquire':
    case 'release':
      return instructions.resource(action.resource, action.type, node)
    default:
      return assertNever(action)
  }
}

/** Before its power is taken, a member is asked, and given time to let go. */
function fenceInstruction(target: string, node: string, instructions: Instructions): TimedInstruction {
  const told = instructions.fence?.(target, node)
  if (told) return { ...told, allowedMs: told.allowedMs + engineDefaults.consentMs + 2 * engineDefaults.reportTimeoutMs }
  throw new HotspareError({ code: 'HOTSPARE_CORE_PLAN', message: `plan: how ${target} is fenced is not said` })
}
