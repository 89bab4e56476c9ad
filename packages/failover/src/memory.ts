import { aheadOf, candidatesOf, successorOf, withoutLeader } from './candidates.ts'
import type { DecisionRules } from './decision.ts'
import { decisionDefaults } from './defaults.ts'
import type { Facts } from './facts.ts'
import type { Move } from './make-plan.ts'
import { reluctanceOf } from './room.ts'
import type { ServiceDefinition } from './service.ts'

/** What the engine remembers of one service from one look to the next. Lost with the process; nothing depends on that. */
export interface Memory {
  /** When the engine began, by the monotonic clock. */
  readonly startedMs: number
  /** Who held the lease last, and is not null. */
  readonly lastHolder: string | undefined
  /** When the service moved from one member to another, within the last hour. */
  readonly movesMs: readonly number[]
  /** Since when the lease could be taken. */
  readonly freeSinceMs: number | undefined
  /** Since when it could be taken, and a preferred member could take it. */
  readonly aheadSinceMs: number | undefined
  /** Since when it has been ours, and nobody else could take it over. */
  readonly aloneSinceMs: number | undefined
  /** Since when this node has been in maintenance. */
  readonly maintenanceSinceMs: number | undefined
  /** When this node last did not trust what it saw: what was heard until then may have waited for it, and be old. */
  readonly sickMs: number | undefined
  /** Since when it has been somebody else's. */
  readonly elsewhereSinceMs: number | undefined
  /** Since when the first member that precedes the active one has been well without a break. */
  readonly preferred: { readonly node: string; readonly sinceMs: number } | undefined
  readonly failures: Failures | undefined
}

/** Plans that failed one after the other. */
export interface Failures {
  readonly attempts: number
  /** How many of them failed for lack of this node's own resources. */
  readonly ownFaults: number
  /** What the last one was. */
  readonly move: PlanEnd['move']
  /** When the last one failed, and when the next may begin. */
  readonly atMs: number
  readonly retryAtMs: number
  readonly because: string
}

const HOUR_MS = 3_600_000

export function initialMemory(startedMs: number): Memory {
  return {
    startedMs,
    lastHolder: undefined,
    movesMs: [],
    freeSinceMs: undefined,
    aheadSinceMs: undefined,
    aloneSinceMs: undefined,
    maintenanceSinceMs: undefined,
    sickMs: undefined,
    elsewhereSinceMs: undefined,
    preferred: undefined,
    failures: undefined,
  }
}

/** How a plan ended that this node had a part in. */
export interface PlanEnd {
  /** `guest` for a peer's plan. */
  readonly move: Move['type'] | 'guest'
  /** Why it failed; undefined when it did not. */
  readonly failed: string | undefined
  /** Whether it was this node's resources that could not be had. */
  readonly ownFault: boolean
  /** Whether it brought resources here. */
  readonly acquired: boolean
}

/** Failures are followed by ever longer pauses; those of this node's own speak against it as well. */
export function rememberEnd(memory: Memory, { move, failed, ownFault, acquired }: PlanEnd, atMs: number): Memory {
  // Letting go succeeds everywhere: what speaks against this node is taken back only by having had the resources.
  if (failed === undefined) return acquired || memory.failures?.ownFaults === 0 ? { ...memory, failures: undefined } : memory
  const attempts = (memory.failures?.attempts ?? 0) + 1
  const ownFaults = (memory.failures?.ownFaults ?? 0) + (ownFault ? 1 : 0)
  const pauseMs = Math.min(decisionDefaults.retryCapMs, decisionDefaults.retryBaseMs * 2 ** (attempts - 1))
  return { ...memory, failures: { attempts, ownFaults, move, atMs, retryAtMs: atMs + pauseMs, because: failed } }
}

/** Why a node is unfit, from the plans that failed on it; undefined while it is not. */
export function unfitness(memory: Memory, rules: Pick<DecisionRules, 'unfitAfter'>): string | undefined {
  const { failures } = memory
  if (!failures || failures.ownFaults < rules.unfitAfter) return undefined
  return `${failures.ownFaults} attempts in a row failed: ${failures.because}`
}

/** Takes in what has changed since the last look. */
export function remember(memory: Memory, service: ServiceDefinition, facts: Facts, atMs: number): Memory {
  const holder = facts.lease.state === 'held' ? facts.node : (facts.leaseHolder ?? undefined)
  const moved = holder !== undefined && memory.lastHolder !== undefined && holder !== memory.lastHolder
  const recent = memory.movesMs.filter((moveMs) => moveMs > atMs - HOUR_MS)
  return {
    ...memory,
    lastHolder: holder ?? memory.lastHolder,
    movesMs: moved ? [...recent, atMs] : recent,
    freeSinceMs: canBeTaken(facts) ? (memory.freeSinceMs ?? atMs) : undefined,
    aheadSinceMs: canBeTaken(facts) && aheadOf(service, facts).length > 0 ? (memory.aheadSinceMs ?? atMs) : undefined,
    aloneSinceMs: facts.lease.state === 'held' && isAlone(service, facts) ? (memory.aloneSinceMs ?? atMs) : undefined,
    maintenanceSinceMs: facts.maintenance === undefined ? undefined : (memory.maintenanceSinceMs ?? atMs),
    sickMs: facts.sick === undefined ? memory.sickMs : atMs,
    // Whoever stands still hears nobody: that time is no silence of the holder.
    elsewhereSinceMs: facts.lease.state === 'elsewhere' ? (facts.sick === undefined ? (memory.elsewhereSinceMs ?? atMs) : atMs) : undefined,
    failures: memory.failures && atMs < memory.failures.retryAtMs + decisionDefaults.forgetMs ? memory.failures : undefined,
    preferred: preferredWell(memory, service, facts, atMs),
  }
}

/** A name that has no record yet is free for certain only after it was watched for a while; taking it does that. */
export function canBeTaken({ lease, arbiterAnswers, leaseHolder }: Pick<Facts, 'lease' | 'arbiterAnswers' | 'leaseHolder'>): boolean {
  const hasNoRecord = lease.state === 'unknown' && arbiterAnswers && leaseHolder !== undefined
  return lease.state === 'free' || hasNoRecord
}

/** A service of one member never had anybody else; one that goes with another could go where that one goes. */
function isAlone(service: ServiceDefinition, facts: Facts): boolean {
  return service.members.length > 1 && successorOf(service, withoutLeader(facts)) === undefined
}

/** Only the active node asks, so that the time counts from when it saw the other one well. */
function preferredWell(memory: Memory, service: ServiceDefinition, facts: Facts, atMs: number): Memory['preferred'] {
  if (facts.lease.state !== 'held') return undefined
  const own = service.members.indexOf(facts.node)
  const well = candidatesOf(service, facts).find(({ node, eligible }) => {
    // Nobody would have moved it there.
    return eligible && service.members.indexOf(node) < own && reluctanceOf(facts, node) === undefined
  })
  if (!well) return undefined
  return memory.preferred?.node === well.node ? memory.preferred : { node: well.node, sinceMs: atMs }
}
